"""A whole draw over HTTP on a pool of 30,000 objects: the seconds of each step, median of five.

    python bench/draw_over_http.py [--objects 30000] [--winners 900] [--rounds 5] [--json FILE]

The service runs in a process of its own on a throw-away PostgreSQL, without its worker, which
would reveal before we do. Objects and officers come in by the import endpoints. Each round draws
for another task of one plan from the same library; round 0 warms up and is not counted. At the end
the stand-alone verifier checks the last bundle, with the hashes that were noted before the reveal.
"""

import argparse
import asyncio
import csv
import datetime as dt
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.demo.ceremonies import commitment
from app.demo.checklist_rows import FILE as CHECKLIST
from app.demo.driver import Line, Person
from app.demo.throwaway import throwaway_service
from app.demo.world import ISSUER, OBJECT_HEADERS, OFFICER_HEADERS, REGION, townships
from app.domain.credit_code import check_character, organisation_check_character

VERIFIER = Path(__file__).resolve().parent.parent / "verifier" / "verify_draw.py"
STEPS = (
    "freeze", "publish", "commit", "open", "reveal", "read the draw", "public page", "bundle",
)  # fmt: skip
OFFICERS = 60
RISKS = ("A类", "A类", "A类", "B类", "B类", "B类", "C类", "C类", "D类", "未分类")
EVERYONE = {
    "clerk": ("SCJG", "dept_clerk"), "leader": ("SCJG", "dept_leader"),
    "JWJW": ("JWJW", "witness"), "SFJ": ("SFJ", "witness"),
}  # fmt: skip


def objects_csv(count: int) -> bytes:
    """Synthetic firms in the columns of the clerk's sheet."""
    towns = townships()
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(OBJECT_HEADERS)
    for number in range(1, count + 1):
        body = f"{number:08d}"
        stem = "91" + REGION + body + organisation_check_character(body)
        area, town = towns[number % len(towns)]
        rows.writerow((
            stem + check_character(stem), f"奈曼旗试验{number:05d}商贸有限公司", "企业",
            f"奈曼旗{town}试验路{number}号", area, "存续", RISKS[number % len(RISKS)], "F",
            "食品经营", None,
        ))  # fmt: skip
    return out.getvalue().encode()


def officers_csv() -> bytes:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(OFFICER_HEADERS)
    for number in range(1, OFFICERS + 1):
        rows.writerow((
            f"SCJG-{number:03d}", f"执法员甲{number:02d}", "执法人员", f"SY-{number:04d}", ISSUER,
            "2030-12-31", "食品经营", "是" if number % 3 else "否", None, "在岗",
        ))  # fmt: skip
    return out.getvalue().encode()


