"""Search of the object library: any filters, any order, within a bounded piece of work.

Two ways lead to a page. Who walks the index of the order finds a page at once where matches are
common, and reads the whole library where they are rare; who asks the index of tokens (names in
pieces of one and two characters, codes, tags, places) finds all matches at once, which must then be
few enough to sort. Statistics can not tell which way is shorter (fragments and filters depend on
each other), so the walk is tried first, for so many rows and no more.
"""

import datetime as dt
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ClauseElement

from app.domain.actor import Scope
from app.domain.errors import RuleError
from app.domain.library_lists import ObjectSort
from app.domain.lifecycle import ObjectKind, ObjectStatus, RiskClass
from app.domain.refusals import general
from app.models.library import InspectionObject
from app.models.library_search import TOKENS, LibrarySearch
from app.reference.places import industries
from app.storage.paging import Paging, Slice, decode_key, encode_key
from app.storage.search import contained

WALKED = 8_000
"""Rows that the walk reads before it gives up: a page of 50 where one in 160 matches."""
MANY = 80_000
"""More matches than this are not sorted, but walked to, however long that takes."""
MAX_TOTAL = 10_000
"""Totals are counted so far; the number itself means "or more"."""
_CODE_TOKENS = 13  # prefixes of codes up to this length have tokens
_WHOLE_CODES = 14  # so much of a code is as good as all of it
_CODE_LIKE = re.compile(r"[0-9A-Z][0-9A-Z._-]*")
_AREA_TOKENS = (12, 9, 6, 4, 2)
_REGION_TOKENS = (6, 4, 2)


@dataclass(frozen=True, slots=True)
class ObjectFilter:
    """What a list of objects is narrowed to; None: not at all."""

    kind: ObjectKind | None = None
    status: ObjectStatus | None = None
    risk_class: RiskClass | None = None
    area_code: str | None = None
    tag: str | None = None
    q: str | None = None
    special_library: str | None = None
    industry: str | None = None
    last_inspected_before: dt.date | None = None
    sort: ObjectSort = ObjectSort.CREATED


_MARKS = {sort: number for number, sort in enumerate(ObjectSort)}


def encode_place(sort: ObjectSort, object_id: UUID) -> str:
    """A cursor behind an object in this order, of no use in another."""
    mark = bytes([_MARKS[sort]]) if sort is not ObjectSort.CREATED else b""
    return encode_key(mark + object_id.bytes)


def decode_place(sort: ObjectSort, cursor: str) -> UUID:
    """The object that a cursor of this order points behind; raises bad-cursor."""
    raw = decode_key(cursor)
    mark = b"" if sort is ObjectSort.CREATED else bytes([_MARKS[sort]])
    if len(raw) != len(mark) + 16 or not raw.startswith(mark):
        raise RuleError(general.BAD_CURSOR)
    return UUID(bytes=raw[len(mark) :])


