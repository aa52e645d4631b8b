"""The freeze: everything the outcome depends on, in one snapshot, before any seed exists."""

import datetime as dt
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import anyio.to_thread

from app.domain.actions import require
from app.domain.actor import Actor
from app.domain.calendar import SHANGHAI, end_of_day, shanghai_date
from app.domain.draw import server_commit
from app.domain.draw_files import (
    ExcludedLine,
    FileFacts,
    FrozenFile,
    OfficerExcludedLine,
    OfficerLine,
    PoolLine,
    RecusalLine,
    freeze_file,
    read_officers,
    read_pool,
    read_recusals,
    split_lines,
)
from app.domain.draw_manifest import NONE, Manifest, TeamDepartment, instant_text
from app.domain.eligibility import (
    ItemFacts,
    ObjectFacts,
    VisitLimits,
    object_exclusion,
    officer_exclusion,
)
from app.domain.errors import RuleError
from app.domain.lifecycle import DrawStatus
from app.domain.plan_actions import TASK, PlanTaskFacts
from app.domain.planning import draw_no, rule_for
from app.domain.quota import extreme_strata, quotas
from app.domain.refusals import draws as refusals
from app.domain.refusals import general
from app.domain.teams import Roster, TeamObject
from app.domain.teams_explain import thinly_covered
from app.models.draw import Draw, DrawContributor, DrawFile
from app.models.plan import Plan, PlanTask
from app.security import new_draw_secret
from app.services.runtime import Runtime
from app.storage import draw_pool, draws, organisation, plan_standing, plans
from app.storage.draw_pool import OfficerRow, ScopeRow
from app.storage.engine import Reading
from app.storage.uow import SerializationFailure, UnitOfWork

MAX_SHORTAGES = 1000
"""How many of them the draw's page lists; their number is always told."""
MAX_DRAWN = 100_000
"""Winners and reserve of one draw; each is a row, and winners get a sheet."""


@dataclass(frozen=True, slots=True)
class FreezeOrder:
    """What the drawing department decides: who contributes, until when, how."""

    contributors: Sequence[str]
    close_at: dt.datetime
    public_source: str
    quota_note: str
    withheld: Sequence[str]


@dataclass(slots=True)
class _Frozen:
    files: dict[FrozenFile, bytes] = field(default_factory=dict)
    facts: dict[FrozenFile, FileFacts] = field(default_factory=dict)


@dataclass(slots=True)
class _Snapshot:
    """What one moment showed: rows only, rendered after the transaction."""

    task: PlanTask
    plan: Plan
    departments: tuple[TeamDepartment, ...]
    scope: Sequence[ScopeRow]
    officers: Sequence[OfficerRow]
    items: Mapping[UUID, Sequence[ItemFacts]]
    pairs: Sequence[tuple[str, str]]
    department_ids: Sequence[UUID]
    removable: tuple[int, ...]


