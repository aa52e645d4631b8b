"""Checklists: the shipped spreadsheet imported by each department, and published (R01)."""

import datetime as dt
from typing import Any

from app.demo.cast import EXTRA
from app.demo.checklist_rows import FILE, UNITS
from app.demo.driver import Answer, in_turns
from app.demo.stage import Year
from app.demo.world import SIDES
from app.domain.actor import Role

_ITEMS = {code: items for code, _, items in UNITS}


async def import_checklists(year: Year) -> None:
    """Each clerk hands in the same file and keeps what is of their own department."""
    await in_turns(_import_own(year, side.code) for side in SIDES)
    if year.extra_checklist is not None:
        await _import_extra(year)


async def _import_own(year: Year, code: str) -> None:
    clerk = year.person(code, Role.DEPT_CLERK)
    data = FILE.read_bytes()
    tried = (await clerk.upload("checklist-items/import?dry_run=true", FILE.name, data)).body
    done = (await clerk.upload("checklist-items/import", FILE.name, data)).body
    expected = len(_ITEMS[code])
    others = {one["code"] for one in done["rejected"]}
    year.expect(
        f"checklist-imported-{code}",
        tried["created"] == done["created"] == expected
        and others <= {"issued-by-other-department"},
        f"{done['created']} of {expected} items, rows of other departments left to them",
    )
    year.made("checklist_items", done["created"])


async def _import_extra(year: Year) -> None:
    """Another list: every item taken, or the exact rows that could not be and why."""
    assert year.extra_checklist is not None
    clerk = year.person(EXTRA, Role.DEPT_CLERK)
    data = year.extra_checklist.read_bytes()
    done = (await clerk.upload("checklist-items/import", year.extra_checklist.name, data)).body
    taken = await _all_items(year, EXTRA)
    year.made("checklist_items", done["created"])
    year.checklist_import = {
        "file": year.extra_checklist.name,
        "sha256": done["sha256"],
        "department": EXTRA,
        "rows": done["rows"],
        "created": done["created"],
        "duplicate_rows": done["duplicate_rows"],
        "rejected_rows": done["rejected_rows"],
        "duplicates": done["duplicates"],
        "rejected": done["rejected"],
        "warnings": _by_code(done["warnings"]),
        "taken": [
            {"code": one["code"], "category": one["category"], "name": one["name"]} for one in taken
        ],
    }
    reasons = all(one["row"] and one["code"] and one["zh"] for one in done["rejected"])
    listed = len({one["row"] for one in done["rejected"]}) == done["rejected_rows"]
    year.expect(
        "extra-checklist-accounted-for",
        done["created"] == len(taken) and reasons and listed and not done["truncated"],
        f"{done['created']} items taken, {done['rejected_rows']} rows refused with reasons",
    )
    again = (await clerk.upload("checklist-items/import", year.extra_checklist.name, data)).body
    year.expect(
        "extra-checklist-twice-changes-nothing", again["created"] == 0, f"{again['created']} new"
    )


def _by_code(verdicts: list[dict[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in verdicts:
        found[one["code"]] = found.get(one["code"], 0) + 1
    return found


async def _all_items(year: Year, code: str) -> list[dict[str, Any]]:
    clerk = year.person(code, Role.DEPT_CLERK)
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = (await clerk.get(f"checklist-items?limit=1000{cursor}")).body
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = f"&cursor={page['next_cursor']}"


async def publish_checklists(year: Year) -> None:
    """Both facts of R01 by the department's leader; the public reads the list at once."""
    await _refusals(year)
    await in_turns(_publish(year, side.code, 1) for side in SIDES)


async def _publish(year: Year, code: str, number: int) -> None:
    leader = year.person(code, Role.DEPT_LEADER)
    today = year.line.now().date()
    version = await leader.post(
        "checklist-versions",
        {
            "platform_receipt_no": f"XT-{today.year}-{code}-{number}",
            "platform_published_on": (today - dt.timedelta(days=1)).isoformat(),
            "site_url": f"https://www.example.gov.cn/{code.lower()}/qingdan-{today.year}.html",
            "site_published_on": (today - dt.timedelta(days=1)).isoformat(),
        },
    )
    year.made("checklist_versions")
    live = [one for one in await _all_items(year, code) if one["status"] != "retired"]
    year.items[code] = live
    shown = await year.line.read(f"public/checklist-versions/{version.body['id']}")
    year.expect(
        f"checklist-{code}-v{version.body['number']}-is-public",
        version.body["number"] == number and len(shown.body["items"]) == len(live),
        f"{len(shown.body['items'])} items",
    )


async def _refusals(year: Year) -> None:
    """An item without legal basis keeps the whole list from being published."""
    clerk = year.person("SCJG", Role.DEPT_CLERK)
    made = await clerk.post(
        "checklist-items",
        {
            "category": "登记事项检查",
            "name": "没有依据的检查",
            "item_class": "general",
            "objects": "企业",
            "methods": ["onsite"],
        },
    )
    leader = year.person("SCJG", Role.DEPT_LEADER)
    day = (year.line.now().date() - dt.timedelta(days=1)).isoformat()
    refused = await leader.attempt(
        "POST",
        "checklist-versions",
        {
            "platform_receipt_no": "XT-0",
            "platform_published_on": day,
            "site_url": "https://www.example.gov.cn/qingdan.html",
            "site_published_on": day,
        },
    )
    year.expect(
        "no-item-without-legal-basis-is-published",
        refused.code == "checklist-not-ready",
        refused.code,
    )
    path = f"checklist-items/{made.body['id']}"
    stale = await clerk.attempt("PATCH", path, {"item_class": "key"}, '"999"')
    year.expect("stale-etag-is-412", stale.status == 412, f"{stale.status} {stale.code}")
    await clerk.post(f"{path}/retire", {"reason": "没有依据,不得列入清单"}, etag=made.etag)
    year.made("checklist_items")


async def renew_checklist(year: Year) -> None:
    """An item changes: it is a draft until the next version of the list is published."""
    clerk = year.person("SCJG", Role.DEPT_CLERK)
    item = year.items["SCJG"][0]
    seen: Answer = await clerk.get(f"checklist-items/{item['id']}")
    changed = await clerk.patch(
        f"checklist-items/{item['id']}", {"risk_level": "medium"}, etag=seen.etag
    )
    year.expect(
        "a-changed-item-is-a-draft", changed.body["status"] == "draft", changed.body["status"]
    )
    await _publish(year, "SCJG", 2)
