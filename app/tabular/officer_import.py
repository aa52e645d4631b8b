"""The officer library from a spreadsheet: one `OfficerRow` per officer, and a verdict per row.

An officer is known by the staff number of the unit, never by an identity-card number; columns with
identity card, telephone, sex, age or education are recognised and left out, for the duty does not
need them. Experts advise and do not enter this library (R04). An officer without a certificate is
taken (R03: all of them belong in the library) and named, since he or she cannot be drawn.
"""

import datetime as dt
from dataclasses import dataclass

from app.domain.lifecycle import OfficerStatus
from app.domain.masking import PersonalKind, find_personal_numbers
from app.domain.row_messages import (
    ACCEPTED,
    CERTIFICATE_MISSING,
    CERTIFICATE_REPEATED,
    DATE_UNKNOWN,
    DUPLICATE_IN_FILE,
    EXPERT_NOT_OFFICER,
    HEADER_REPEATED,
    IDENTITY_NUMBER_AS_CODE,
    IDENTITY_NUMBER_IN_CELL,
    LIBRARY_CODE_INVALID,
    VALUE_UNKNOWN,
)
from app.tabular.cells import (
    CODE,
    IDENTITY_NUMBER,
    one_line,
    parse_code,
    parse_date,
    parse_flag,
    reject_faults,
    require,
    split_list,
    within_limits,
)
from app.tabular.headers import Column, Header, find_header
from app.tabular.table import Table, TableRow
from app.tabular.verdicts import ImportReport, Verdicts
from app.tabular.vocabulary import meaning

COLUMNS = (
    Column("sequence", "序号", ("no",)),
    Column("code", "单位工号", ("编号", "工号", "人员编号", "名录库编码"), required=True),
    Column("name", "姓名", ("执法人员姓名", "检查人员姓名"), required=True),
    Column("business_line", "业务条线", ("业务部门", "股室", "科室", "所属科室")),
    Column("post", "职务", ("担任职务", "岗位")),
    Column("exact_post", "具体职务"),
    Column("certificate_no", "执法证编号", ("执法证号", "行政执法证号", "执法证件号码")),
    Column("certificate_issuer", "发证机关", ("执法证发证机关", "发证单位")),
    Column("certificate_valid_to", "执法证有效期", ("执法证有效期至", "有效期", "有效期至")),
    Column("qualifications", "执法资质", ("岗位资质资格", "资质", "资质资格")),
    Column("specialties", "业务专长", ("专长",)),
    Column("item_scopes", "执法事项范围", ("执法范围", "事项范围")),
    Column("leader_eligible", "是否可任组长", ("可任组长", "是否组长")),
    Column("regions", "区域", ("执法区域", "地区", "行政区划")),
    Column("status", "状态", ("执法人员状态", "人员状态", "在岗状态")),
    Column("is_expert", "是否专家", ("专家",)),
    Column("identity_number", "身份证号", ("身份证", "身份证号码", "公民身份号码"), stored=False),
    Column("phone", "手机号", ("手机", "联系电话", "电话", "手机号码"), stored=False),
    Column("sex", "性别", stored=False),
    Column("age", "年龄", ("出生日期", "出生年月"), stored=False),
    Column("education", "学历", ("学历专业", "学位"), stored=False),
    Column("nation", "民族", ("籍贯", "政治面貌"), stored=False),
    Column("position_type", "岗位大类", ("岗位类别",), stored=False),
    Column("in_post_since", "从事本岗起始日期", ("从事本岗位起始日期",), stored=False),
    Column("level", "层级", ("人员层级",), stored=False),
)
LONGEST = {
    "name": 100,
    "business_line": 100,
    "post": 100,
    "certificate_no": 64,
    "certificate_issuer": 200,
}
_KEPT_TEXTS = (*LONGEST, "exact_post", "qualifications", "specialties", "item_scopes")
_SHORTEST_IDENTITY = 15


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """One officer as the file states it."""

    row: int
    code: str
    name: str
    business_line: str
    post: str
    certificate_no: str
    certificate_issuer: str
    certificate_valid_to: dt.date | None
    qualifications: tuple[str, ...]
    specialties: tuple[str, ...]
    item_scopes: tuple[str, ...]
    leader_eligible: bool
    regions: tuple[str, ...]
    status: OfficerStatus


@dataclass(frozen=True, slots=True)
class OfficerImport:
    """The officers that may be imported, and the account of every row."""

    officers: tuple[OfficerRow, ...]
    report: ImportReport


