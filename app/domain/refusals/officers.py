"""Refusals of the officer library."""

from app.domain.errors import Kind, refusal

OFFICER_CODE_TAKEN = refusal(
    "officer-code-taken",
    Kind.CONFLICT,
    "该工号已被使用",
    "The officer code is taken",
)
CERTIFICATE_TAKEN = refusal(
    "certificate-taken",
    Kind.CONFLICT,
    "同一发证机关的该执法证编号已登记在另一人名下",
    "Another officer has this certificate of the same issuer",
)
CERTIFICATE_INCOMPLETE = refusal(
    "certificate-incomplete",
    Kind.INVALID,
    "执法证须同时填写编号、发证机关和有效期,或者都不填写",
    "A certificate has number, issuer and expiry, or none of them is given",
    clause="R03",
)
IDENTITY_NUMBER_REFUSED = refusal(
    "identity-number-refused",
    Kind.INVALID,
    "工号和执法证编号不得使用身份证号,本系统不保存身份证号",
    "An identity-card number is never stored, neither as code nor as certificate",
)
ABSENCE_PERIOD_INVALID = refusal(
    "absence-period-invalid",
    Kind.INVALID,
    "不在岗的结束日期早于开始日期",
    "The absence ends before it begins",
)
INTEREST_EXISTS = refusal(
    "interest-exists",
    Kind.CONFLICT,
    "该回避关系已登记",
    "This recusal is on record already",
)
INTEREST_OBJECT_UNKNOWN = refusal(
    "interest-object-unknown",
    Kind.INVALID,
    "本地区名录库中没有该检查对象",
    "The region's library has no such object",
)
SERVICE_AREA_OUTSIDE = refusal(
    "service-area-outside-region",
    Kind.INVALID,
    "执法区域不在本单位所属地区之内",
    "An area of service lies outside the department's region",
)
