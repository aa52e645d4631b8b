"""Writing a plan, of a department or joint: the plan, its tasks, and reading them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.actions import require
from app.domain.actor import Actor, region_prefix
from app.domain.errors import FieldError, RuleError
from app.domain.lifecycle import (
    ItemStatus,
    ParticipantStatus,
    PlanKind,
    PlanStatus,
    PoolScope,
)
from app.domain.plan_actions import PLAN, TASK, PlanFacts, PlanTaskFacts
from app.domain.plannable import require_plannable
from app.domain.planning import PublishedRatio, check_period, check_ratios, plan_no, task_code
from app.domain.refusals import general
from app.domain.refusals import plans as refusals
from app.models.checklist import ItemVersion
from app.models.plan import Plan, PlanParticipant, PlanTask, PlanTaskDepartment, PlanTaskItem
from app.services.checklists import plannable_facts
from app.services.runtime import Runtime
from app.services.task_defaults import filled_in
from app.storage import checklists, organisation, participants, plan_standing, plans
from app.storage.engine import Reading
from app.storage.paging import Paging, Slice
from app.storage.participants import ParticipantView
from app.storage.plans import TaskView
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task as its maker describes it; items by the id of the checklist item."""

    name: str
    item_ids: Sequence[UUID]
    kinds: Sequence[str]
    tags: Sequence[str]
    area_codes: Sequence[str]
    risk_classes: Sequence[str]
    quota_rule: Mapping[str, Any] | None
    reserve: int
    period_from: dt.date
    period_to: dt.date
    methods: Sequence[str] | None
    business_line_code: str | None
    members: int | None
    lead: bool | None
    officer_cap: int | None
    visit_cap: int | None
    cooling_days: int | None
    targeted: bool
    department_codes: Sequence[str] = ()
    """Who takes part in a joint task besides the initiating department."""
    pool_scope: PoolScope = PoolScope.SHARED
    notice_days: int | None = None
    inspection_days: int | None = None
    visit_cap_given: bool = False
    """Whether "no cap" was said, and not just nothing."""


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan with its tasks, and who was invited to it."""

    plan: Plan
    tasks: Sequence[TaskView]
    participants: Sequence[ParticipantView] = ()
    standing: PlanFacts | None = None
    """What the rules ask; not read for the public, who may do nothing."""


@dataclass(frozen=True, slots=True)
class TaskInPlan:
    """A task, and how it and its plan stand."""

    view: TaskView
    standing: PlanTaskFacts


class PlanService:
    """Use cases of drafting and reading plans."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def create(self, actor: Actor, kind: PlanKind, year: int, name: str) -> PlanView:
        """Begin a plan of a year; its number follows the rule."""
        async with self._db.unit_of_work(actor) as uow:
            department_id, department_code = own_department(actor)
            number = await plans.next_plan_number(uow.session, department_id, year)
            assert actor.account_id is not None
            plan = Plan(
                id=uow.new_id(),
                department_id=department_id,
                region_code=actor.region_code,
                kind=kind,
                year=year,
                plan_no=plan_no(actor.region_code, department_code, year, number),
                name=name,
                status=PlanStatus.DRAFT,
                created_by=actor.account_id,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(plan)
            await uow.flush()
            uow.audit(
                "plan.created", "plan", plan.id, after={"plan_no": plan.plan_no, "kind": kind}
            )
            return await viewed(uow.session, plan)

    async def rename(self, actor: Actor, plan_id: UUID, name: str, version: int) -> PlanView:
        """Change a draft's name."""
        async with self._db.unit_of_work(actor) as uow:
            plan, _ = await lock_for(uow, "update_plan", plan_id, version)
            before = plan.name
            plan.name = name
            participants.touch(plan, uow.now)
            await uow.flush()
            uow.audit(
                "plan.changed", "plan", plan.id, before={"name": before}, after={"name": name}
            )
            return await viewed(uow.session, plan)

    async def add_task(self, actor: Actor, plan_id: UUID, new: NewTask, version: int) -> PlanView:
        """Add a task to a draft; its items must be published, with a legal basis (N1, R01)."""
        async with self._db.unit_of_work(actor) as uow:
            plan, _ = await lock_for(uow, "add_plan_task", plan_id, version)
            check_period(plan.year, new.period_from, new.period_to)
            period = new.period_from, new.period_to
            versions = await publishable(uow, plan.department_id, new.item_ids, "/item_ids", period)
            filled = await filled_in(uow, plan.department_id, new, versions)
            check_ratios(
                filled.values["quota_rule"], [_published_ratio(version) for version in versions]
            )
            check_methods(filled.values["methods"], versions)
            invited = await _invited(uow, plan, new.department_codes)
            line_id = await _business_line(uow, plan.department_id, new.business_line_code)
            position = await plans.last_position(uow.session, plan.id) + 1
            task = PlanTask(
                id=uow.new_id(),
                plan_id=plan.id,
                department_id=plan.department_id,
                business_line_id=line_id,
                code=task_code(plan.plan_no, position),
                name=new.name,
                position=position,
                targeted=new.targeted,
                kinds=list(new.kinds),
                tags=list(new.tags),
                area_codes=list(new.area_codes),
                risk_classes=list(new.risk_classes),
                reserve=new.reserve,
                period_from=new.period_from,
                period_to=new.period_to,
                pool_scope=new.pool_scope,
                defaults_from=filled.sources,
                **filled.of_task,
            )
            uow.session.add(task)
            await uow.flush()
            for place, item in enumerate(versions):
                uow.session.add(
                    PlanTaskItem(plan_task_id=task.id, item_version_id=item.id, position=place)
                )
            taking_part = [plan.department_id, *(one.department_id for one in invited)]
            uow.session.add_all(_teams(task, filled.values, taking_part))
            for one in invited:
                participants.ask_again(one)
            participants.touch(plan, uow.now)
            await uow.flush()
            uow.audit(
                "plan_task.added",
                "plan",
                plan.id,
                after={
                    "task": task.code,
                    "items": [item.code for item in versions],
                    "participants": list(new.department_codes),
                    "defaults_from": filled.sources,
                },
            )
            return await viewed(uow.session, plan)

    async def remove_task(
        self, actor: Actor, plan_id: UUID, task_id: UUID, version: int
    ) -> PlanView:
        """Take a task out of a draft."""
        async with self._db.unit_of_work(actor) as uow:
            plan, standing = await lock_version(uow, plan_id, version)
            task = standing.task(task_id)
            require(TASK, "remove_plan_task", PlanTaskFacts(standing, task), actor)
            await plans.remove_task(uow.session, plan.id, task_id)
            participants.touch(plan, uow.now)
            await uow.flush()
            uow.audit("plan_task.removed", "plan", plan.id, before={"task_id": str(task_id)})
            return await viewed(uow.session, plan)

    async def get(self, actor: Actor, plan_id: UUID) -> PlanView:
        """A plan with its tasks."""
        async with self._db.reading() as session:
            plan = await plans.get_plan(session, plan_id, actor.scope)
            return await viewed(session, plan)

    async def list(
        self,
        actor: Actor,
        paging: Paging,
        *,
        year: int | None,
        status: PlanStatus | None,
        department_id: UUID | None,
    ) -> Slice[Plan]:
        """Plans that the caller may see."""
        async with self._db.reading() as session:
            return await plans.list_plans(
                session,
                actor.scope,
                paging,
                year=year,
                status=status,
                department_id=department_id,
            )

    async def get_task(self, actor: Actor, task_id: UUID) -> TaskInPlan:
        """A task with its items, departments and live draw."""
        async with self._db.reading() as session:
            task, plan = await plans.get_task(session, task_id, actor.scope)
            view = (await plans.views_of(session, [task]))[0]
            standing = await plan_standing.facts_of(session, plan)
            return TaskInPlan(view, PlanTaskFacts(standing, standing.task(task_id)))

    async def list_public(
        self, region_code: str | None, year: int | None, paging: Paging
    ) -> Slice[Plan]:
        """Published plans, for everybody."""
        prefix = region_prefix(region_code) if region_code else ""
        async with self._db.reading() as session:
            return await plans.list_published(session, prefix, year, paging)

    async def get_public(self, number: str) -> PlanView:
        """A published plan by its number, for everybody."""
        async with self._db.reading() as session:
            plan = await plans.find_published(session, number)
            return PlanView(plan, await plans.tasks_of(session, plan.id))


def own_department(actor: Actor) -> tuple[UUID, str]:
    """The department the actor acts for; raises forbidden for one without."""
    if actor.department_id is None or actor.department_code is None:
        raise RuleError(general.FORBIDDEN, permission="plan:write")
    return actor.department_id, actor.department_code


async def lock_version(uow: UnitOfWork, plan_id: UUID, version: int) -> tuple[Plan, PlanFacts]:
    """The caller's own plan, locked, in the version they saw, and how it stands."""
    plan = await plans.lock_plan(uow.session, plan_id, uow.actor.scope)
    if plan.row_version != version:
        raise RuleError(general.STALE_VERSION)
    return plan, await plan_standing.facts_of(uow.session, plan)


async def lock_for(
    uow: UnitOfWork, operation: str, plan_id: UUID, version: int
) -> tuple[Plan, PlanFacts]:
    """The caller's own plan, locked, if the rules of the operation let it be done."""
    plan, standing = await lock_version(uow, plan_id, version)
    require(PLAN, operation, standing, uow.actor)
    return plan, standing


async def viewed(session: Reading, plan: Plan) -> PlanView:
    """A plan with all that belongs to it, as it stands in this session."""
    invited = await participants.of_plan(session, plan.id)
    return PlanView(
        plan,
        await plans.tasks_of(session, plan.id),
        invited,
        await plan_standing.facts_of(session, plan, invited),
    )


def _teams(
    task: PlanTask, values: Mapping[str, Any], department_ids: Sequence[UUID]
) -> list[PlanTaskDepartment]:
    """A place for every department; who was invited confirms or changes its team (F13)."""
    return [
        PlanTaskDepartment(
            plan_task_id=task.id,
            department_id=department_id,
            position=position,
            members=values["members"],
            lead=values["lead"],
        )
        for position, department_id in enumerate(department_ids)
    ]


async def _invited(uow: UnitOfWork, plan: Plan, codes: Sequence[str]) -> list[PlanParticipant]:
    """The participants that a task names, or which of them is none."""
    if not codes:
        return []
    if plan.kind is not PlanKind.JOINT:
        raise RuleError(refusals.PLAN_NOT_JOINT)
    known = await participants.by_code(uow.session, plan.id)
    wrong = tuple(
        FieldError(
            f"/department_codes/{place}", "not-a-participant", "未受邀或者已不参与", "Not invited"
        )
        for place, code in enumerate(codes)
        if code not in known or known[code].status is ParticipantStatus.DECLINED
    )
    if wrong:
        raise RuleError(refusals.NOT_A_PARTICIPANT, wrong)
    return [known[code] for code in codes]


async def publishable(
    uow: UnitOfWork,
    department_id: UUID,
    item_ids: Sequence[UUID],
    pointer: str,
    period: tuple[dt.date, dt.date],
) -> list[ItemVersion]:
    """The items' rows in the published checklist, or why they can not be planned."""
    found = await plans.items_with_current_version(uow.session, department_id, item_ids)
    unknown = tuple(
        FieldError(f"{pointer}/{place}", "item-unknown", "不在本部门清单中", "Not on the checklist")
        for place, item_id in enumerate(item_ids)
        if item_id not in found
    )
    if unknown:
        raise RuleError(refusals.ITEM_UNKNOWN, unknown)
    moved = await checklists.taken_over_by(
        uow.session, [i.id for i, _ in found.values() if i.status is ItemStatus.RETIRED]
    )
    require_plannable(
        [
            (f"{pointer}/{place}", plannable_facts(*found[item_id], moved))
            for place, item_id in enumerate(item_ids)
        ],
        *period,
    )
    chosen = [found[item_id][1] for item_id in dict.fromkeys(item_ids)]
    return [version for version in chosen if version is not None]


def _published_ratio(version: ItemVersion) -> PublishedRatio:
    return PublishedRatio(version.code, version.ratio_min_per_10000, version.ratio_max_per_10000)


def check_methods(methods: Sequence[str], versions: Sequence[ItemVersion]) -> None:
    """The task's ways are ways of its items, and each item can be checked in one of them (R13)."""
    known = {method for version in versions for method in version.methods}
    if not set(methods) <= known:
        raise RuleError(refusals.METHOD_NOT_OF_ITEM)
    check_some_method(methods, versions)


def check_some_method(methods: Sequence[str], versions: Sequence[ItemVersion]) -> None:
    """Every item must be checkable in one of the task's ways (R13)."""
    if any(not set(methods) & set(version.methods) for version in versions):
        raise RuleError(refusals.METHOD_NOT_OF_ITEM)


async def _business_line(uow: UnitOfWork, department_id: UUID, code: str | None) -> UUID | None:
    if code is None:
        return None
    line = await organisation.find_business_line(uow.session, department_id, code)
    if line is None:
        raise RuleError(refusals.UNKNOWN_BUSINESS_LINE)
    return line.id
