"""A large file of objects as they really come: clean rows, and rows with named kinds of damage.

The same seed makes the same file. For each damaged row the generator says what must become of it:
refused with a code, or repaired and taken with a warning, or taken in silence. Nothing is a real
firm. What Excel itself makes (numbers, merged cells) is in the xlsx form, what text files suffer
(control characters, a comma that nobody quoted, formulas as text) in the csv form.
"""

import csv
import io
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter

from app.domain.credit_code import check_character, organisation_check_character

HEAD = (
    "序号", "统一社会信用代码", "名称", "类型", "住所", "行政区划", "登记状态", "信用风险等级",
    "风险评定日期", "行业代码", "监管标签", "责任主体代码", "风险等级来源",
)  # fmt: skip
NUMBER, CODE, NAME, KIND, ADDRESS, AREA, STATUS, RISK, DAY, INDUSTRY, TAGS, RESPONSIBLE = range(12)
CSV, XLSX = "csv", "xlsx"
EVERY = frozenset({CSV, XLSX})
Cells = list[str]
REJECTED, REPAIRED, TAKEN = "rejected", "warning", "taken"


def credit_code(number: int, prefix: str = "91", region: str = "150525") -> str:
    body = f"{number:08d}"
    stem = prefix + region + body + organisation_check_character(body)
    return stem + check_character(stem)


@dataclass(frozen=True)
class Damage:
    """A kind of damage; `spoil` changes the cells of a clean row."""

    name: str
    outcome: str
    code: str | None
    spoil: Callable[[Cells, random.Random, "Messy"], Cells]
    formats: frozenset[str] = EVERY


@dataclass
class Messy:
    """The file while it is made, and what is expected of each of its rows."""

    seed: int
    form: str
    first: int = 0
    lines: list[Cells] = field(default_factory=list)
    rejected: dict[int, str] = field(default_factory=dict)
    repaired: dict[int, str] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    clean: list[Cells] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)
    data_rows: int = 0

    @property
    def stored(self) -> int:
        """How many rows are to be stored."""
        return self.data_rows - len(self.rejected)


def _cell(place: int, value: str) -> Callable[[Cells, random.Random, Messy], Cells]:
    return lambda cells, _chance, _file: [*cells[:place], value, *cells[place + 1 :]]


def _wrong_check(cells: Cells, chance: random.Random, _file: Messy) -> Cells:
    code = cells[CODE]
    wrong = next(c for c in "0123456789" if c != code[-1] and c != chance.choice(code))
    cells[CODE] = code[:-1] + wrong
    return cells


def _letter_o(cells: Cells, _chance: random.Random, _file: Messy) -> Cells:
    cells[CODE] = cells[CODE].replace("0", "O", 1)
    return cells


def _full_width(cells: Cells, _chance: random.Random, _file: Messy) -> Cells:
    cells[CODE] = cells[CODE].translate({48 + n: 0xFF10 + n for n in range(10)})
    return cells


def _spaces(cells: Cells, chance: random.Random, _file: Messy) -> Cells:
    code, gap = cells[CODE], chance.choice((" ", "\u00a0", "\u3000"))
    cells[CODE] = f"{code[:6]}{gap}{code[6:]}"
    cells[NAME] = f"{gap}{cells[NAME]}{gap}"
    return cells


def _lower(cells: Cells, _chance: random.Random, file: Messy) -> Cells:
    number = 60_000_000 + file.first + len(file.lines)
    while (code := credit_code(number)).lower() == code:
        number += 1_000_000
    cells[CODE] = code.lower()
    return cells


def _repeated(cells: Cells, chance: random.Random, file: Messy) -> Cells:
    return list(chance.choice(file.clean)) if file.clean else _cell(NAME, "")(cells, chance, file)


def _scientific(cells: Cells, _chance: random.Random, _file: Messy) -> Cells:
    cells[CODE] = "9.11505E+17"
    return cells


def _product(responsible: Callable[[Messy], str]) -> Callable[..., Cells]:
    def spoil(cells: Cells, _chance: random.Random, file: Messy) -> Cells:
        cells[CODE], cells[KIND] = f"CP-{file.first + len(file.lines):08d}", "产品"
        cells[RESPONSIBLE] = responsible(file)
        return cells

    return spoil