class DrawFreezeService:
    """The one use case that begins a draw."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._db = runtime.database

    async def freeze(self, actor: Actor, task_id: UUID, order: FreezeOrder) -> Draw:
        """Freeze scope, officers and rules of a published task into a draw.

        Everything the outcome depends on is read in one REPEATABLE READ transaction; it is
        rendered outside of any, and stored in the unit of work that locks the task. A busy unit
        can so not starve the freeze, and the freeze holds nobody up.
        """
        today = shanghai_date(self._runtime.clock.now())
        async with self._db.snapshot() as session:
            seen = await _read(session, actor, task_id, today)
        frozen = await anyio.to_thread.run_sync(_render, seen, today)
        shortages = await anyio.to_thread.run_sync(_shortages, seen.departments, frozen)
        async with self._db.unit_of_work(actor) as uow:
            task, plan = await plans.lock_task(uow.session, task_id, actor.scope)
            await _refuse_undrawable(uow.session, actor, task, plan)
            await _refuse_removed(uow, seen)
            earlier = await draws.draws_of_task(uow.session, task.id)
            close_at = _close_at(uow.now, task, order)
            taking_part = {department.code for department in seen.departments}
            contributors = await _contributors(uow, plan.region_code, order, taking_part)
            secret = new_draw_secret()
            manifest = _manifest(
                task,
                order,
                frozen,
                departments=seen.departments,
                earlier=earlier,
                contributors=tuple(sorted(contributors)),
                close_at=close_at,
                secret=secret,
            )
            draw = self._draw(uow, task, plan, manifest, secret, earlier)
            draw.close_at = close_at
            draw.shortage_count = len(shortages)
            draw.shortages = shortages[:MAX_SHORTAGES]
            await _store(uow, draw, frozen, contributors)
            uow.audit(
                "draw.frozen",
                "draw",
                draw.id,
                after={
                    "draw_no": draw.draw_no,
                    "manifest_sha256": draw.manifest_sha256,
                    "pool": manifest.pool.size,
                    "close_at": close_at,
                },
                supersedes=manifest.supersedes,
            )
        return draw

    def _draw(
        self,
        uow: UnitOfWork,
        task: PlanTask,
        plan: Plan,
        manifest: Manifest,
        secret: str,
        earlier: Sequence[Draw],
    ) -> Draw:
        assert uow.actor.account_id is not None
        return Draw(
            id=uow.new_id(),
            plan_task_id=task.id,
            department_id=task.department_id,
            region_code=plan.region_code,
            draw_no=manifest.draw_no,
            status=DrawStatus.FROZEN,
            manifest=manifest.canonical().decode(),
            manifest_sha256=manifest.sha256(),
            server_commit=manifest.server_commit,
            sealed_secret=self._runtime.sealer.seal(secret, manifest.draw_no),
            supersedes_id=earlier[-1].id if earlier else None,
            frozen_by=uow.actor.account_id,
            frozen_at=uow.now,
        )


def _manifest(
    task: PlanTask,
    order: FreezeOrder,
    frozen: _Frozen,
    *,
    departments: tuple[TeamDepartment, ...],
    earlier: Sequence[Draw],
    contributors: tuple[str, ...],
    close_at: dt.datetime,
    secret: str,
) -> Manifest:
    """Everything that is fixed before any seed exists; refuses a quota that nobody explained."""
    number = draw_no(task.code, len(earlier) + 1)
    strata = frozen.facts[FrozenFile.POOL].strata or {}
    rule = rule_for(task.quota_rule, strata)
    extremes = extreme_strata(quotas(rule, strata), strata)
    if extremes and not order.quota_note:
        raise RuleError(refusals.QUOTA_NOTE_NEEDED, strata=", ".join(extremes))
    drawn = sum(quotas(rule, strata).values()) + task.reserve * len(strata)
    if drawn > MAX_DRAWN:
        raise RuleError(refusals.DRAW_TOO_LARGE, count=drawn, limit=MAX_DRAWN)
    return Manifest(
        draw_no=number,
        task=task.code,
        rehearsal=False,
        supersedes=earlier[-1].draw_no if earlier else NONE,
        pool=frozen.facts[FrozenFile.POOL],
        excluded=frozen.facts[FrozenFile.EXCLUDED],
        strata=strata,
        quota_rule=rule,
        quota_note=order.quota_note if extremes else "",
        reserve=task.reserve,
        officers=frozen.facts[FrozenFile.OFFICERS],
        officers_excluded=frozen.facts[FrozenFile.OFFICERS_EXCLUDED],
        recusals=frozen.facts[FrozenFile.RECUSALS],
        withheld=tuple(sorted(set(order.withheld))),
        departments=departments,
        cap=task.officer_cap,
        server_commit=server_commit(number, secret),
        contributors=contributors,
        close_at=instant_text(close_at),
        public_source=order.public_source,
    )


def _close_at(now: dt.datetime, task: PlanTask, order: FreezeOrder) -> dt.datetime:
    """When the draw is revealed, in UTC, whole seconds; ahead of us, and within the task."""
    close_at = order.close_at.astimezone(dt.UTC).replace(microsecond=0)
    if not now < close_at <= end_of_day(task.period_to):
        raise RuleError(refusals.CLOSE_AT_INVALID)
    return close_at


async def _refuse_undrawable(session: Reading, actor: Actor, task: PlanTask, plan: Plan) -> None:
    """What may not be drawn now, as the task's `allowed_actions` say."""
    standing = await plan_standing.facts_of(session, plan)
    require(TASK, "freeze_draw", PlanTaskFacts(standing, standing.task(task.id)), actor)


