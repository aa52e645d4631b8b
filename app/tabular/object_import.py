"""The object library from a spreadsheet: one `ObjectRow` per subject, and a verdict per row.

Firms are known by their credit code, whose check digit is tested (old ones by a registration
number, with a warning); products, projects and activities by a library code and the code of who
answers for them. What decides whether and how a subject can be drawn (kind, status, risk class) is
never assumed where the file says something we do not understand: the row is refused.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.credit_code import (
    is_credit_code,
    is_project_code,
    object_kind_of,
    registration_number_warning,
)
from app.domain.lifecycle import MARKET_KINDS, IdScheme, ObjectKind, ObjectStatus, RiskClass
from app.domain.row_messages import (
    ACCEPTED,
    CODE_NORMALISED,
    CREDIT_CODE_INVALID,
    DATE_UNKNOWN,
    DUPLICATE_IN_FILE,
    HEADER_REPEATED,
    KIND_DERIVED,
    KIND_MISMATCH,
    LIBRARY_CODE_INVALID,
    REGISTRATION_CHECK_DIGIT,
    REGISTRATION_NUMBER_USED,
    STATUS_ASSUMED,
    VALUE_IGNORED,
    VALUE_MISSING,
    VALUE_UNKNOWN,
)
from app.tabular.cells import (
    CODE,
    LONG_TERM,
    REGISTRATION_NUMBER,
    one_line,
    parse_code,
    parse_date,
    reject_faults,
    require,
    split_list,
    within_limits,
)
from app.tabular.headers import Column, Header, find_header
from app.tabular.industry import is_industry_code
from app.tabular.table import Table, TableRow
from app.tabular.verdicts import ImportReport, Verdicts
from app.tabular.vocabulary import meaning

COLUMNS = (
    Column("sequence", "序号", ("no",)),
    Column(
        "code",
        "统一社会信用代码/注册号/名录库编码",
        (
            "统一社会信用代码",
            "统一社会信用代码/注册号",
            "统一信用代码",
            "统一信用代码/注册号",
            "社会信用代码",
            "信用代码",
            "名录库编码",
            "对象编码",
            "编码",
        ),
        required=True,
    ),
    Column("registration_number", "注册号", ("工商注册号", "营业执照注册号")),
    Column("name", "名称", ("企业名称", "对象名称", "主体名称", "检查对象名称"), required=True),
    Column("kind", "类型", ("对象类型", "主体类型", "检查对象类型")),
    Column("address", "住所", ("经营场所", "地址", "住所经营场所", "生产经营场所")),
    Column("region_code", "行政区划", ("行政区划代码", "区划代码", "所属区划", "属地")),
    Column("status", "登记状态", ("经营状态", "状态", "企业状态")),
    Column("risk_class", "信用风险等级", ("风险等级", "信用风险分类", "风险分类", "信用等级")),
    Column("risk_source", "风险等级来源", ("风险来源",)),
    Column("risk_on", "风险评定日期", ("风险等级日期", "评定日期")),
    Column("industry_code", "行业代码", ("国民经济行业代码", "行业")),
    Column("tags", "监管标签", ("标签", "分类监管标签")),
    Column("special_libraries", "专项库", ("专项库名称",)),
    Column("responsible_code", "责任主体代码", ("责任主体统一社会信用代码", "责任主体")),
    Column(
        "identity_number",
        "身份证号",
        (
            "身份证",
            "身份证号码",
            "公民身份号码",
            "经营者身份证号",
            "法定代表人身份证号",
            "负责人身份证号",
        ),
        stored=False,
    ),
)
LONGEST = {"name": 300, "address": 500, "risk_source": 200}
_REGION = (6, 9, 12)


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """One subject as the file states it; the identifier is (scheme, code)."""

    row: int
    kind: ObjectKind
    id_scheme: IdScheme
    code: str
    name: str
    address: str
    region_code: str | None
    status: ObjectStatus
    risk_class: RiskClass
    risk_source: str
    risk_on: dt.date | None
    industry_code: str | None
    tags: tuple[str, ...]
    special_libraries: tuple[str, ...]
    responsible_code: str | None


@dataclass(frozen=True, slots=True)
class ObjectImport:
    """The subjects that may be imported, and the account of every row."""

    objects: tuple[ObjectRow, ...]
    report: ImportReport


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading one row needs; one per import."""

    header: Header
    verdicts: Verdicts
    regions: Mapping[str, str]
    valid_credit_code: Callable[[str], bool]