def _unquoted(cells: Cells, _chance: random.Random, _file: Messy) -> Cells:
    return [*cells[:TAGS], "食品", "药品", "特种设备", "化妆品"]


def _cut_short(cells: Cells, _chance: random.Random, _file: Messy) -> Cells:
    return cells[:NAME]


def _quoted_text(cells: Cells, _chance: random.Random, _file: Messy) -> Cells:
    cells[CODE] = f'="{cells[CODE]}"'
    return cells


def _blank(_cells: Cells, _chance: random.Random, _file: Messy) -> Cells:
    return []


def _continued(cells: Cells, _chance: random.Random, _file: Messy) -> Cells:
    return ["", "", "", "", f"{cells[ADDRESS]}二楼", *[""] * 7]


def _merged(_cells: Cells, _chance: random.Random, file: Messy) -> Cells:
    file.merged.append(len(file.lines) + 1)  # with the row above it, which is clean
    return list(file.lines[-1])


TEXT = frozenset({CSV})
BOOK = frozenset({XLSX})
DAMAGES = (
    Damage("wrong check digit", REJECTED, "credit-code-invalid", _wrong_check),
    Damage("letter O for zero", REJECTED, "credit-code-invalid", _letter_o),
    Damage("code missing", REJECTED, "value-missing", _cell(CODE, "")),
    Damage("name missing", REJECTED, "value-missing", _cell(NAME, " ")),
    Damage("unknown status", REJECTED, "value-unknown", _cell(STATUS, "不详")),
    Damage("unknown kind", REJECTED, "value-unknown", _cell(KIND, "其他类型甲")),
    Damage("unknown risk class", REJECTED, "value-unknown", _cell(RISK, "E类")),
    Damage("row repeated", REJECTED, "duplicate-in-file", _repeated),
    Damage("area of another region", REJECTED, "area-outside-region", _cell(AREA, "150502")),
    Damage("area in words", REJECTED, "value-unknown", _cell(AREA, "旗里")),
    Damage("date in bad form", REJECTED, "date-unknown", _cell(DAY, "去年春天")),
    Damage("impossible date", REJECTED, "date-unknown", _cell(DAY, "2026-02-30")),
    Damage("name too long", REJECTED, "cell-too-long", _cell(NAME, "长" * 301)),
    Damage("name longer than the library", REJECTED, "cell-too-long", _cell(NAME, "长" * 201)),
    Damage("tag too long", REJECTED, "entry-too-long", _cell(TAGS, "标" * 51)),
    Damage("garbled", REJECTED, "text-garbled", _cell(NAME, "奈曼\ufffd\ufffd商店")),
    Damage("garbled twice", REJECTED, "text-garbled", _cell(NAME, "锟斤拷锟斤拷商店")),
    Damage("scientific code", REJECTED, "credit-code-invalid", _scientific, TEXT),
    Damage("code as a number", REJECTED, "number-precision-lost", _scientific, BOOK),
    Damage("responsible missing", REJECTED, "value-missing", _product(lambda _: "")),
    Damage(
        "responsible not in the library", REJECTED, "responsible-not-found",
        _product(lambda file: credit_code(90_000_000 + len(file.lines))),
    ),
    Damage("control character", REJECTED, "control-character", _cell(NAME, "东\x01风\x00店"), TEXT),
    Damage("comma not quoted", REJECTED, "row-too-wide", _unquoted, TEXT),
    Damage("row cut short", REJECTED, "value-missing", _cut_short, TEXT),
    Damage("formula", REJECTED, "formula-found", _cell(NAME, "=VLOOKUP(A2;库!A:B;2;0)"), TEXT),
    Damage("continuation", REJECTED, "value-missing", _continued),
    Damage("merged with the row above", REJECTED, "duplicate-in-file", _merged, BOOK),
    Damage("full-width digits", REPAIRED, "code-normalised", _full_width),
    Damage("stray spaces", REPAIRED, "code-normalised", _spaces),
    Damage("lower case", REPAIRED, "code-normalised", _lower),
    Damage("unknown industry", REPAIRED, "value-ignored", _cell(INDUSTRY, "零售业")),
    Damage("status missing", REPAIRED, "status-assumed", _cell(STATUS, "")),
    Damage("kind missing", REPAIRED, "kind-derived", _cell(KIND, "")),
    Damage("kind of another register", REPAIRED, "kind-mismatch", _cell(KIND, "个体工商户")),
    Damage("responsible of a firm", REPAIRED, "value-ignored", _cell(RESPONSIBLE, "示例")),
    Damage("invisible characters", TAKEN, None, _cell(ADDRESS, "\u200b示例路\ufeff1号")),
    Damage("text as a formula", TAKEN, None, _quoted_text, TEXT),
    Damage("date in another form", TAKEN, None, _cell(DAY, "2026年1月31日")),
    Damage("blank row", TAKEN, None, _blank),
)  # fmt: skip
SHARE = 0.2
"""Of rows that are damaged."""