async def _contributors(
    uow: UnitOfWork, region_code: str, order: FreezeOrder, taking_part: set[str]
) -> dict[str, UUID]:
    """The contributing units by code; one of them at least takes no part in the draw."""
    found: dict[str, UUID] = {}
    for code in order.contributors:
        department = await organisation.find_department(uow.session, region_code, code)
        if department is None:
            raise RuleError(refusals.CONTRIBUTOR_UNKNOWN, code=code)
        found[code] = department.id
    if set(found) <= taking_part:
        raise RuleError(refusals.NO_OUTSIDE_CONTRIBUTOR)
    return found


async def _read(session: Reading, actor: Actor, task_id: UUID, today: dt.date) -> _Snapshot:
    """Everything that is frozen, as one moment shows it."""
    task, plan = await plans.get_own_task(session, task_id, actor.scope)
    await _refuse_undrawable(session, actor, task, plan)
    year_start = dt.datetime(today.year, 1, 1, tzinfo=SHANGHAI)
    members = await draw_pool.task_departments(session, task.id)
    ids = [row.department_id for row, _ in members]
    officers = await draw_pool.officer_rows(session, ids, year_start)
    return _Snapshot(
        task=task,
        plan=plan,
        departments=tuple(
            TeamDepartment(department.code, row.members, row.lead) for row, department in members
        ),
        scope=await draw_pool.scope_rows(session, task, ids, year_start),
        officers=officers,
        items=await draw_pool.task_items(session, task.id),
        pairs=await draw_pool.recusal_pairs(session, ids),
        department_ids=ids,
        removable=await _removable(session, plan, ids, officers),
    )


async def _removable(
    session: Reading, plan: Plan, department_ids: Sequence[UUID], officers: Sequence[OfficerRow]
) -> tuple[int, ...]:
    ids = [row.officer.id for row in officers]
    return await draw_pool.removable(session, plan.region_code, department_ids, ids)


async def _refuse_removed(uow: UnitOfWork, seen: _Snapshot) -> None:
    """What was taken out of a library since the snapshot must not be drawn; none may go now.

    Rows are taken out under the lock of their departments (undone imports, merged objects, wrong
    entries), and from now on only by who sees this draw.
    """
    await organisation.hold_departments(uow.session, seen.department_ids)
    now = await _removable(uow.session, seen.plan, seen.department_ids, seen.officers)
    if now != seen.removable:
        raise SerializationFailure(general.CONFLICT, constraint="libraries changed meanwhile")


def _render(seen: _Snapshot, today: dt.date) -> _Frozen:
    """The five files; refuses an empty pool and departments that can not make up a team."""
    pool, excluded = _split_scope(seen, today)
    if not pool:
        raise RuleError(refusals.POOL_EMPTY)
    in_pool = {row.object_code for row in pool}
    recused = defaultdict(set)
    for officer, subject in seen.pairs:
        if subject in in_pool:
            recused[officer].add(subject)
    everywhere = {code for code, subjects in recused.items() if len(subjects) == len(in_pool)}
    officers, officers_out = _split_officers(seen, everywhere, today)
    _refuse_thin(seen.departments, officers)
    in_draw = {row.officer_code for row in officers}
    recusals = [
        RecusalLine(officer, subject)
        for officer, subjects in recused.items()
        if officer in in_draw
        for subject in subjects
    ]
    frozen = _Frozen()
    for file, rows in (
        (FrozenFile.POOL, pool),
        (FrozenFile.EXCLUDED, excluded),
        (FrozenFile.OFFICERS, officers),
        (FrozenFile.OFFICERS_EXCLUDED, officers_out),
        (FrozenFile.RECUSALS, recusals),
    ):
        frozen.files[file], frozen.facts[file] = freeze_file(file, rows)
    return frozen