def read_objects(
    table: Table,
    *,
    regions: Mapping[str, str] | None = None,
    valid_credit_code: Callable[[str], bool] = is_credit_code,
) -> ObjectImport:
    """Every subject that can be taken. `regions` maps the names of regions to their codes."""
    verdicts = Verdicts({column.field: column.title for column in COLUMNS})
    header, rows = find_header(table, COLUMNS, verdicts)
    reading = _Reading(header, verdicts, regions or {}, valid_credit_code)
    objects: list[ObjectRow] = []
    first_rows: dict[str, int] = {}
    for row in rows:
        if header.repeats_in(row):
            verdicts.accept(row.number, HEADER_REPEATED)
            continue
        read = _object(row, reading)
        if read is None:
            continue
        first = first_rows.setdefault(read.code, row.number)
        if first != row.number:
            verdicts.reject(row.number, DUPLICATE_IN_FILE, "code", first_row=first)
            continue
        objects.append(read)
        verdicts.accept(row.number, ACCEPTED)
    return ObjectImport(tuple(objects), verdicts.report(row.number for row in rows))


def _object(row: TableRow, reading: _Reading) -> ObjectRow | None:
    """One subject, or None after everything that is wrong with it has been named."""
    header, verdicts = reading.header, reading.verdicts
    sound = not reject_faults(row, header, verdicts)
    sound = require(row, header, verdicts, "name") and sound
    code = parse_code(header.text(row, "code")) or parse_code(
        header.text(row, "registration_number")
    )
    if code and code not in {header.text(row, "code"), header.text(row, "registration_number")}:
        verdicts.warn(row.number, CODE_NORMALISED, "code")
    valid = reading.valid_credit_code(code)
    kind = _kind(row, code, reading, valid=valid)
    scheme = _scheme(row, kind, code, reading, valid=valid)
    status = _status(row, reading)
    risk = _risk(row, reading)
    region, region_sound = _region(row, reading)
    responsible, responsible_sound = _responsible(row, kind, reading)
    risk_on, date_sound = _date(row, reading)
    texts = {name: one_line(header.text(row, name)) for name in LONGEST}
    sound = within_limits(row, texts, LONGEST, verdicts) and sound
    sound = sound and region_sound and responsible_sound and date_sound
    if not sound or kind is None or scheme is None or status is None or risk is None:
        return None
    return ObjectRow(
        row=row.number,
        kind=kind,
        id_scheme=scheme,
        code=code,
        region_code=region,
        status=status,
        risk_class=risk,
        risk_on=risk_on,
        industry_code=_industry(row, reading),
        tags=split_list(header.text(row, "tags")),
        special_libraries=split_list(header.text(row, "special_libraries")),
        responsible_code=responsible,
        **texts,
    )


def _kind(row: TableRow, code: str, reading: _Reading, *, valid: bool) -> ObjectKind | None:
    """The kind the row states; a credit code tells it where the file has none (DOMAIN s.7)."""
    text = reading.header.text(row, "kind")
    by_code = ObjectKind(object_kind_of(code)) if valid else None
    if not text:
        if by_code is None:
            reading.verdicts.reject(row.number, VALUE_MISSING, "kind")
        else:
            reading.verdicts.warn(row.number, KIND_DERIVED, "kind")
        return by_code
    kind = meaning(ObjectKind, text)
    if kind is None:
        reading.verdicts.reject(row.number, VALUE_UNKNOWN, "kind")
    elif by_code is not None and kind in MARKET_KINDS and kind != by_code:
        reading.verdicts.warn(row.number, KIND_MISMATCH, "kind")
    return kind


