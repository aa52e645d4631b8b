"""The stand-alone verifiers, run as programs of their own on what the service has published."""

import asyncio
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.demo.driver import in_turns
from app.demo.stage import DrawStory, Year

VERIFIERS = Path(__file__).resolve().parent.parent.parent / "verifier"
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verifier said."""

    exit_code: int
    text: str

    @property
    def ok(self) -> bool:
        """All checks hold, and none was left out."""
        return self.exit_code == 0 and "UNVERIFIED" not in self.text

    @property
    def last_lines(self) -> str:
        """The end of it, for a report."""
        return " | ".join(self.text.strip().splitlines()[-3:])


def _run(script: str, *arguments: str) -> Verdict:
    done = subprocess.run(  # noqa: S603  our own script with an argument list
        [sys.executable, str(VERIFIERS / script), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_LONGEST,
        check=False,
    )
    return Verdict(done.returncode, done.stdout + done.stderr)


async def verify_draws(year: Year) -> None:
    """Each locked draw, with both hashes that its witnesses noted before the outcome was known."""
    locked = [story for story in year.draws if not story.annulled]
    year.progress.expect(len(locked))
    with tempfile.TemporaryDirectory(prefix="sunlot-draws-") as folder:
        for story in locked:
            _bundle(folder, story).write_bytes(story.bundle)
        verdicts = await in_turns((_verify(year, folder, story) for story in locked), at_once=2)
        other = await asyncio.to_thread(
            _run, "verify_draw.py", "--manifest-sha256", "0" * 64, str(_bundle(folder, locked[0]))
        )
    failed = [
        f"{story.draw_no}: {verdict.last_lines}"
        for story, verdict in zip(locked, verdicts, strict=True)
        if not verdict.ok
    ]
    year.draws_verified = len(locked) - len(failed)
    year.expect(
        "every-draw-is-verified-with-the-noted-hashes",
        locked and not failed,
        failed or f"{len(locked)} draws",
    )
    year.expect("another-manifest-hash-fails", other.exit_code == 1, other.exit_code)


async def _verify(year: Year, folder: str, story: DrawStory) -> Verdict:
    verdict = await asyncio.to_thread(
        _run,
        "verify_draw.py",
        "--manifest-sha256",
        story.manifest_sha256,
        "--commits-sha256",
        story.commits_sha256,
        str(_bundle(folder, story)),
    )
    year.progress.advance()
    return verdict


def _bundle(folder: str, story: DrawStory) -> Path:
    return Path(folder) / f"{story.draw_no}.json"


def verify_audit(export: Path, anchors: Path) -> Verdict:
    """The exported chains against the heads that left the database while it ran."""
    return _run("verify_audit.py", str(export), "--anchors", str(anchors))