def _refuse_thin(departments: tuple[TeamDepartment, ...], officers: Sequence[OfficerLine]) -> None:
    """A department that can not staff a single object: nothing to draw officers from."""
    for department in departments:
        mine = [one for one in officers if one.department_code == department.code]
        leads = sum(one.lead for one in mine)
        if len(mine) < department.members or (department.lead and not leads):
            raise RuleError(
                refusals.TOO_FEW_OFFICERS,
                department=department.code,
                eligible=len(mine),
                leads=leads,
                members=department.members,
            )


def _split_scope(seen: _Snapshot, today: dt.date) -> tuple[list[PoolLine], list[ExcludedLine]]:
    """Scope = pool ∪ excluded, disjoint: each object of the filter goes to exactly one."""
    limits = VisitLimits(seen.task.visit_cap, seen.task.cooling_days)
    pool: list[PoolLine] = []
    excluded: list[ExcludedLine] = []
    reasons: dict[ObjectFacts, str | None] = {}  # thousands of objects, a few kinds of facts
    for row in seen.scope:
        if row.facts not in reasons:
            reasons[row.facts] = object_exclusion(row.facts, limits, today)
        reason = reasons[row.facts]
        if reason is None:
            pool.append(PoolLine(row.code, row.risk_class, 1, row.area_code))
        else:
            excluded.append(ExcludedLine(row.code, reason))
    return pool, excluded


def _split_officers(
    seen: _Snapshot, recused_everywhere: set[str], today: dt.date
) -> tuple[list[OfficerLine], list[OfficerExcludedLine]]:
    officers: list[OfficerLine] = []
    excluded: list[OfficerExcludedLine] = []
    first = max(today, seen.task.period_from)
    for row in seen.officers:
        officer = row.officer
        items = seen.items.get(officer.department_id, ())
        reason = officer_exclusion(row.facts, items, first, seen.task.period_to)
        if reason is None and officer.code in recused_everywhere:
            reason = "RECUSED"
        if reason is None:
            officers.append(
                OfficerLine(
                    officer.code,
                    row.department_code,
                    officer.leader_eligible,
                    row.load,
                    tuple(sorted(set(officer.regions))),
                )
            )
        else:
            excluded.append(OfficerExcludedLine(officer.code, reason))
    return officers, excluded


def _shortages(departments: tuple[TeamDepartment, ...], frozen: _Frozen) -> list[dict[str, object]]:
    """Every object with fewer eligible officers than twice its team (DRAW s.1)."""

    def lines(file: FrozenFile) -> list[bytes]:
        return split_lines(file, frozen.files[file])

    roster = Roster(
        departments,
        read_officers(lines(FrozenFile.OFFICERS)),
        read_recusals(lines(FrozenFile.RECUSALS)),
    )
    objects = (TeamObject(row.object_code, row.region) for row in read_pool(lines(FrozenFile.POOL)))
    return [
        {
            "object": thin.object_code,
            "department": thin.department,
            "eligible": thin.eligible,
            "members": thin.members,
        }
        for thin in thinly_covered(roster, objects)
    ]


async def _store(
    uow: UnitOfWork, draw: Draw, frozen: _Frozen, contributors: dict[str, UUID]
) -> None:
    uow.session.add(draw)
    await uow.flush()
    for file, content in frozen.files.items():
        facts = frozen.facts[file]
        uow.session.add(
            DrawFile(
                draw_id=draw.id,
                name=file.value,
                size=facts.size,
                sha256=facts.sha256,
                content=zlib.compress(content, 6),
            )
        )
    for code, department_id in contributors.items():
        uow.session.add(DrawContributor(draw_id=draw.id, code=code, department_id=department_id))
    await uow.flush()
