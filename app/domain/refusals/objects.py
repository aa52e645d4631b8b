"""Refusals of the object library."""

from app.domain.errors import Kind, refusal
from app.domain.refusals.verdicts import Verdict

OBJECT_EXISTS = refusal(
    "object-exists",
    Kind.CONFLICT,
    "本部门名录库中已有该检查对象",
    "The library has this object already",
)
OBJECT_CODE_TAKEN = refusal(
    "object-code-taken",
    Kind.CONFLICT,
    "该编码在本地区已属于另一检查对象",
    "The code belongs to another object of the region",
)
SCHEME_NOT_FOR_KIND = refusal(
    "scheme-not-for-kind",
    Kind.INVALID,
    "此类检查对象不使用该种编码:主体用统一社会信用代码或者注册号,产品、项目、行为用名录库编码或者项目代码",
    "Subjects are known by credit code or registration number; products, projects and activities "
    "by library or project code",
)
RESPONSIBLE_REQUIRED = refusal(
    "responsible-required",
    Kind.INVALID,
    "产品、项目、行为须填写责任主体,检查结果归集至其名下",
    "A product, project or activity names who answers for it: results are collected there",
    clause="R07",
)
RESPONSIBLE_NOT_ALLOWED = refusal(
    "responsible-not-allowed",
    Kind.INVALID,
    "市场主体和其他主体自负其责,不填写责任主体",
    "A subject answers for itself and names nobody else",
)
RESPONSIBLE_UNKNOWN = refusal(
    "responsible-unknown",
    Kind.INVALID,
    "责任主体不在本地区名录库中,或者不是主体",
    "Who answers for it is not in the region's library, or is no subject",
)
AREA_OUTSIDE_REGION = refusal(
    "area-outside-region",
    Kind.INVALID,
    "区划代码不在本单位所属地区之内",
    "The area lies outside the department's region",
)
INDUSTRY_UNKNOWN = refusal(
    "industry-unknown",
    Kind.INVALID,
    "行业代码不符合 GB/T 4754",
    "The industry code is none of GB/T 4754",
)
EVENT_IN_FUTURE = refusal(
    "event-in-future",
    Kind.INVALID,
    "只登记已经发生的事项,日期不得晚于今天",
    "What has happened is recorded: no date after today",
    clause="R05",
)
STATUS_UNCHANGED = refusal(
    "object-status-unchanged",
    Kind.CONFLICT,
    "检查对象在该日已是此状态",
    "The object had this status on that day already",
)

ATTRIBUTES_INVALID = refusal(
    "attributes-invalid",
    Kind.INVALID,
    "扩展信息与该类检查对象不符,各类可填的内容见 /reference/schemas/object_kind_*",
    "The attributes are not those of the kind; /reference/schemas/object_kind_* has them",
)
RISK_UNSOURCED = refusal(
    "risk-unsourced",
    Kind.INVALID,
    "填写信用风险等级的,须同时填写等级来源和评定日期,评定日期不得晚于今天",
    "A risk class says where it comes from and of which day it is, none after today",
    clause="N4",
)
ATTRIBUTE_UNKNOWN = Verdict(
    "attribute-unknown", "该类检查对象没有此项", "Objects of this kind have no such attribute"
)
ATTRIBUTE_MISSING = Verdict(
    "attribute-missing",
    "该类检查对象须填写{titles}",
    "An object of this kind needs this attribute ({titles})",
)
ATTRIBUTE_MALFORMED = Verdict(
    "attribute-malformed",
    "内容与此项要求的形式不符",
    "The value has not the form that the attribute asks for",
)
REGISTRATION_NUMBER_USED = Verdict(
    "registration-number-used",
    "使用 15 位注册号登记,请尽快补充统一社会信用代码",
    "Known by a 15-digit registration number; add the credit code soon",
)
KIND_MISMATCH = Verdict(
    "kind-mismatch",
    "类型与统一社会信用代码的登记类别不一致,请核对",
    "The kind does not fit the registration class in the credit code; please compare",
)
DIFFERS_FROM_LIBRARY = Verdict(
    "differs-from-library",
    "该对象已由其他部门录入,此项与库中内容不同,以库中为准,请核对",
    "Another department entered the object before; this differs and the library's value stands",
)