class Bench:
    """One service, its people, and the seconds of what they ask for."""

    def __init__(self, line: Line, admin: Person) -> None:
        self.line, self.admin = line, admin
        self.people: dict[str, Person] = {}
        self.seconds: dict[str, list[float]] = {}
        self.sizes: dict[str, int] = {}

    async def prepare(self, objects: int, winners: int, rounds: int) -> list[str]:
        """Accounts, list, libraries and a published plan; the ids of its tasks."""
        self.line.told(dt.datetime.fromisoformat((await self.admin.get("me")).body["now"]))
        for name, (department, role) in EVERYONE.items():
            body = {
                "username": f"bench.{name.lower()}", "display_name": "bench", "role": role,
                "department_code": department, "region_code": REGION,
            }  # fmt: skip
            made = (await self.admin.post("accounts", body)).body
            self.people[name] = Person(
                self.line, made["username"], made["one_time_password"], role, department
            )
        clerk, leader = self.people["clerk"], self.people["leader"]
        await clerk.upload("checklist-items/import", "list.xlsx", CHECKLIST.read_bytes())
        day = (self.line.now().date() - dt.timedelta(days=1)).isoformat()
        await leader.post("checklist-versions", {
            "platform_receipt_no": "XT-1", "platform_published_on": day,
            "site_url": "https://www.example.gov.cn/list.html", "site_published_on": day,
        })  # fmt: skip
        started = time.perf_counter()
        done = await clerk.upload("inspection-objects/import", "o.csv", objects_csv(objects))
        print(f"import of {objects:,} objects: {time.perf_counter() - started:.1f} s", flush=True)
        assert done.body["created"] == objects, done.body
        done = await clerk.upload("officers/import", "officers.csv", officers_csv())
        assert done.body["created"] == OFFICERS, done.body
        return await self._plan(winners, rounds)

    async def _plan(self, winners: int, rounds: int) -> list[str]:
        clerk, leader = self.people["clerk"], self.people["leader"]
        items = (await clerk.get("checklist-items?limit=1000")).body["items"]
        onsite = [item["id"] for item in items if "onsite" in item["methods"]][:3]
        plan = await clerk.post("plans", {"year": 2022, "name": "2022年度随机抽查工作计划"})
        path = f"plans/{plan.body['id']}"
        weights = {"A": 1, "B": 2, "C": 4, "D": 8, "UNRATED": 2}
        for number in range(rounds):
            plan = await clerk.post(f"{path}/tasks", {
                "name": f"食品经营单位抽查{number}", "item_ids": onsite, "kinds": ["enterprise"],
                "tags": ["食品经营"], "reserve": 20, "methods": ["onsite"], "members": 2,
                "quota_rule": {"method": "total", "total": winners, "weight": weights},
                "period_from": "2022-01-01", "period_to": "2022-12-31", "lead": True,
                "officer_cap": winners * 2 // OFFICERS + 10, "visit_cap": 2,
            }, etag=plan.etag)  # fmt: skip
        plan = await clerk.post(f"{path}/submit", etag=plan.etag)
        plan = await leader.post(f"{path}/approve", {"opinion": "同意"}, etag=plan.etag)
        shown = {"platform_receipt_no": "NMG-1", "site_url": "https://www.example.gov.cn/p.html"}
        plan = await clerk.post(f"{path}/publish", shown, etag=plan.etag)
        return [task["id"] for task in plan.body["tasks"]]

    async def timed(self, step: str, who: Person | None, method: str, path: str, **given):
        """One request; signing in is not part of it."""
        if who is not None:
            await who.get("me")
        started = time.perf_counter()
        if who is None:
            answer = await self.line.read(path)
        else:
            answer = await who.attempt(method, path, given.get("body"), given.get("etag"))
        self.seconds.setdefault(step, []).append(time.perf_counter() - started)
        self.sizes[step] = len(answer.content)
        assert answer.status < 400, (step, answer.status, answer.body)
        return answer

    async def draw(self, task_id: str, number: int) -> tuple[bytes, str, str]:
        """One draw from freeze to bundle; the bundle and the two hashes that were noted."""
        clerk = self.people["clerk"]
        close_at = self.line.now() + dt.timedelta(hours=1)
        frozen = await self.timed("freeze", clerk, "POST", f"plan-tasks/{task_id}/draws", body={
            "contributors": ["JWJW", "SFJ"], "close_at": close_at.isoformat(),
            "public_source": "掷骰子", "quota_note": "比例高的类别可能全部抽取",
        })  # fmt: skip
        path = f"draws/{frozen.body['id']}"
        noted = frozen.body["manifest_sha256"]
        await self.timed("publish", clerk, "POST", f"{path}/publish", etag=frozen.etag)
        values = {who: f"{number}-{who}.{os.urandom(16).hex()}" for who in ("JWJW", "SFJ")}
        for who, value in values.items():
            body = {"commitment": commitment(noted, who, value)}
            await self.timed("commit", self.people[who], "POST", f"{path}/commitments", body=body)
        commits_sha256 = ""
        for who, value in values.items():
            body, person = {"value": value}, self.people[who]
            opened = await self.timed("open", person, "POST", f"{path}/openings", body=body)
            commits_sha256 = opened.body["commits_sha256"]
        later = (close_at + dt.timedelta(seconds=2)).isoformat()
        told = await self.admin.post("demo/clock", {"now": later})
        self.line.told(dt.datetime.fromisoformat(told.body["now"]))
        await self.timed("reveal", clerk, "POST", f"{path}/reveal")
        await self.timed("read the draw", clerk, "GET", path)
        public = f"public/draws/{frozen.body['draw_no']}"
        await self.timed("public page", None, "GET", public)
        bundle = await self.timed("bundle", None, "GET", f"{public}/bundle")
        return bundle.content, noted, commits_sha256


def verified(content: bytes, manifest_sha256: str, commits_sha256: str) -> bool:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(content)
        file.flush()
        noted = ("--manifest-sha256", manifest_sha256, "--commits-sha256", commits_sha256)
        command = [sys.executable, str(VERIFIER), *noted, file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout.strip().splitlines()[-1])
    return done.returncode == 0 and "UNVERIFIED" not in done.stdout


async def measured(service, given) -> tuple[Bench, bool]:
    line = Line(service.base_url)
    admin = Person(line, service.username, service.password, "sysadmin", None, one_time=False)
    bench = Bench(line, admin)
    tasks = await bench.prepare(given.objects, given.winners, given.rounds + 1)
    for number, task_id in enumerate(tasks):
        content, *noted = await bench.draw(task_id, number)
        if number == 0:
            bench.seconds.clear()
    selected = json.loads(content)["selected"]
    winners = sum(len(rows) for rows in selected.values())
    print(f"{winners:,} winners of {given.objects:,} objects, {given.rounds} rounds")
    await line.close()
    return bench, verified(content, *noted)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=30_000)
    parser.add_argument("--winners", type=int, default=900)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with throwaway_service(worker=False) as service:
        bench, ok = asyncio.run(measured(service, given))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'step':<14} {'median':>8} {'least':>8} {'most':>8}  answer")
    for step in STEPS:
        times = bench.seconds[step]
        print(
            f"{step:<14} {statistics.median(times):7.3f}s {min(times):7.3f}s {max(times):7.3f}s"
            f"  {bench.sizes[step] / 1024:,.0f} KiB"
        )
    both = [a + b for a, b in zip(bench.seconds["freeze"], bench.seconds["reveal"], strict=True)]
    print(f"freeze + reveal {statistics.median(both):.3f}s (at most {max(both):.3f}s)")
    if given.json:
        given.json.write_text(json.dumps(bench.seconds), encoding="utf-8")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
