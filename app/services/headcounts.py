"""Declared headcounts, and how far the officer library covers them (R03).

A declaration is never changed: a new one supersedes it, and all stay. Figures are derived.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain import officer_coverage as rules
from app.domain import officer_library
from app.domain.actor import Actor, Permission
from app.domain.calendar import shanghai_date
from app.domain.officer_coverage import Coverage
from app.models.organisation import BusinessLine, Department
from app.models.people import HeadcountDeclaration
from app.services.checklists import find_line
from app.services.officers import OfficerView, officers_shown
from app.services.runtime import Runtime
from app.storage import headcounts, organisation
from app.storage.engine import Reading
from app.storage.headcounts import HeadcountFilter, Place
from app.storage.paging import Paging, Slice


@dataclass(frozen=True, slots=True)
class NewHeadcount:
    """What a department declares."""

    headcount: int
    declared_on: dt.date
    source: str
    business_line_code: str | None = None


@dataclass(frozen=True, slots=True)
class HeadcountView:
    """A declaration with its department and line, and whether it is in force."""

    declaration: HeadcountDeclaration
    department: Department
    business_line: BusinessLine | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class LineCoverage:
    """The coverage of one business line."""

    line: BusinessLine
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class DepartmentCoverage:
    """The coverage of a department and of its business lines."""

    department: Department
    coverage: Coverage
    lines: Sequence[LineCoverage]


class HeadcountService:
    """Use cases of declared headcounts and coverage."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def declare(self, actor: Actor, new: NewHeadcount) -> HeadcountView:
        """Declare how many licensed people the department, or one of its lines, has."""
        department_id = actor.acts_for(Permission.OFFICER_WRITE)
        officer_library.refuse_identity_text(new.source)
        async with self._db.unit_of_work(actor) as uow:
            rules.require_declared_day(new.declared_on, shanghai_date(uow.now))
            line = await find_line(uow, department_id, new.business_line_code)
            declaration = HeadcountDeclaration(
                id=uow.new_id(),
                department_id=department_id,
                business_line_id=line.id if line else None,
                headcount=new.headcount,
                declared_on=new.declared_on,
                source=new.source,
                recorded_at=uow.now,
                recorded_by=actor.account_id,
            )
            uow.session.add(declaration)
            await uow.flush()
            uow.audit(
                "headcount.declared",
                "headcount_declaration",
                declaration.id,
                after={
                    "headcount": new.headcount,
                    "declared_on": new.declared_on,
                    "business_line_code": new.business_line_code,
                },
            )
            return (await self._views(uow.session, actor, [declaration]))[0]

    async def list(
        self, actor: Actor, paging: Paging, wanted: HeadcountFilter
    ) -> Slice[HeadcountView]:
        """Declarations in the caller's scope, the latest first; superseded ones among them."""
        async with self._db.reading() as session:
            cut = await headcounts.list_declarations(session, actor.scope, paging, wanted)
            views = await self._views(session, actor, cut.items)
        return Slice(views, cut.next_cursor, cut.total)

    async def coverage(
        self, actor: Actor, department_code: str | None = None
    ) -> tuple[dt.date, Sequence[DepartmentCoverage]]:
        """Declared against held, by department and business line, as of today."""
        today = shanghai_date(self._db.clock.now())
        async with self._db.reading() as session:
            return today, await coverage_of(session, actor, today, department_code)

    async def counted(
        self, actor: Actor, paging: Paging, wanted: HeadcountFilter, certified: bool | None
    ) -> Slice[OfficerView]:
        """The officers behind a figure."""
        now = self._db.clock.now()
        async with self._db.reading() as session:
            cut = await headcounts.counted_officers(
                session, actor.scope, paging, shanghai_date(now), wanted, certified
            )
            views = await officers_shown(session, cut.items, now)
        return Slice(views, cut.next_cursor, cut.total)

    async def _views(
        self, session: Reading, actor: Actor, found: Sequence[HeadcountDeclaration]
    ) -> Sequence[HeadcountView]:
        departments = await organisation.departments_by_id(
            session, {one.department_id for one in found}
        )
        lines = await organisation.business_lines_by_id(
            session, {one.business_line_id for one in found if one.business_line_id is not None}
        )
        latest = {one.id for one in (await headcounts.declared(session, actor.scope)).values()}
        return [
            HeadcountView(
                one,
                departments[one.department_id],
                lines[one.business_line_id] if one.business_line_id else None,
                one.id in latest,
            )
            for one in found
        ]


async def coverage_of(
    session: Reading, actor: Actor, today: dt.date, department_code: str | None
) -> Sequence[DepartmentCoverage]:
    """Four statements, whatever the number of departments."""
    units = await headcounts.inspecting_departments(session, actor.scope, department_code)
    lines = await headcounts.lines_of(session, [unit.id for unit in units])
    declared = await headcounts.declared(session, actor.scope)
    held = await headcounts.held(session, actor.scope, today)

    def at(place: Place) -> Coverage:
        said = declared.get(place)
        in_library, certified = held.get(place, (0, 0))
        return rules.of_line(said.headcount if said else None, in_library, certified)

    found = []
    for unit in units:
        own = [
            LineCoverage(line, at((unit.id, line.id)))
            for line in lines
            if line.department_id == unit.id
        ]
        whole = at((unit.id, None))
        without_line = rules.of_line(None, whole.in_library, whole.certified)
        total = rules.of_department(whole.declared, [line.coverage for line in own], without_line)
        found.append(DepartmentCoverage(unit, total, own))
    return found