def read_officers(table: Table) -> OfficerImport:
    """Every officer that can be taken."""
    verdicts = Verdicts({column.field: column.title for column in COLUMNS})
    header, rows = find_header(table, COLUMNS, verdicts)
    officers: list[OfficerRow] = []
    codes: dict[str, int] = {}
    certificates: dict[tuple[str, str], int] = {}
    for row in rows:
        if header.repeats_in(row):
            verdicts.accept(row.number, HEADER_REPEATED)
            continue
        officer = _officer(row, header, verdicts)
        if officer is None:
            continue
        first = codes.setdefault(officer.code, row.number)
        if first != row.number:
            verdicts.reject(row.number, DUPLICATE_IN_FILE, "code", first_row=first)
            continue
        if officer.certificate_no:
            certificate = (officer.certificate_issuer, officer.certificate_no)
            first = certificates.setdefault(certificate, row.number)
            if first != row.number:
                verdicts.reject(row.number, CERTIFICATE_REPEATED, "certificate_no", first_row=first)
                continue
        officers.append(officer)
        verdicts.accept(row.number, ACCEPTED)
    return OfficerImport(tuple(officers), verdicts.report(row.number for row in rows))


def _officer(row: TableRow, header: Header, verdicts: Verdicts) -> OfficerRow | None:
    """One officer, or None after everything that is wrong with the row has been named."""
    sound = not reject_faults(row, header, verdicts)
    sound = require(row, header, verdicts, "code", "name") and sound
    code = parse_code(header.text(row, "code"))
    sound = _code_stands(row, code, verdicts) and sound
    if parse_flag(header.text(row, "is_expert")):
        verdicts.reject(row.number, EXPERT_NOT_OFFICER, "is_expert")
        sound = False
    valid_to, date_sound = _valid_to(row, header, verdicts)
    leader, leader_sound = _leader(row, header, verdicts)
    status = _status(row, header, verdicts)
    texts = {name: one_line(header.text(row, name)) for name in LONGEST}
    texts["post"] = _post(texts["post"], one_line(header.text(row, "exact_post")))
    sound = within_limits(row, texts, LONGEST, verdicts) and sound
    sound = _without_identity_numbers(row, header, verdicts) and sound
    if not (sound and date_sound and leader_sound) or status is None:
        return None
    if not texts["certificate_no"] or valid_to is None:
        verdicts.warn(row.number, CERTIFICATE_MISSING, "certificate_no")
    return OfficerRow(
        row=row.number,
        code=code,
        certificate_valid_to=valid_to,
        qualifications=split_list(header.text(row, "qualifications")),
        specialties=split_list(header.text(row, "specialties")),
        item_scopes=split_list(header.text(row, "item_scopes")),
        leader_eligible=leader,
        regions=split_list(header.text(row, "regions")),
        status=status,
        **texts,
    )


def _without_identity_numbers(row: TableRow, header: Header, verdicts: Verdicts) -> bool:
    """Nothing that is kept of an officer holds one, in whichever column a clerk put it."""
    sound = True
    for name in _KEPT_TEXTS:
        text = header.text(row, name)
        if len(text) >= _SHORTEST_IDENTITY and any(
            number.kind is PersonalKind.IDENTITY_CARD for number in find_personal_numbers(text)
        ):
            verdicts.reject(row.number, IDENTITY_NUMBER_IN_CELL, name)
            sound = False
    return sound


def _post(post: str, exact: str) -> str:
    """Some lists have the rank and, beside it, what the officer is exactly: both are the post."""
    return "、".join(dict.fromkeys(part for part in (post, exact) if part))


def _code_stands(row: TableRow, code: str, verdicts: Verdicts) -> bool:
    """Officers' codes are public: an identity-card number must never become one (DRAW)."""
    if not code:
        return False
    if IDENTITY_NUMBER.fullmatch(code):
        verdicts.reject(row.number, IDENTITY_NUMBER_AS_CODE, "code")
        return False
    if not CODE.fullmatch(code):
        verdicts.reject(row.number, LIBRARY_CODE_INVALID, "code")
        return False
    return True


def _valid_to(row: TableRow, header: Header, verdicts: Verdicts) -> tuple[dt.date | None, bool]:
    text = header.text(row, "certificate_valid_to")
    found = parse_date(text) if text else None
    if text and found is None:
        verdicts.reject(row.number, DATE_UNKNOWN, "certificate_valid_to")
        return None, False
    return found, True


def _leader(row: TableRow, header: Header, verdicts: Verdicts) -> tuple[bool, bool]:
    text = header.text(row, "leader_eligible")
    found = parse_flag(text) if text else False
    if found is None:
        verdicts.reject(row.number, VALUE_UNKNOWN, "leader_eligible")
        return False, False
    return found, True


def _status(row: TableRow, header: Header, verdicts: Verdicts) -> OfficerStatus | None:
    text = header.text(row, "status")
    found = meaning(OfficerStatus, text) if text else OfficerStatus.ACTIVE
    if found is None:
        verdicts.reject(row.number, VALUE_UNKNOWN, "status")
    return found
