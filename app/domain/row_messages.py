"""What may be said of one row of an imported file, in both languages.

Constants only. A message names the column (`{title}`, `{field}`) and other rows, and never repeats
what stands in a cell: reports are kept and shown to people who may not see the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CATALOGUE: "dict[str, RowMessage]" = {}


@dataclass(frozen=True, slots=True)
class RowMessage:
    """One thing to say of a row; `zh` and `en` may name facts in braces."""

    code: str
    zh: str
    en: str

    def texts(self, facts: Mapping[str, object]) -> tuple[str, str]:
        """Both sentences with the facts filled in; a missing fact is a programming error."""
        return self.zh.format_map(facts), self.en.format_map(facts)


def _message(code: str, zh: str, en: str) -> RowMessage:
    if code in CATALOGUE:
        msg = f"row message {code} is defined twice"
        raise ValueError(msg)
    CATALOGUE[code] = made = RowMessage(code, zh, en)
    return made


# What became of a row
ACCEPTED = _message("accepted", "可以导入", "Accepted")
CONTINUED = _message(
    "continued", "续行,并入第 {first_row} 行", "Continues row {first_row} and was joined to it"
)
CONTINUATION_FAULTY = _message(
    "continuation-faulty",
    "本事项的续行有误,整个事项未导入",
    "A row that continues this item is faulty; the item was not taken",
)
HEADER_REPEATED = _message(
    "header-repeated", "重复的表头,已跳过", "The header stands here again; skipped"
)
SECTION_TITLE = _message(
    "section-title", "整行合并的标题,已跳过", "A title across the whole row; skipped"
)
ORPHAN_CONTINUATION = _message(
    "orphan-continuation",
    "本行没有事项名称,上方也没有可以并入的事项",
    "The row names no item and there is none above to join",
)
DUPLICATE_IN_FILE = _message(
    "duplicate-in-file",
    "第 {row} 行与第 {first_row} 行重复,只取第 {first_row} 行",
    "Row {row} repeats row {first_row}; only row {first_row} counts",
)

# Columns
COLUMN_UNKNOWN = _message(
    "column-unknown",
    "未识别第 {column} 列的表头,该列未导入",
    "The header of column {column} is not known; the column was not read",
)
COLUMN_REPEATED = _message(
    "column-repeated",
    "第 {column} 列与前面的“{title}”列重复,该列未导入",
    "Column {column} repeats {field}; the column was not read",
)
COLUMN_NOT_STORED = _message(
    "column-not-stored",
    "“{title}”不是履职所需信息,本系统不保存,该列未导入",
    "{field} is not needed for the duty and is not stored; the column was not read",
)

# Cells
CONTROL_CHARACTER = _message(
    "control-character", "“{title}”含有控制字符", "{field} holds control characters"
)
CELL_TOO_LONG = _message(
    "cell-too-long", "“{title}”超过 {limit} 字", "{field} is longer than {limit} characters"
)
NUMBER_PRECISION_LOST = _message(
    "number-precision-lost",
    "“{title}”以数值存储,末几位已丢失;请将该列设为文本格式后重新填写",
    "{field} is stored as a number and has lost its last digits; format it as text",
)
VALUE_MISSING = _message("value-missing", "缺少“{title}”", "{field} is missing")
VALUE_UNKNOWN = _message(
    "value-unknown", "“{title}”不在可填写的范围内", "{field} is not one of the values in use"
)
VALUE_IGNORED = _message(
    "value-ignored",
    "“{title}”无法识别,该项未导入",
    "{field} was not understood and was left out",
)
DATE_UNKNOWN = _message(
    "date-unknown",
    "“{title}”不是日期,请写成 2026-01-31",
    "{field} is not a date; write 2026-01-31",
)

TEXT_GARBLED = _message(
    "text-garbled",
    "“{title}”含有乱码(编码转换时已丢失文字),请更正",
    "{field} is garbled: characters were lost when the file was converted",
)
FORMULA_FOUND = _message(
    "formula-found",
    "“{title}”是公式而不是数值,请复制为值后重新导入",
    "{field} is a formula and no value; paste it as a value and import again",
)
ROW_TOO_WIDE = _message(
    "row-too-wide",
    "本行的列数多于表头,可能有未加引号的逗号,内容已错位",
    "The row has more cells than the header: a comma was not quoted, and the cells have shifted",
)
CODE_NORMALISED = _message(
    "code-normalised",
    "“{title}”中的全角字符、空格或者小写字母已改为规范写法,请核对",
    "Full-width characters, spaces or small letters of {field} were put right; please check",
)

# Checklist
LEGAL_BASIS_MISSING = _message(
    "legal-basis-missing",
    "没有检查依据,无依据不得检查;已存为待补充的草稿,补充检查依据后才能公布",
    "No legal basis: what has none may not be inspected. Kept as a draft: add one to publish it",
)
LEGAL_BASIS_UNSPLIT = _message(
    "legal-basis-unsplit",
    "检查依据未能拆分为法规名称和条款,按原文保存,请核对",
    "A legal basis could not be split into law and article; the text is kept, please check",
)
RATIO_TURNED_ROUND = _message(
    "ratio-turned-round", "抽查比例上限低于下限", "The highest ratio lies below the lowest"
)
GENERAL_ITEM_TAKES_ALL = _message(
    "general-item-takes-all",
    "一般检查事项应严格限制抽查比例,不得为 100%",
    "A general item is limited in its ratio: never 100 %",
)
VALIDITY_ENDS_FIRST = _message(
    "validity-ends-first", "有效期截止早于开始", "The validity ends before it begins"
)
SUPERVISION_CODE_FORM = _message(
    "supervision-code-form",
    "监管事项目录编码应为 14 位数字",
    "A supervision code has 14 digits",
)
METHOD_MISSING = _message(
    "method-missing",
    "没有检查方式;已存为待补充的草稿,补充检查方式后才能公布",
    "No method of inspection. Kept as a draft: add one to publish it",
)
METHOD_UNKNOWN = _message(
    "method-unknown",
    "检查方式没有写明书面检查、实地核查、网络监测、委托专业机构中的任何一种;"
    "已存为待补充的草稿,原文记入备注,补充检查方式后才能公布",
    "The method is none of document, onsite, online, entrusted. Kept as a draft with the words"
    " in its remark: add one to publish it",
)
METHOD_PART_UNKNOWN = _message(
    "method-part-unknown",
    "检查方式中有一部分未能识别,已按可识别的部分登记",
    "Part of the method was not understood; the rest was taken",
)
METHOD_INTERPRETED = _message(
    "method-interpreted",
    "“非现场检查”按书面检查、网络监测登记,请核对",
    "Off-site inspection was taken as document and online; please check",
)
CARRIED_DOWN = _message(
    "carried-down",
    "“{title}”为空,沿用上一行的内容",
    "{field} is empty; the value of the row above was taken",
)
COOPERATION_MISSING = _message(
    "cooperation-missing",
    "发起部门和配合部门合计不足两个,不能列为联合抽查",
    "Fewer than two units take part: not a joint item",
)

# Objects
CREDIT_CODE_INVALID = _message(
    "credit-code-invalid",
    "“{title}”不是有效的统一社会信用代码(校验码不符或含有不允许的字符)",
    "{field} is no valid unified social credit code (check digit or characters)",
)
REGISTRATION_NUMBER_USED = _message(
    "registration-number-used",
    "使用 15 位注册号登记,请尽快补充统一社会信用代码",
    "Identified by a 15-digit registration number; add the credit code soon",
)
REGISTRATION_CHECK_DIGIT = _message(
    "registration-check-digit",
    "15 位注册号的校验码不符,请核对",
    "The check digit of the 15-digit registration number does not fit; please check",
)
LIBRARY_CODE_INVALID = _message(
    "library-code-invalid",
    "“{title}”须为 1 至 64 位大写字母、数字或 . _ -,并以字母或数字开头",
    "{field} must be 1 to 64 of A-Z, 0-9, dot, underscore, hyphen, starting with A-Z or 0-9",
)
KIND_DERIVED = _message(
    "kind-derived",
    "未填写类型,按统一社会信用代码推定,请核对",
    "No kind given; taken from the credit code, please check",
)
KIND_MISMATCH = _message(
    "kind-mismatch",
    "类型与统一社会信用代码的登记类别不一致,请核对",
    "The kind does not fit the registration class in the credit code; please check",
)
STATUS_ASSUMED = _message(
    "status-assumed", "未填写登记状态,按存续登记", "No status given; taken as active"
)

# Officers
CERTIFICATE_MISSING = _message(
    "certificate-missing",
    "没有执法证编号或有效期,补充之前不能被抽取",
    "No enforcement certificate or expiry date; cannot be drawn until it is added",
)
CERTIFICATE_REPEATED = _message(
    "certificate-repeated",
    "第 {row} 行的执法证与第 {first_row} 行相同",
    "The certificate of row {row} is the same as that of row {first_row}",
)
EXPERT_NOT_OFFICER = _message(
    "expert-not-officer",
    "专家只提供咨询意见,不列入执法检查人员名录库",
    "Experts advise only and do not enter the officer library",
)
IDENTITY_NUMBER_AS_CODE = _message(
    "identity-number-as-code",
    "“{title}”填写了身份证号,本系统不保存身份证号,请改用单位工号",
    "{field} is an identity-card number, which is not stored; use the staff number",
)
IDENTITY_NUMBER_IN_CELL = _message(
    "identity-number-in-cell",
    "“{title}”含有身份证号,本系统不保存身份证号",
    "{field} holds an identity-card number, which is not stored",
)
CERTIFICATE_FORM_ODD = _message(
    "certificate-form",
    "“{title}”不符合发证机关的编号形式,请核对",
    "{field} does not have the form of its issuer's numbers; look at it again",
)

# Against the library: what a row meets when it is to be stored
ALREADY_THERE = _message(
    "already-there", "库中已有,未重复导入", "It is there already and was not stored again"
)
ALREADY_THERE_INCOMPLETE = _message(
    "already-there-incomplete",
    "清单中已有该事项,是缺检查依据或者检查方式的草稿;导入不改动已有事项,请在该事项中补充",
    "The checklist has this item as a draft without legal basis or method. An import changes no"
    " item that is there: complete it by hand",
)
ALREADY_RETIRED = _message(
    "already-retired",
    "清单中有相同的事项,已于此前取消,未重新导入;确需恢复的请单独新建",
    "The checklist had this item and retired it; make it anew by hand if it is meant",
)
ISSUED_BY_OTHER = _message(
    "issued-by-other-department",
    "编制单位是本地区的另一部门,由该部门自行导入",
    "Another department of the region keeps this item; it imports it itself",
)
CODE_TAKEN = _message(
    "code-taken", "“{title}”已被使用", "{field} is used already by something else"
)
UNIT_NOT_LINKED = _message(
    "unit-not-linked",
    "“{title}”中有名称与本地区单位不符的,按原文保存,未与单位关联,请核对",
    "{field} names something that is no unit of the region; kept as text, please check",
)
UNIT_REPEATED = _message(
    "unit-repeated",
    "“{title}”重复列出同一单位,只取一次",
    "{field} names a unit that the row has named before; it was taken once",
)
JOINT_UNITS_DIFFER = _message(
    "joint-units-differ",
    "清单中已有该联合抽查事项,但发起部门或者配合部门与本行不同,未修改;确需调整的请单独修改",
    "The list has this item with other units; it was not changed: change it by hand if it is meant",
)
ENTRY_TOO_LONG = _message(
    "entry-too-long",
    "“{title}”中有一项超过 {limit} 字",
    "An entry of {field} is longer than {limit} characters",
)
TOO_MANY_ENTRIES = _message(
    "too-many-entries", "“{title}”超过 {limit} 项", "{field} has more than {limit} entries"
)
AREA_OUTSIDE_REGION = _message(
    "area-outside-region",
    "“{title}”不在本单位所属地区之内",
    "{field} lies outside the department's region",
)
RESPONSIBLE_NOT_FOUND = _message(
    "responsible-not-found",
    "责任主体不在名录库中,请先录入责任主体",
    "Who answers for it is not in the library; add them first",
)
KIND_OF_SUBJECT_DIFFERS = _message(
    "kind-differs",
    "库中同一代码的对象类型与本行不同,请核对",
    "The library has this code as an object of another kind; please check",
)

# Events
CHANGE_EMPTY = _message(
    "change-empty",
    "事件为变更,但没有填写变更后的名称、住所、行政区划、行业代码或者信用风险等级",
    "A change that names no new value: name, address, region, industry or risk class",
)
EVENT_WAITS = _message(
    "event-waits",
    "本部门名录库中尚无该对象(或者其责任主体),事件已留存,对象入库后自动登记",
    "The library does not have the object (or who answers for it) yet; the event waits for it",
)
ORIGIN_INCOMPLETE = _message(
    "origin-incomplete",
    "来源与来源编号须同时填写,本行只填了一项,按未填写处理",
    "Source and its id go together; the row names one of them, which was left out",
)
MOVED_INSIDE = _message(
    "moved-inside",
    "“{title}”在本地区内,按区内迁址登记,对象仍在库;迁出本地区的,请填写迁入地或者留空",
    "{field} lies in the region: taken as a move inside of it; leave it empty if it moved away",
)

# Risk
RISK_UNSOURCED_TAKEN = _message(
    "risk-unsourced-taken",
    "有信用风险等级而没有来源或者评定日期,已按等级导入,请补充",
    "A risk class without its source or day was taken as it stands; add them",
)
RISK_DAY_IN_FUTURE = _message(
    "risk-day-in-future",
    "风险评定日期晚于今天",
    "The day of the risk class lies after today",
)
