"""A team for a drawn object that the draw could not staff: assigned on record (DRAW s.3)."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from app.domain.actor import Actor
from app.domain.calendar import shanghai_date
from app.domain.eligibility import officer_exclusion
from app.domain.errors import FieldError, RuleError
from app.domain.refusals import experts as expert_refusals
from app.domain.refusals import inspections as refusals
from app.models.inspection import InspectionOfficer
from app.models.library import Officer
from app.services.inspections import InspectionView, lock_for
from app.services.runtime import Runtime
from app.storage import draw_pool, experts, inspections
from app.storage.inspections import Section
from app.storage.uow import UnitOfWork


class InspectionTeamService:
    """The one way to a team that was not drawn; a drawn team is never replaced here."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def assign(
        self,
        actor: Actor,
        inspection_id: UUID,
        version: int,
        officer_codes: Sequence[str],
        cause: str,
    ) -> InspectionView:
        """Assign officers, the lead first, with the cause on record."""
        async with self._db.unit_of_work(actor) as uow:
            locked = await lock_for(uow, "assign_inspection_team", inspection_id, version)
            section, inspection = locked.section, locked.section.inspection
            officers = await _fit(uow, section, officer_codes)
            for slot, officer in enumerate(officers, start=1):
                uow.session.add(
                    InspectionOfficer(
                        inspection_id=inspection_id,
                        officer_id=officer.id,
                        slot=slot,
                        lead=slot == 1 and officer.leader_eligible,
                        code=officer.code,
                        name=officer.name,
                        certificate_no=officer.certificate_no or "",
                        assigned_by=actor.account_id,
                        assigned_cause=cause,
                    )
                )
            inspections.touch(inspection, uow.now)
            await uow.flush()
            uow.audit(
                "inspection.team_assigned",
                "inspection",
                inspection_id,
                after={"officers": list(officer_codes)},
                cause=cause,
            )
            record = await inspections.get_record(uow.session, inspection_id)
        return InspectionView(section, record)


async def _fit(uow: UnitOfWork, section: Section, codes: Sequence[str]) -> list[Officer]:
    """The officers, if each could have been drawn for this object and together they are a team."""
    department_id = section.inspection.department_id
    members = await draw_pool.task_departments(uow.session, section.task.id)
    wanted = next(row for row, department in members if department.id == department_id)
    this_year = dt.datetime(uow.now.year, 1, 1, tzinfo=dt.UTC)
    rows = await draw_pool.officer_rows(uow.session, [department_id], this_year)
    by_code = {row.officer.code: row for row in rows}
    barred = {
        officer
        for officer, subject in await draw_pool.recusal_pairs(uow.session, [department_id])
        if subject == section.sheet.object_code
    }
    errors: list[FieldError] = []
    officers: list[Officer] = []
    advisers = await experts.codes_of_experts(uow.session, uow.actor.region_code, codes)
    today, deadline = shanghai_date(uow.now), section.sheet.deadline_on
    for place, code in enumerate(codes):
        row = by_code.get(code)
        if code in advisers:
            errors.append(expert_refusals.EXPERT_IN_TEAM.at(f"/officer_codes/{place}"))
        elif row is None or code in barred or _excluded(row, today, deadline):
            errors.append(refusals.OFFICER_UNFIT.at(f"/officer_codes/{place}"))
        else:
            officers.append(row.officer)
    leads = [one for one in officers[:1] if one.leader_eligible]
    if len(set(codes)) < max(wanted.members, len(codes)) or (wanted.lead and not leads):
        errors.append(refusals.TEAM_SIZE.at("/officer_codes"))
    if errors:
        raise RuleError(refusals.TEAM_UNFIT, tuple(errors))
    return officers


def _excluded(row: draw_pool.OfficerRow, today: dt.date, deadline: dt.date) -> bool:
    # Qualifications are those the items ask for; who has none of them was not drawn either, but a
    # unit without any may have to send whom it has: the cause says so.
    return officer_exclusion(row.facts, (), today, max(today, deadline)) is not None
