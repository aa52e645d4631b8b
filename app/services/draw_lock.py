"""The lock: the list is final, and every winner gets its 《执法检查表》 and inspections (R11)."""

from collections import defaultdict
from uuid import UUID

from app.domain.actor import Actor
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus, InspectionStatus
from app.domain.refusals import draws as refusals
from app.models.draw import Draw, TeamMember
from app.models.inspection import Inspection, InspectionOfficer, InspectionSheet
from app.models.library import InspectionObject, Officer
from app.models.plan import PlanTask
from app.services import object_flags
from app.services.runtime import Runtime
from app.storage import draw_pool, draws
from app.storage.inspections import snapshot_of
from app.storage.uow import UnitOfWork


class DrawLockService:
    """The one use case after the reveal."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def lock(self, actor: Actor, draw_id: UUID) -> Draw:
        """Lock a drawn list and make a sheet per winner, a section per department."""
        async with self._db.unit_of_work(actor) as uow:
            draw = await draws.lock_draw(uow.session, draw_id, actor.scope)
            if draw.status is not DrawStatus.DRAWN:
                raise RuleError(refusals.DRAW_WRONG_STATE, status=draw.status.value)
            sheets = await _make_sheets(uow, draw)
            draw.status = DrawStatus.LOCKED
            draw.locked_at = uow.now
            await uow.flush()
            flags = await _flag_ceased(uow, draw)
            uow.audit(
                "draw.locked",
                "draw",
                draw.id,
                draw_no=draw.draw_no,
                sheets=sheets,
                flags_raised=flags,
            )
        return draw


async def _flag_ceased(uow: UnitOfWork, draw: Draw) -> int:
    """What was cancelled since the freeze was drawn all the same, and is flagged (DRAW s.3)."""
    winners = [one for one in await draws.selections(uow.session, draw.id) if not one.reserve]
    return await object_flags.follow_lock(uow, [one.object_id for one in winners])


async def _make_sheets(uow: UnitOfWork, draw: Draw) -> int:
    task = await draws.task_of(uow.session, draw)
    departments = await draw_pool.task_departments(uow.session, task.id)
    winners = [one for one in await draws.selections(uow.session, draw.id) if not one.reserve]
    codes = sorted(one.object_code for one in winners)
    objects = await draw_pool.objects_by_code(uow.session, draw.region_code, codes)
    teams: dict[tuple[str, str], list[TeamMember]] = defaultdict(list)
    members = await draws.team_members(uow.session, draw.id)
    for member in members:
        teams[member.object_code, member.department_code].append(member)
    officers = await draw_pool.officers_by_code(
        uow.session, draw.region_code, sorted({member.officer_code for member in members})
    )
    owners = await draw_pool.objects_by_id(
        uow.session, {one.responsible_object_id for one in objects.values()} - {None}
    )
    sheets = {}
    for number, code in enumerate(codes, start=1):
        owner_id = objects[code].responsible_object_id
        owner = owners[owner_id] if owner_id is not None else None
        sheets[code] = _sheet(uow, draw, task, objects[code], owner, number)
    uow.session.add_all(sheets.values())
    await uow.flush()
    sections = {
        (code, department.code): _inspection(uow, draw, sheet.id, department.id)
        for code, sheet in sheets.items()
        for _, department in departments
    }
    uow.session.add_all(sections.values())
    await uow.flush()
    leads = {department.code: row.lead for row, department in departments}
    for key, inspection in sections.items():
        for member in teams.get(key, ()):
            lead = leads[key[1]] and member.slot == 1
            uow.session.add(_seat(inspection.id, member, officers, lead=lead))
    return len(codes)


def _sheet(
    uow: UnitOfWork,
    draw: Draw,
    task: PlanTask,
    subject: InspectionObject,
    responsible: InspectionObject | None,
    number: int,
) -> InspectionSheet:
    return InspectionSheet(
        id=uow.new_id(),
        sheet_no=f"{draw.draw_no}-{number:04d}",
        region_code=draw.region_code,
        draw_id=draw.id,
        plan_task_id=task.id,
        object_id=subject.id,
        object_code=subject.code,
        object_snapshot=snapshot_of(subject, responsible),
        deadline_on=task.period_to,
        created_at=uow.now,
    )


def _inspection(uow: UnitOfWork, draw: Draw, sheet_id: UUID, department_id: UUID) -> Inspection:
    return Inspection(
        id=uow.new_id(),
        sheet_id=sheet_id,
        department_id=department_id,
        region_code=draw.region_code,
        status=InspectionStatus.ASSIGNED,
        methods=[],
        created_at=uow.now,
        updated_at=uow.now,
    )


def _seat(
    inspection_id: UUID, member: TeamMember, officers: dict[str, Officer], *, lead: bool
) -> InspectionOfficer:
    officer = officers[member.officer_code]
    return InspectionOfficer(
        inspection_id=inspection_id,
        officer_id=officer.id,
        slot=member.slot,
        lead=lead,
        code=officer.code,
        name=officer.name,
        # A drawn officer has a certificate: without one they are excluded at the freeze.
        certificate_no=officer.certificate_no or "",
    )
