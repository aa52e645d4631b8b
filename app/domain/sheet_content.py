"""What stands on a printed 《执法检查表》, and the digest by which anyone may ask whether it holds.

Values only: codes instead of labels, days and minutes of Asia/Shanghai as text. The digest covers
exactly what is printed for one reader, so a paper is current as long as nothing on it has changed.
The sheet's id is part of it: nobody outside can guess contents and have them confirmed.
"""

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.domain.calendar import SHANGHAI
from app.domain.canonical import canonical, sha256_hex

FORM = "sunlot-inspection-sheet-1"
_FIRST_PRINTABLE = "\u0020"


@dataclass(frozen=True, slots=True)
class PrintedSubject:
    """Whom the sheet is about, or who answers for it, as it was when the draw was locked."""

    name: str
    code: str
    kind: str
    id_scheme: str
    id_value: str
    address: str | None
    area_code: str
    risk_class: str


@dataclass(frozen=True, slots=True)
class PrintedTask:
    """The plan task that the sheet comes from."""

    plan_no: str
    plan_name: str
    code: str
    name: str
    draw_no: str
    targeted: bool
    methods: Sequence[str]
    period_from: str
    period_to: str


@dataclass(frozen=True, slots=True)
class PrintedOfficer:
    """A member of the team."""

    name: str
    code: str
    certificate_no: str
    lead: bool


@dataclass(frozen=True, slots=True)
class PrintedBasis:
    """A law that an item is checked by, and where in it."""

    law: str
    article: str


@dataclass(frozen=True, slots=True)
class PrintedPoint:
    """A key point that says how it is checked; one that does not is its text and nothing else.

    So a sheet whose points have no method keeps the digest it had before there were methods.
    """

    content: str
    method: str


@dataclass(frozen=True, slots=True)
class PrintedItem:
    """An item to check; what was found is empty until it is recorded."""

    code: str
    name: str
    sub_item: str | None
    key: bool
    bases: Sequence[PrintedBasis]
    key_points: Sequence[str | PrintedPoint]
    outcome: str | None = None
    problem: str | None = None
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class PrintedVisit:
    """When and where it was checked, and what was said."""

    started: str | None = None
    ended: str | None = None
    place: str | None = None
    present: str | None = None
    statement: str | None = None
    methods: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PrintedAcknowledgement:
    """Signature, seal, or the reason in their place (R16)."""

    kind: str
    signer: str | None
    reason: str | None
    witness_name: str | None
    witness_unit: str | None
    noted_by: Sequence[str]
    at: str


@dataclass(frozen=True, slots=True)
class PrintedSection:
    """A department's part. `shown` is False where its record is not the reader's to see."""

    department: str
    void: bool
    shown: bool
    team: Sequence[PrintedOfficer]
    materials: Sequence[str]
    items: Sequence[PrintedItem]
    visit: PrintedVisit
    acknowledgement: PrintedAcknowledgement | None = None
    result: str | None = None
    result_note: str | None = None
    review_opinion: str | None = None
    reviewed: str | None = None


@dataclass(frozen=True, slots=True)
class SheetContent:
    """One sheet as one reader gets it."""

    sheet_id: str
    sheet_no: str
    issued_on: str
    deadline_on: str
    task: PrintedTask
    subject: PrintedSubject
    responsible: PrintedSubject | None
    sections: Sequence[PrintedSection]


@dataclass(frozen=True, slots=True)
class PrintableSheet:
    """A sheet's content ready to print: clean texts, and their digest."""

    values: dict[str, Any]
    sha256: str

    @property
    def sheet_no(self) -> str:
        """The sheet's public number."""
        return str(self.values["sheet_no"])


def printable(content: SheetContent) -> PrintableSheet:
    """The content as plain values with the SHA-256 of their canonical JSON."""
    values = _clean(asdict(content) | {"form": FORM})
    return PrintableSheet(values, sha256_hex(canonical(values)))


def shanghai_day(value: dt.date | dt.datetime) -> str:
    """A day of Asia/Shanghai as YYYY-MM-DD."""
    if isinstance(value, dt.datetime):
        value = value.astimezone(SHANGHAI).date()
    return value.isoformat()


def shanghai_minute(value: dt.datetime | None) -> str | None:
    """An instant as YYYY-MM-DD HH:MM of Asia/Shanghai."""
    return None if value is None else f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {key: _clean(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(member) for member in value]
    return value


def _text(value: str) -> str:
    """NFC, without characters that have no form: they would print nothing, or turn the line."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(
        character
        for character in unicodedata.normalize("NFC", value.replace("\t", " "))
        if character == "\n"
        or (character >= _FIRST_PRINTABLE and unicodedata.category(character) not in {"Cc", "Cf"})
    )
