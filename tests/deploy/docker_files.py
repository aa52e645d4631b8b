"""Reads Dockerfile and compose.yaml as an engine would, as far as ours go.

It executes a Dockerfile's instructions in a scratch folder, with the image's absolute paths moved
under it, and refuses an instruction it does not know: nothing in the file is passed over.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
IMAGE_PATHS = ("/opt/venv", "/build", "/srv/sunlot", "/var/lib/sunlot")
IMAGE_USER = "10001"


def instructions(text: str) -> list[tuple[str, str]]:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", "", lines)
    return [
        (word, rest.strip())
        for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())
    ]


@dataclass
class Image:
    """What is left of a Dockerfile when all its instructions have been carried out."""

    scratch: Path
    stages: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    workdir: Path = Path("/")
    user: str = "root"
    cmd: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    def moved(self, text: str) -> str:
        """The text with the image's folders under the scratch folder."""
        for path in IMAGE_PATHS:
            text = re.sub(rf"(?<![\w.]){re.escape(path)}\b", f"{self.scratch}{path}", text)
        return text

    def build(self, text: str) -> None:
        for word, rest in instructions(text):
            getattr(self, f"_{word.lower()}")(rest)

    def _from(self, rest: str) -> None:
        self.stages.append(rest)
        self.env, self.workdir, self.user = {}, self.scratch, "root"

    def _workdir(self, rest: str) -> None:
        self.workdir = Path(self.moved(rest))
        self.workdir.mkdir(parents=True, exist_ok=True)

    def _env(self, rest: str) -> None:
        self.env |= dict(pair.split("=", 1) for pair in self.moved(rest).split())

    def _copy(self, rest: str) -> None:
        *options, source, target = rest.split()
        if options:  # from another stage, which left it in the same scratch folder
            assert options == ["--from=build"]
            assert source == target
            assert Path(self.moved(source)).exists()
            return
        self.copied.append(source)
        place = self.workdir / target
        if (PROJECT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(PROJECT / source, place, ignore=ignored)
        else:
            shutil.copy(PROJECT / source, place)

    def _run(self, rest: str) -> None:
        command = self.moved(rest).replace(f"-o {IMAGE_USER}", f"-o {os.getuid()}")
        command = command.replace(f"-g {IMAGE_USER}", f"-g {os.getgid()}")
        # How to reach a package index is the builder's business, so the environment stays, less what
        # would show pip our own packages. The base image's `python` is the one that runs the tests.
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
        kept["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.workdir,
            env=kept | self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        self.ran.append(rest)

    def _user(self, rest: str) -> None:
        self.user = rest

    def _volume(self, rest: str) -> None:
        self.volumes.append(rest)

    def _expose(self, rest: str) -> None:
        assert rest == "8000"

    def _healthcheck(self, rest: str) -> None:
        self.healthcheck = json.loads(rest.partition("CMD ")[2])

    def _cmd(self, rest: str) -> None:
        self.cmd = json.loads(rest)


class Unset(Exception):
    """A variable that has no default is not set."""


def substituted(text: str, environment: dict[str, str]) -> str:
    """Compose's `${NAME:?why}` and `${NAME:-default}`."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if environment.get(name):
            return environment[name]
        if kind == ":-":
            return rest
        raise Unset(name)

    return re.sub(r"\$\{(\w+)(:[?-])([^}]*)\}", value, text)
