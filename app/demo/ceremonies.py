"""Draws, with what each party does and notes: DRAW s.2, seen from outside of the service.

The witnesses compute their commitments and both published hashes themselves, share no code with
the service, and note the hashes before the step that these protect.
"""

import asyncio
import datetime as dt
import hashlib
import json
import secrets
import time
from collections.abc import Sequence
from typing import Any

from app.demo.cast import WITNESSES
from app.demo.driver import Answer, in_turns
from app.demo.stage import DrawStory, TaskStory, Year, shanghai
from app.domain.actor import Role

_PATIENCE = 60.0
_PAUSE = 0.1


def commitment(manifest_sha256: str, who: str, value: str) -> str:
    """H("draw-v1/contribution" LF manifest_sha LF who LF value)."""
    text = f"draw-v1/contribution\n{manifest_sha256}\n{who}\n{value}"
    return hashlib.sha256(text.encode()).hexdigest()


def commits_hash(commits: dict[str, str]) -> str:
    """H of {who: commitment, …} in RFC 8785 form; the codes are ASCII, so sorting is enough."""
    text = json.dumps(commits, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _value() -> str:
    """Three throws of a die and 128 random bits."""
    dice = "-".join(str(secrets.randbelow(6) + 1) for _ in range(3))
    return f"{dice}.{secrets.token_hex(16)}"


async def draw_all(year: Year, day: dt.date, tasks: Sequence[TaskStory]) -> None:
    """All draws of a day: frozen in the morning, open by five, locked by the worker."""
    close_at = shanghai(day, 17)
    year.progress.expect(len(tasks) * 2)
    stories = await in_turns(_hold(year, task, close_at) for task in tasks)
    await year.steer(close_at + dt.timedelta(seconds=2))
    await in_turns(_await(year, story, "locked") for story in stories)
    await in_turns(_outcome(year, story) for story in stories)
    again = await year.person(stories[0].department, Role.DEPT_CLERK).attempt(
        "POST", f"draws/{stories[0].draw_id}/reveal"
    )
    year.expect(f"no-second-reveal-{day}", again.code == "draw-already-revealed", again.code)


async def _hold(year: Year, task: TaskStory, close_at: dt.datetime) -> DrawStory:
    story = await _frozen(year, task, close_at)
    await _commit(year, story)
    for code in story.contributors:
        await _open(year, story, code)
    year.progress.advance()
    return story


async def _frozen(year: Year, task: TaskStory, close_at: dt.datetime) -> DrawStory:
    """Freeze and publish; the witnesses note the manifest's hash from the public page."""
    clerk = year.person(task.department, Role.DEPT_CLERK)
    first = len(year.draws) % len(WITNESSES)
    pair = sorted((WITNESSES[first], WITNESSES[(first + 1) % len(WITNESSES)]))
    frozen = await clerk.post(
        f"plan-tasks/{task.task_id}/draws",
        {
            "contributors": pair,
            "close_at": close_at.isoformat(),
            "public_source": "两个见证单位各掷骰子三次,附随机数",
            "quota_note": "对象数量很少的风险类别全部抽取或者本次不抽",
        },
    )
    draw_id = frozen.body["id"]
    await clerk.post(f"draws/{draw_id}/publish", etag=frozen.etag)
    shown = (await year.line.read(f"public/draws/{frozen.body['draw_no']}")).body
    own = hashlib.sha256(shown["manifest"].encode()).hexdigest()
    story = DrawStory(
        department=task.department,
        draw_id=draw_id,
        draw_no=frozen.body["draw_no"],
        task_id=task.task_id,
        contributors=(pair[0], pair[1]),
        manifest_sha256=own,
    )
    if own != shown["manifest_sha256"]:
        year.expect(f"manifest-hash-{story.draw_no}", ok=False, detail=own)
    year.draws.append(story)
    year.made("draws")
    return story


async def _commit(year: Year, story: DrawStory) -> None:
    """Both commit; then each knows, before opening, the hash of all commitments."""
    for code in story.contributors:
        story.values[code] = _value()
        made = commitment(story.manifest_sha256, code, story.values[code])
        story.commitments[code] = made
        answer = await year.person(code, Role.WITNESS).post(
            f"draws/{story.draw_id}/commitments", {"commitment": made}
        )
        if year.first("an opening too early"):
            await _early(year, story, code)
    story.commits_sha256 = commits_hash(story.commitments)
    if answer.body["commits_sha256"] != story.commits_sha256:
        year.expect(f"commits-hash-{story.draw_no}", ok=False, detail=story.commits_sha256)


async def _early(year: Year, story: DrawStory, code: str) -> None:
    answer = await year.person(code, Role.WITNESS).attempt(
        "POST", f"draws/{story.draw_id}/openings", {"value": story.values[code]}
    )
    year.expect(
        "nobody-opens-before-all-have-committed",
        answer.code == "commitments-incomplete",
        answer.code,
    )


async def _open(year: Year, story: DrawStory, code: str) -> Answer:
    return await year.person(code, Role.WITNESS).post(
        f"draws/{story.draw_id}/openings", {"value": story.values[code]}
    )


async def _await(year: Year, story: DrawStory, status: str) -> dict[str, Any]:
    """Nobody decides any more: wait for the worker."""
    clerk = year.person(story.department, Role.DEPT_CLERK)
    deadline = time.monotonic() + _PATIENCE
    while True:
        draw = (await clerk.get(f"draws/{story.draw_id}")).body
        if draw["status"] == status:
            return dict(draw)
        if time.monotonic() > deadline:
            raise TimeoutError(f"{story.draw_no} is {draw['status']}, not {status}")
        await asyncio.sleep(_PAUSE)


async def _outcome(year: Year, story: DrawStory) -> None:
    """The public proof, kept for the verifier; winners and who was left out of the pool."""
    answer = await year.line.read(f"public/draws/{story.draw_no}/bundle")
    story.bundle, bundle = answer.content, answer.body
    story.winners = [code for row in bundle["selected"].values() for _, code in row]
    story.excluded = dict(line.split("\t") for line in bundle["excluded"].splitlines())
    story.officers_excluded = dict(
        line.split("\t") for line in bundle["officers_excluded"].splitlines()
    )
    story.recusals = len(bundle["recusals"].splitlines())
    story.quota = sum(bundle["manifest"]["quota"].values())
    year.expect(
        f"draw-{story.draw_no}-gave-its-quota",
        len(story.winners) == story.quota and not bundle["unstaffable"],
        f"{len(story.winners)} of {story.quota}, unstaffable {bundle['unstaffable']}",
    )
    year.progress.advance()


async def draw_in_vain(year: Year, day: dt.date, task: TaskStory) -> None:
    """A contributor commits and does not open: the draw is annulled by name, in public."""
    close_at = shanghai(day, 17)
    story = await _frozen(year, task, close_at)
    await _commit(year, story)
    await _open(year, story, story.contributors[0])
    await year.steer(close_at + dt.timedelta(seconds=2))
    draw = await _await(year, story, "annulled")
    story.annulled = True
    year.expect(
        "who-does-not-open-is-named",
        draw["annulment"]["contributors"] == [story.contributors[1]],
        f"{story.draw_no}: {draw['annulment']}",
    )


async def check_succession(year: Year) -> None:
    """The next draw of the task names the annulled one, and both stay public."""
    void = next(story for story in year.draws if story.annulled)
    heir = next(one for one in year.draws if one.task_id == void.task_id and not one.annulled)
    shown = (await year.line.read(f"public/draws/{heir.draw_no}")).body
    supersedes = json.loads(shown["manifest"])["supersedes"]
    still = (await year.line.read(f"public/draws/{void.draw_no}")).body
    year.expect(
        "the-next-draw-supersedes-the-annulled-one",
        supersedes == void.draw_no and still["status"] == "annulled",
        f"{heir.draw_no} supersedes {supersedes}",
    )