class _Explained(Executable, ClauseElement):
    """A statement that is planned, not executed."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(_Explained)
def _explain(element: _Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **options)}"


class _Search:
    """The statements of one search."""

    def __init__(self, scope: Scope, wanted: ObjectFilter, limit: int) -> None:
        self._scope, self._wanted, self._limit = scope, wanted, limit
        self._s = LibrarySearch.__table__.c

    def near(self, behind: ColumnElement[bool]) -> Select[Any]:
        """The matches among the next rows of the order."""
        rows = select(*self._asked()).where(self._in_scope(), behind)
        near = rows.order_by(*self.order(self._s)).limit(WALKED).subquery("near").c
        return self._page(near, self._matches(near))

    def _asked(self) -> list[Any]:
        """The columns that the filters ask for and no other, so that the index may hold them."""
        wanted, s = self._wanted, self._s
        asked = (
            (s.kind, wanted.kind),
            (s.status, wanted.status),
            (s.risk_class, wanted.risk_class),
            (s.area_code, wanted.area_code),
            (s.industry_code, wanted.industry),
            (s.tags, wanted.tag),
            (s.special_libraries, wanted.special_library),
            (s.last_inspected_on, wanted.last_inspected_before),
            (s.name, wanted.q),
            (s.code, self._code),
        )
        return [s.object_id, s.name_key, *(column for column, value in asked if value is not None)]

    def walked(self, behind: ColumnElement[bool]) -> Select[Any]:
        """The matches in the order's index, as far as it must be read."""
        return self._page(self._s, self._in_scope(), behind, self._matches(self._s))

    def sorted(self, behind: ColumnElement[bool]) -> Select[Any]:
        """All matches that the tokens find, of which the first in the order."""
        # OFFSET 0 keeps the planner from walking after all.
        return self._page(self.found().where(behind).offset(0).subquery("found").c)

    def found(self) -> Select[Any]:
        """All matches, by the tokens."""
        return select(self._s.object_id, self._s.name_key).where(
            self._has_tokens(), self._matches(self._s), *self._region_beyond_tokens()
        )

    def counted(self, *, many: bool) -> Select[Any]:
        """How many objects match, up to MAX_TOTAL."""
        if many:
            rows = select(self._s.object_id).where(self._in_scope(), self._matches(self._s))
            rows = rows.order_by(self._s.object_id)
        else:
            rows = select(self.found().offset(0).subquery("found").c.object_id)
        return select(func.count()).select_from(rows.distinct().limit(MAX_TOTAL).subquery())

    def order(self, c: Any) -> tuple[Any, ...]:
        """The columns of the order, in its direction."""
        columns = (c.name_key, c.object_id) if self._wanted.sort.by_name else (c.object_id,)
        return tuple(column.desc() if self._wanted.sort.descends else column for column in columns)

    def behind(self, object_id: UUID, name_key: str) -> ColumnElement[bool]:
        """What comes after an object in the order."""
        descends = self._wanted.sort.descends
        if not self._wanted.sort.by_name:
            here = self._s.object_id
            return here < object_id if descends else here > object_id
        pair: Any = tuple_(self._s.name_key, self._s.object_id)
        place = tuple_(name_key, object_id)
        return pair < place if descends else pair > place  # type: ignore[no-any-return]

    @property
    def by_code(self) -> bool:
        """Whether so much of a code is asked for that walking is of no use."""
        return self._code is not None and len(self._code) >= _WHOLE_CODES

    @property
    def _code(self) -> str | None:
        code = (self._wanted.q or "").upper()
        return code if _CODE_LIKE.fullmatch(code) else None

    def _page(self, c: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
        page = select(c.object_id, c.name_key) if self._wanted.sort.by_name else select(c.object_id)
        page = page.where(*conditions).order_by(*self.order(c)).limit(self._limit)
        return page if self._one_department else page.distinct()

    @property
    def _one_department(self) -> bool:
        return not (self._scope.everything or self._scope.reads_region)

    def _in_scope(self) -> ColumnElement[bool]:
        if self._scope.everything:
            return true()
        if self._scope.reads_region:
            region: ColumnElement[bool] = self._s.department_region.startswith(
                self._scope.region_prefix, autoescape=True
            )
            return region
        if self._scope.department_id is None:
            return false()
        own: ColumnElement[bool] = self._s.department_id == self._scope.department_id
        return own

    def _matches(self, c: Any) -> ColumnElement[bool]:
        wanted = self._wanted
        found: list[ColumnElement[bool]] = [
            c[name] == value
            for name in ("kind", "status", "risk_class")
            if (value := getattr(wanted, name)) is not None
        ]
        if wanted.area_code is not None:
            found.append(c.area_code.startswith(wanted.area_code))
        if wanted.industry is not None:
            found.append(or_(*(c.industry_code.startswith(p) for p in _industries(wanted))))
        if wanted.tag is not None:
            found.append(c.tags.contains([wanted.tag]))
        if wanted.special_library is not None:
            found.append(c.special_libraries.contains([wanted.special_library]))
        if wanted.last_inspected_before is not None:
            found.append(c.last_inspected_on < wanted.last_inspected_before)
        if wanted.q is not None:
            named = contained(c.name, wanted.q)
            found.append(named if self._code is None else or_(named, _begins(c.code, self._code)))
        return and_(true(), *found)

    def _has_tokens(self) -> ColumnElement[bool]:
        """The same filters for the index of tokens, as far as it has them."""
        wanted = self._wanted
        tokens = self._scope_tokens()
        for mark, value in (
            ("k", wanted.kind),
            ("s", wanted.status),
            ("r", wanted.risk_class),
            ("t", wanted.tag),
            ("l", wanted.special_library),
        ):
            if value is not None:
                tokens.append(f"{mark}:{value}")
        if wanted.area_code is not None:
            tokens.append(f"a:{_longest(wanted.area_code, _AREA_TOKENS)}")
        conditions = [_hold_all(tokens)] if tokens else []
        if wanted.industry is not None:
            any_of = cast([f"i:{prefix}" for prefix in _industries(wanted)], ARRAY(Text))
            conditions.append(literal_column(TOKENS).op("&&")(any_of))
        if wanted.q is not None:
            conditions.append(self._text_tokens(tokens))
        return and_(true(), *conditions)

    def _region_beyond_tokens(self) -> list[ColumnElement[bool]]:
        return [] if self._one_department else [self._in_scope()]

    def _scope_tokens(self) -> list[str]:
        if self._one_department:
            return [f"d:{self._scope.department_id}"]  # of nobody ("None"): finds nothing
        prefix = self._scope.region_prefix
        if self._scope.everything or not prefix:
            return []
        return [f"D:{_longest(prefix, _REGION_TOKENS)}"]

    def _text_tokens(self, tokens: Sequence[str]) -> ColumnElement[bool]:
        assert self._wanted.q is not None
        named = _hold_all([*tokens, *grams(self._wanted.q)])
        if self._code is None:
            return named
        if len(self._code) > _CODE_TOKENS:
            return or_(named, _begins(self._s.code, self._code))
        return or_(named, _hold_all([*tokens, f"c:{self._code}"]))


def grams(fragment: str) -> list[str]:
    """The pieces of a fragment that the names holding it have: of two characters, or the one."""
    folded = "".join(low if len(low := char.lower()) == 1 else char for char in fragment)
    pairs = [folded[place : place + 2] for place in range(len(folded) - 1)]
    return list(dict.fromkeys(pairs)) or [folded]


async def list_objects(
    session: AsyncSession, scope: Scope, paging: Paging, wanted: ObjectFilter
) -> Slice[InspectionObject]:
    """A page of the objects that match; `q` is part of a name or the start of a code."""
    search = _Search(scope, wanted, paging.limit + 1)
    behind: ColumnElement[bool] = true()
    if paging.cursor is not None:
        last = decode_place(wanted.sort, paging.cursor)
        behind = search.behind(last, await _name_key(session, last, wanted.sort))
    many: bool | None = None
    ids: Sequence[UUID] = ()
    if not search.by_code:
        ids = (await session.execute(search.near(behind))).scalars().all()
    if len(ids) <= paging.limit:
        many = await _are_many(session, search)
        statement = search.walked(behind) if many else search.sorted(behind)
        ids = (await session.execute(statement)).scalars().all()
    total: int | None = None
    if paging.with_total:
        many = await _are_many(session, search) if many is None else many
        total = await session.scalar(search.counted(many=many))
    shown = ids[: paging.limit]
    more = len(ids) > paging.limit
    return Slice(
        await _in_order(session, shown),
        encode_place(wanted.sort, shown[-1]) if more else None,
        total,
    )


async def matching_ids(
    session: AsyncSession, scope: Scope, wanted: ObjectFilter, batch: int
) -> AsyncIterator[Sequence[UUID]]:
    """All objects that match, in the order asked for, so many at a time."""
    search = _Search(scope, wanted, batch)
    many = await _are_many(session, search)
    behind: ColumnElement[bool] = true()
    while True:
        statement = search.walked(behind) if many else search.sorted(behind)
        ids = (await session.execute(statement)).scalars().all()
        if ids:
            yield ids
        if len(ids) < batch:
            return
        behind = search.behind(ids[-1], await _name_key(session, ids[-1], wanted.sort))


async def _are_many(session: AsyncSession, search: _Search) -> bool:
    """Whether the statistics expect more matches than are quickly sorted."""
    plan = await session.scalar(_Explained(search.found()))
    return bool(plan[0]["Plan"]["Plan Rows"] > MANY)


async def _name_key(session: AsyncSession, object_id: UUID, sort: ObjectSort) -> str:
    if not sort.by_name:
        return ""
    query = select(InspectionObject.name_key).where(InspectionObject.id == object_id)
    found = await session.scalar(query)
    if found is None:
        raise RuleError(general.BAD_CURSOR)
    return found


async def _in_order(session: AsyncSession, ids: Sequence[UUID]) -> list[InspectionObject]:
    query = select(InspectionObject).where(InspectionObject.id == func.any(cast(list(ids), _IDS)))
    found = {row.id: row for row in (await session.execute(query)).scalars()}
    return [found[object_id] for object_id in ids if object_id in found]


_IDS = ARRAY(InspectionObject.id.type)


def _hold_all(tokens: Sequence[str]) -> ColumnElement[bool]:
    held: ColumnElement[bool] = literal_column(TOKENS).op("@>")(cast(list(tokens), ARRAY(Text)))
    return held


def _begins(column: Any, prefix: str) -> ColumnElement[bool]:
    """A range and no pattern: a prepared plan can not look into a pattern."""
    return and_(column >= prefix, column < prefix[:-1] + chr(ord(prefix[-1]) + 1))


def _longest(code: str, lengths: Sequence[int]) -> str:
    """As much of a prefix as there is a token for."""
    return code[: next(length for length in lengths if length <= len(code))]


def _industries(wanted: ObjectFilter) -> list[str]:
    """What stored codes begin with: of a section, its letter or the numbers of its divisions."""
    assert wanted.industry is not None
    code = wanted.industry
    if code.isalpha():
        parts = [entry.code for entry in industries() if entry.section == code]
        return [code, *(part for part in parts if part != code)]
    return [code.lstrip("ABCDEFGHIJKLMNOPQRST")]
