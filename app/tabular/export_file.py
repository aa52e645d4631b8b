"""An export while it is written: rows go to a file as they come, nothing is kept in memory.

The file has no name once it is finished: it ends with whoever reads it, and a crash leaves nothing.
It refuses a row that a sheet cannot hold, and a text that the encoding cannot say.
"""

import csv
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import xlsxwriter

from app.domain.errors import RuleError
from app.domain.library_lists import ExportEncoding, ExportFormat
from app.domain.refusals.tabular import TEXT_NOT_IN_ENCODING
from app.tabular.writer import Cell, SheetRows, csv_row

_CODECS = {
    ExportEncoding.UTF8: "utf-8",
    ExportEncoding.UTF8_BOM: "utf-8-sig",
    ExportEncoding.GB18030: "gb18030",
}
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file: open, nameless, at its beginning."""

    content: BinaryIO
    size: int
    sha256: str
    rows: int


class ExportFile(Protocol):
    """A file that takes rows."""

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Append rows."""

    def finish(self) -> Written:
        """No more rows: the file, ready to be read."""

    def discard(self) -> None:
        """Give up; also after `finish`, when it does nothing."""


def begin_export(
    form: ExportFormat, encoding: ExportEncoding, sheet: str, headers: Sequence[str]
) -> ExportFile:
    """A new file with its header row."""
    if form is ExportFormat.XLSX:
        return _Workbook(sheet, headers)
    return _Text(_CODECS[encoding], headers)


class _Text:
    def __init__(self, codec: str, headers: Sequence[str]) -> None:
        self._finished = False
        self._file = tempfile.TemporaryFile("w+", encoding=codec, newline="")  # noqa: SIM115
        self._writer = csv.writer(self._file)
        self._rows = -1  # the header is none
        self.write([headers])

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        try:
            for row in rows:
                self._writer.writerow(csv_row(row))
                self._rows += 1
        except UnicodeEncodeError as fault:
            raise RuleError(TEXT_NOT_IN_ENCODING) from fault

    def finish(self) -> Written:
        self._file.flush()
        self._finished = True  # a detached file can not even be asked whether it is closed
        return _written(self._file.detach(), self._rows)  # type: ignore[arg-type]

    def discard(self) -> None:
        if not self._finished:
            self._file.close()


class _Workbook:
    def __init__(self, sheet: str, headers: Sequence[str]) -> None:
        self._folder = tempfile.mkdtemp(prefix="sunlot-export-")
        self._path = Path(self._folder) / "export.xlsx"
        options = {"constant_memory": True, "tmpdir": self._folder}
        self._workbook = xlsxwriter.Workbook(str(self._path), options)
        self._sheet = SheetRows(self._workbook, sheet, headers)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._sheet.append(rows)

    def finish(self) -> Written:
        self._workbook.close()
        content = self._path.open("rb")
        self.discard()
        return _written(content, self._sheet.rows)

    def discard(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _written(content: BinaryIO, rows: int) -> Written:
    digest = hashlib.sha256()
    content.seek(0)
    size = 0
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    content.seek(0)
    return Written(content, size, digest.hexdigest(), rows)
