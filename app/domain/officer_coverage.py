"""Whether everybody with enforcement duties is in the library (R03): declared against held."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import RuleError
from app.domain.publication import Rate
from app.domain.refusals import headcounts as refusals


class DeclaredBy(StrEnum):
    """Where a declared headcount comes from."""

    DECLARATION = "declaration"
    BUSINESS_LINES = "business_lines"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Coverage:
    """A department's or a business line's people: declared, in the library, with a certificate."""

    declared: int | None
    declared_by: DeclaredBy
    in_library: int
    certified: int
    """In the library with an enforcement certificate that holds today."""

    @property
    def missing(self) -> int | None:
        """How many of those declared are not in the library; None where nobody declared."""
        return None if self.declared is None else max(0, self.declared - self.in_library)

    @property
    def rate(self) -> Rate | None:
        """In the library of those declared; more than declared is all, and no more."""
        if self.declared is None:
            return None
        return Rate(min(self.in_library, self.declared), self.declared)


def of_line(declared: int | None, in_library: int, certified: int) -> Coverage:
    """The coverage of one business line."""
    by = DeclaredBy.NOBODY if declared is None else DeclaredBy.DECLARATION
    return Coverage(declared, by, in_library, certified)


def of_department(
    declared: int | None, lines: Iterable[Coverage], without_line: Coverage
) -> Coverage:
    """The coverage of a department: its own declaration, else the sum of its lines'."""
    parts = [*lines, without_line]
    by = DeclaredBy.DECLARATION
    if declared is None:
        said = [part.declared for part in parts if part.declared is not None]
        declared, by = (sum(said), DeclaredBy.BUSINESS_LINES) if said else (None, DeclaredBy.NOBODY)
    return Coverage(
        declared,
        by,
        sum(part.in_library for part in parts),
        sum(part.certified for part in parts),
    )


def require_declared_day(declared_on: dt.date, today: dt.date) -> None:
    """A headcount is of a day that has come."""
    if declared_on > today:
        raise RuleError(refusals.HEADCOUNT_AHEAD)