def messy_objects(rows: int, *, seed: int, form: str, first: int = 0) -> Messy:
    """So many rows below the header, every kind of damage; firms are numbered from `first`."""
    chance = random.Random(seed)
    file = Messy(seed, form, first)
    kinds = [damage for damage in DAMAGES if form in damage.formats]
    due = list(kinds)
    file.lines.append(list(HEAD))
    for number in range(rows):
        clean = _clean(first + number, chance)
        damage = None
        if number > 1 and chance.random() < SHARE:
            damage = due.pop() if due else chance.choice(kinds)
            if damage.spoil is _merged and _is_damaged(file, len(file.lines)):
                damage = None  # the row above it must be a clean one
        _add(file, clean, damage, chance)
    assert not due, "too few rows for every kind of damage"
    return file


def _is_damaged(file: Messy, row: int) -> bool:
    return row in file.kinds


def _clean(number: int, chance: random.Random) -> Cells:
    return [
        str(number + 1), credit_code(number + 1),
        f"奈曼旗{chance.choice('东南西北')}{chance.choice('风雨山水')}商店{number + 1}", "企业",
        f"大沁他拉镇{number % 900}号", "150525", chance.choice(("存续", "在业", "开业")),
        f"{chance.choice('ABCD')}类", "2026-01-31", "F", chance.choice(("食品经营", "药品", "")), "",
        "企业信用风险分类管理系统",
    ]  # fmt: skip


def _add(file: Messy, clean: Cells, damage: Damage | None, chance: random.Random) -> None:
    row = len(file.lines) + 1
    if damage is None:
        file.clean.append(clean)
        file.lines.append(clean)
    else:
        file.kinds[row] = damage.name
        file.lines.append(damage.spoil(list(clean), chance, file))
        if damage.code is not None:
            said = file.rejected if damage.outcome == REJECTED else file.repaired
            said[row] = damage.code
    file.data_rows += any(cell.strip() for cell in file.lines[-1])


def as_csv(file: Messy, encoding: str) -> bytes:
    """The file as text; a row that is too wide was never quoted."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(file.lines)
    return out.getvalue().encode(encoding)


def as_xlsx(file: Messy) -> bytes:
    """The file as a workbook: a code in scientific form is a number there, merged rows are one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "messy.xlsx"
        workbook = xlsxwriter.Workbook(str(path), {"tmpdir": folder})
        sheet = workbook.add_worksheet()
        merged = dict.fromkeys(file.merged)
        for place, cells in enumerate(file.lines):
            for column, text in _written(place, cells, merged):
                if text == "9.11505E+17":
                    sheet.write_number(place, column, 911505250000000123)
                else:
                    sheet.write_string(place, column, text)
        for row in file.merged:
            for column, text in enumerate(file.lines[row - 1]):
                if text:
                    sheet.merge_range(row - 2, column, row - 1, column, text)
        workbook.close()
        return path.read_bytes()


def _written(place: int, cells: Cells, merged: dict[int, None]) -> Iterator[tuple[int, str]]:
    if place + 1 in merged or place + 2 in merged:
        return  # merge_range writes both rows
    for column, text in enumerate(cells):
        if text:
            yield column, text
