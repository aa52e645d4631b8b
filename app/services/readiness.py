"""Readiness: what stands in the way of a lawful draw, per department and for the region (F09)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain import readiness as rules
from app.domain.actor import Actor
from app.domain.calendar import shanghai_date
from app.domain.certificates import qualified_tags
from app.domain.eligibility import ItemFacts, officer_exclusion
from app.domain.errors import RuleError
from app.domain.guidelines import PARTS
from app.domain.lifecycle import GuidelineStatus, ItemStatus
from app.domain.officer_library import EXPIRING_DAYS
from app.domain.readiness import Finding
from app.domain.refusals import general
from app.models.guideline import Guideline
from app.models.organisation import Department
from app.services.certificate_warnings import warned
from app.services.headcounts import coverage_of
from app.services.officers import start_of_year
from app.services.runtime import Runtime
from app.storage import draw_pool, readiness
from app.storage.draw_pool import OfficerRow
from app.storage.engine import Reading
from app.storage.readiness import ItemRow


@dataclass(frozen=True, slots=True)
class DepartmentReadiness:
    """A department with everything that was found."""

    department: Department
    findings: Sequence[Finding]


class ReadinessService:
    """Use cases of readiness; nothing is stored, everything is as of now."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def of(self, actor: Actor, department_code: str) -> tuple[dt.date, DepartmentReadiness]:
        """One department in the caller's scope; not-found where it is none, or inspects nothing."""
        today, found = await self.overview(actor, department_code)
        # Who reads several regions means the own one's, where two have a unit of this code.
        near = [one for one in found if one.department.region_code == actor.region_code]
        if len(near or found) != 1:
            raise RuleError(general.NOT_FOUND)
        return today, (near or found)[0]

    async def overview(
        self, actor: Actor, department_code: str | None = None
    ) -> tuple[dt.date, Sequence[DepartmentReadiness]]:
        """Every department in the caller's scope that inspects."""
        today = shanghai_date(self._db.clock.now())
        async with self._db.reading() as session:
            return today, await _found(session, actor, today, department_code)


async def _found(
    session: Reading, actor: Actor, today: dt.date, department_code: str | None
) -> list[DepartmentReadiness]:
    """A fixed number of statements, whatever the number of departments."""
    covered = await coverage_of(session, actor, today, department_code)
    ids = [one.department.id for one in covered]
    versions = await readiness.versions_in_force(session, ids)
    items = readiness.grouped(await readiness.live_items(session, ids, list(versions.values())))
    pools = await readiness.pools(session, ids)
    officers = await draw_pool.officer_rows(session, ids, start_of_year(today))
    written = readiness.grouped(await readiness.guidelines(session, ids))
    expiring = await _expiring(session, actor, today, department_code)
    found = []
    for one in covered:
        unit = one.department
        own = written.get(unit.id, [])
        facts = rules.DepartmentFacts(
            code=unit.code,
            has_version=unit.id in versions,
            items=[_item(row) for row in items.get(unit.id, [])],
            pools=pools.get(unit.id, {}),
            officers=_officers(officers, unit.id, today),
            guidelines=[
                rules.ReadyGuideline(
                    guideline.kind,
                    frozenset(guideline.item_codes),
                    frozenset(guideline.risk_levels),
                )
                for guideline in own
                if guideline.status is GuidelineStatus.ACTIVE
            ],
            drafts=[_draft(draft) for draft in own if draft.status is GuidelineStatus.DRAFT],
            expiring=expiring.get(unit.code, 0),
            coverage=one.coverage,
        )
        found.append(DepartmentReadiness(unit, rules.findings(facts)))
    return found


async def _expiring(
    session: Reading, actor: Actor, today: dt.date, department_code: str | None
) -> Mapping[str, int]:
    """Officers with something to renew, by the code of the department."""
    counted: dict[str, int] = {}
    for one in await warned(session, actor, today, EXPIRING_DAYS, department_code):
        counted[one.department_code] = counted.get(one.department_code, 0) + 1
    return counted


def _item(row: ItemRow) -> rules.ReadyItem:
    name, category, object_tags, qualifications, risk_level = row.published or row.working
    return rules.ReadyItem(
        id=str(row.id),
        facts=ItemFacts(row.code, name, category, frozenset(qualifications)),
        object_tags=frozenset(object_tags),
        unpublished=row.published is None or row.status is ItemStatus.DRAFT,
        risk_level=risk_level,
    )


def _officers(
    rows: Sequence[OfficerRow], department_id: UUID, today: dt.date
) -> list[rules.ReadyOfficer]:
    """Who is on duty with a certificate today; who is absent today will be back."""
    found = []
    for row in rows:
        officer = row.officer
        if officer.department_id != department_id:
            continue
        facts = row.facts
        if officer_exclusion(facts, (), today, today) not in {None, "ABSENT"}:
            continue
        tags = qualified_tags(facts.tags, facts.certificates, today, today)
        found.append(rules.ReadyOfficer(tags, facts.item_scopes, officer.leader_eligible))
    return found


def _draft(draft: Guideline) -> rules.GuidelineDraft:
    parts = {part: getattr(draft, part) for part in PARTS}
    return rules.GuidelineDraft(str(draft.id), draft.code, draft.title, rules.missing_parts(parts))
