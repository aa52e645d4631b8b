"""From printable sheets to PDF with typst, in threads that call it, one at a time.

The compiler is kept, because reading the font takes longer than setting a sheet. PDF/A-2u is asked
for: it is what archives keep, and its rules make typst refuse what it would otherwise print as
boxes. A warning (a font that is not there, a layout that does not settle) is an error here. The
same sheets give the same bytes: the only date in the file comes from the sheets.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import typst

from app.documents.glyphs import FONT_FILE, code_point, missing
from app.documents.labels import form_labels
from app.documents.qr import qr_svg
from app.domain.errors import RuleError
from app.domain.refusals import documents as refusals
from app.domain.sheet_content import PrintableSheet

_FOLDER = Path(__file__).resolve().parent
_NAMED_AT_MOST = 20
_FORGET_AFTER = 5
"""Sheets set at once from which on typst's memory of them is dropped."""
_ROUNDS_TO_FORGET = 11
"""typst-py drops what ten compilations have not used."""


class DocumentFault(Exception):
    """A template and what was put into it do not fit: a fault of ours, never the caller's."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the template gets, made outside of the lock."""

    data: str
    printed_on: date
    sheets: int


class SheetRenderer:
    """Sets inspection sheets; one per process, safe to call from several threads."""

    def __init__(self, template: Path = _FOLDER / "inspection_sheet.typ") -> None:
        self._template = template
        self._lock = threading.Lock()
        self._kept: typst.Compiler | None = None

    def render(self, job: Job) -> bytes:
        """One PDF with every sheet of the job, each with its own page numbers.

        A single sheet is tagged for screen readers; many are not, which halves the time.
        """
        with self._lock:
            pdf, warnings = self._compile(job)
            if job.sheets >= _FORGET_AFTER:
                _forget()
        if warnings or not isinstance(pdf, bytes):
            raise DocumentFault("; ".join(found.message for found in warnings))
        return pdf

    def _compile(self, job: Job) -> tuple[Any, Sequence[typst.TypstWarning]]:
        if self._kept is None:
            self._kept = typst.Compiler(
                str(self._template), font_paths=_fonts(), ignore_system_fonts=True
            )
        try:
            return self._kept.compile_with_warnings(
                format="pdf",
                sys_inputs={"data": job.data},
                pdf_standards="a-2u",
                timestamp=_midnight(job.printed_on),
                pdf_tags=job.sheets == 1,
            )
        except typst.TypstError as error:
            raise DocumentFault(error.message) from None


def job_of(sheets: Sequence[PrintableSheet], check_url: str) -> Job:
    """Everything that the template needs; `check_url` is where a sheet's digest is asked for."""
    printed_on = max(date.fromisoformat(sheet.values["issued_on"]) for sheet in sheets)
    data = {
        "date": {"year": printed_on.year, "month": printed_on.month, "day": printed_on.day},
        "labels": form_labels(_area_codes(sheets)),
        "sheets": [
            {
                "values": sheet.values,
                "sha256": sheet.sha256,
                "qr": qr_svg(f"{check_url}/{sheet.sheet_no}?sha256={sheet.sha256}"),
            }
            for sheet in sheets
        ],
    }
    return Job(json.dumps(data, ensure_ascii=False), printed_on, len(sheets))


def refuse_unprintable(sheets: Sequence[PrintableSheet]) -> None:
    """Raise document-character-missing for the first sheet with a character no font has."""
    for sheet in sheets:
        if found := missing(_texts(sheet.values)):
            raise RuleError(
                refusals.CHARACTER_MISSING,
                sheet_no=sheet.sheet_no,
                characters=[code_point(one) for one in found[:_NAMED_AT_MOST]],
            )


def _area_codes(sheets: Sequence[PrintableSheet]) -> set[str]:
    return {sheet.values["subject"]["area_code"] for sheet in sheets}


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for member in value for text in _texts(member)]
    return []


def _midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86_400


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(FONT_FILE.parent)],
    )


def _forget() -> None:
    """Let typst drop the layouts of a large job: two megabytes a sheet, of use to no later one."""
    blank = typst.Compiler(
        str(_FOLDER / "blank.typ"), font_paths=_fonts(), ignore_system_fonts=True
    )
    for _ in range(_ROUNDS_TO_FORGET):
        blank.compile(format="pdf", timestamp=0)