def _scheme(
    row: TableRow, kind: ObjectKind | None, code: str, reading: _Reading, *, valid: bool
) -> IdScheme | None:
    """Which kind of identifier the code is; None after a refusal."""
    verdicts = reading.verdicts
    if not code:
        verdicts.reject(row.number, VALUE_MISSING, "code")
        return None
    if kind is not None and kind not in MARKET_KINDS:
        if kind is ObjectKind.PROJECT and is_project_code(code):
            return IdScheme.PROJECT_CODE
        if CODE.fullmatch(code):
            return IdScheme.LIBRARY_CODE
        verdicts.reject(row.number, LIBRARY_CODE_INVALID, "code")
        return None
    if REGISTRATION_NUMBER.fullmatch(code):
        verdicts.warn(row.number, REGISTRATION_NUMBER_USED, "code")
        if registration_number_warning(code) is not None:
            verdicts.warn(row.number, REGISTRATION_CHECK_DIGIT, "code")
        return IdScheme.REGISTRATION_NUMBER
    if valid:
        return IdScheme.CREDIT_CODE
    verdicts.reject(row.number, CREDIT_CODE_INVALID, "code")
    return None


def _status(row: TableRow, reading: _Reading) -> ObjectStatus | None:
    if not reading.header.text(row, "status") and reading.header.has("status"):
        reading.verdicts.warn(row.number, STATUS_ASSUMED, "status")
    text = reading.header.text(row, "status")
    found = meaning(ObjectStatus, text) if text else ObjectStatus.ACTIVE
    if found is None:
        reading.verdicts.reject(row.number, VALUE_UNKNOWN, "status")
    return found


def _risk(row: TableRow, reading: _Reading) -> RiskClass | None:
    text = reading.header.text(row, "risk_class")
    found = meaning(RiskClass, text) if text else RiskClass.UNRATED
    if found is None:
        reading.verdicts.reject(row.number, VALUE_UNKNOWN, "risk_class")
    return found


def _region(row: TableRow, reading: _Reading) -> tuple[str | None, bool]:
    text = one_line(reading.header.text(row, "region_code"))
    if not text:
        return None, True
    code = reading.regions.get(text, text)
    if len(code) in _REGION and code.isascii() and code.isdigit():
        return code, True
    reading.verdicts.reject(row.number, VALUE_UNKNOWN, "region_code")
    return None, False


def _responsible(
    row: TableRow, kind: ObjectKind | None, reading: _Reading
) -> tuple[str | None, bool]:
    """Who answers for a product, project or activity; a firm answers for itself."""
    code = parse_code(reading.header.text(row, "responsible_code"))
    if kind is None or kind in MARKET_KINDS:
        if code:
            reading.verdicts.warn(row.number, VALUE_IGNORED, "responsible_code")
        return None, True
    if not code:
        reading.verdicts.reject(row.number, VALUE_MISSING, "responsible_code")
        return None, False
    if reading.valid_credit_code(code) or REGISTRATION_NUMBER.fullmatch(code):
        return code, True
    reading.verdicts.reject(row.number, CREDIT_CODE_INVALID, "responsible_code")
    return None, False


def _date(row: TableRow, reading: _Reading) -> tuple[dt.date | None, bool]:
    text = reading.header.text(row, "risk_on")
    found = parse_date(text) if text else None
    if text and (found is None or found == LONG_TERM):
        reading.verdicts.reject(row.number, DATE_UNKNOWN, "risk_on")
        return None, False
    return found, True


def _industry(row: TableRow, reading: _Reading) -> str | None:
    """A code of GB/T 4754, never a name: free text misfiles firms, so it is left out."""
    code = parse_code(reading.header.text(row, "industry_code"))
    if code and not is_industry_code(code):
        reading.verdicts.warn(row.number, VALUE_IGNORED, "industry_code")
        return None
    return code or None
