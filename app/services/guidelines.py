"""Guidelines: drafted by a clerk, activated by another person, superseded by the next version."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain import guidelines as rules
from app.domain.actions import require
from app.domain.actor import Actor, Permission
from app.domain.difference import FieldChange, field_changes
from app.domain.errors import RuleError
from app.domain.library_actions import GUIDELINE, GuidelineFacts
from app.domain.lifecycle import GuidelineKind, GuidelineStatus
from app.domain.refusals import general
from app.domain.refusals import guidelines as refusals
from app.models.guideline import Guideline
from app.models.organisation import Department
from app.services.runtime import Runtime
from app.storage import checklists, guidelines, organisation
from app.storage.engine import Reading
from app.storage.guidelines import GuidelineFilter
from app.storage.paging import Paging, Slice
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewGuideline:
    """What a draft is made from; parts may be empty until it is activated."""

    code: str
    kind: GuidelineKind
    title: str
    draw_principles: str = ""
    methods: str = ""
    contents: str = ""
    procedure: str = ""
    publicity: str = ""
    archiving: str = ""
    item_codes: Sequence[str] = ()
    team_size: int = 2
    notice_days: int = 3
    inspection_days: int = 30
    risk_levels: Sequence[str] = ()
    quota_rule: Mapping[str, Any] | None = None
    default_methods: Sequence[str] | None = None
    leader_required: bool | None = None
    officer_cap: int | None = None
    visit_cap: int | None = None
    cooling_days: int | None = None


CONTENT = tuple(field.name for field in dataclasses.fields(NewGuideline))
"""What one version says and the next may say otherwise; code and kind stay."""


@dataclass(frozen=True, slots=True)
class GuidelineView:
    """A guideline with its department."""

    guideline: Guideline
    department: Department
    draft_version: int | None = None

    @property
    def standing(self) -> GuidelineFacts:
        """What the rules ask."""
        return facts_of(self.guideline, self.draft_version)


@dataclass(frozen=True, slots=True)
class GuidelineDifference:
    """Two versions and the fields that differ; no first: the version is the first."""

    before: Guideline | None
    after: Guideline
    changes: Sequence[FieldChange]


def facts_of(guideline: Guideline, draft_version: int | None) -> GuidelineFacts:
    """How a guideline stands, for `app/domain/library_actions.py`."""
    return GuidelineFacts(
        department_id=guideline.department_id,
        status=guideline.status,
        created_by=guideline.created_by,
        parts={part: getattr(guideline, part) for part in rules.PARTS},
        draft_version=draft_version,
    )


class GuidelineService:
    """Use cases of guidelines."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def create(self, actor: Actor, new: NewGuideline) -> GuidelineView:
        """Draft the first or the next version of a guideline."""
        department_id = actor.acts_for(Permission.GUIDELINE_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            await organisation.lock_department(uow.session, department_id)
            await _check_items(uow, department_id, new.item_codes)
            versions = await guidelines.lock_versions(uow.session, department_id, new.code)
            if versions and versions[0].status is GuidelineStatus.DRAFT:
                raise RuleError(refusals.GUIDELINE_DRAFT_EXISTS, version=versions[0].version)
            if versions and versions[0].kind is not new.kind:
                raise RuleError(refusals.GUIDELINE_KIND_FIXED)
            guideline = Guideline(
                **dataclasses.asdict(new)
                | {"item_codes": list(new.item_codes), "risk_levels": list(new.risk_levels)},
                id=uow.new_id(),
                department_id=department_id,
                version=versions[0].version + 1 if versions else 1,
                status=GuidelineStatus.DRAFT,
                created_by=actor.account_id,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(guideline)
            await uow.flush()
            uow.audit(
                "guideline.created",
                "guideline",
                guideline.id,
                after={"code": new.code, "version": guideline.version, "title": new.title},
            )
            return await _viewed(uow.session, guideline)

    async def revise(self, actor: Actor, guideline_id: UUID, version: int) -> GuidelineView:
        """Copy the version in force into a draft, to be changed and activated as the next."""
        department_id = actor.acts_for(Permission.GUIDELINE_WRITE)
        assert actor.account_id is not None
        async with self._db.unit_of_work(actor) as uow:
            await organisation.lock_department(uow.session, department_id)
            source = await _lock(uow, "revise_guideline", guideline_id, version)
            latest = (await guidelines.lock_versions(uow.session, department_id, source.code))[0]
            draft = Guideline(
                **{name: getattr(source, name) for name in CONTENT},
                id=uow.new_id(),
                department_id=department_id,
                version=latest.version + 1,
                status=GuidelineStatus.DRAFT,
                created_by=actor.account_id,
                created_at=uow.now,
                updated_at=uow.now,
            )
            uow.session.add(draft)
            await uow.flush()
            uow.audit(
                "guideline.revised",
                "guideline",
                draft.id,
                after={"code": draft.code, "version": draft.version},
                source=str(source.id),
            )
            return await _viewed(uow.session, draft)

    async def compare(
        self, actor: Actor, guideline_id: UUID, from_id: UUID | None
    ) -> GuidelineDifference:
        """A version with another of the same guideline, or with the one before it."""
        async with self._db.reading() as session:
            after = await guidelines.get_guideline(session, guideline_id, actor.scope)
            if from_id is None:
                before = await guidelines.version_before(session, after)
            else:
                before = await guidelines.get_guideline(session, from_id, actor.scope)
            if before is not None and (before.department_id, before.code) != (
                after.department_id,
                after.code,
            ):
                raise RuleError(refusals.GUIDELINES_OF_TWO_CODES)
            old = {} if before is None else {name: getattr(before, name) for name in CONTENT}
            new = {name: getattr(after, name) for name in CONTENT}
            return GuidelineDifference(before, after, field_changes(old, new))

    async def change(
        self, actor: Actor, guideline_id: UUID, changes: Mapping[str, Any], version: int
    ) -> GuidelineView:
        """Change a draft."""
        department_id = actor.acts_for(Permission.GUIDELINE_WRITE)
        async with self._db.unit_of_work(actor) as uow:
            guideline = await _lock(uow, "change_guideline", guideline_id, version)
            await _check_items(uow, department_id, changes.get("item_codes", ()))
            before = {name: getattr(guideline, name) for name in changes}
            for name, value in changes.items():
                setattr(guideline, name, value)
            guideline.updated_at = uow.now
            await uow.flush()
            uow.audit("guideline.changed", "guideline", guideline.id, before=before, after=changes)
            return await _viewed(uow.session, guideline)

    async def activate(self, actor: Actor, guideline_id: UUID, version: int) -> GuidelineView:
        """Put a complete draft in force; whoever made it may not (maker ≠ checker)."""
        department_id = actor.acts_for(Permission.GUIDELINE_ACTIVATE)
        async with self._db.unit_of_work(actor) as uow:
            await organisation.lock_department(uow.session, department_id)
            guideline = await _lock(uow, "activate_guideline", guideline_id, version)
            superseded = [
                found
                for found in await guidelines.lock_versions(
                    uow.session, department_id, guideline.code
                )
                if found.status is GuidelineStatus.ACTIVE
            ]
            for found in superseded:
                found.status = GuidelineStatus.SUPERSEDED
                found.updated_at = uow.now
            await uow.flush()  # one active version at a time, also between two statements
            guideline.status = GuidelineStatus.ACTIVE
            guideline.activated_at = guideline.updated_at = uow.now
            guideline.activated_by = actor.account_id
            await uow.flush()
            uow.audit(
                "guideline.activated",
                "guideline",
                guideline.id,
                after={"code": guideline.code, "version": guideline.version},
                superseded=[str(found.id) for found in superseded],
            )
            return await _viewed(uow.session, guideline)

    async def get(self, actor: Actor, guideline_id: UUID) -> GuidelineView:
        """A guideline in the caller's scope."""
        async with self._db.reading() as session:
            found = await guidelines.get_guideline(session, guideline_id, actor.scope)
            return await _viewed(session, found)

    async def list(
        self, actor: Actor, paging: Paging, wanted: GuidelineFilter
    ) -> Slice[GuidelineView]:
        """Guidelines in the caller's scope, every version, in order of making."""
        async with self._db.reading() as session:
            cut = await guidelines.list_guidelines(session, actor.scope, paging, wanted)
            departments = await organisation.departments_by_id(
                session, {found.department_id for found in cut.items}
            )
            drafts = await guidelines.draft_versions(session, cut.items)
            views = [
                GuidelineView(
                    found,
                    departments[found.department_id],
                    drafts.get((found.department_id, found.code)),
                )
                for found in cut.items
            ]
            return Slice(views, cut.next_cursor, cut.total)


async def _lock(uow: UnitOfWork, operation: str, guideline_id: UUID, version: int) -> Guideline:
    guideline = await guidelines.lock_guideline(uow.session, guideline_id, uow.actor.scope)
    if guideline.row_version != version:
        raise RuleError(general.STALE_VERSION)
    draft_version = await _draft_version(uow.session, guideline)
    require(GUIDELINE, operation, facts_of(guideline, draft_version), uow.actor)
    return guideline


async def _viewed(session: Reading, guideline: Guideline) -> GuidelineView:
    department = await organisation.get_department(session, guideline.department_id)
    return GuidelineView(guideline, department, await _draft_version(session, guideline))


async def _draft_version(session: Reading, guideline: Guideline) -> int | None:
    drafts = await guidelines.draft_versions(session, [guideline])
    return drafts.get((guideline.department_id, guideline.code))


async def _check_items(uow: UnitOfWork, department_id: UUID, codes: Sequence[str]) -> None:
    if codes:
        rules.require_known_items(codes, await checklists.item_codes(uow.session, department_id))
