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
CERTIFICATE_WITHOUT_END = refusal(
    "certificate-without-end",
    Kind.INVALID,
    "执法证须有有效期截止日期;只有资质证书可以长期有效",
    "An enforcement certificate has a last day; only a qualification holds for long",
    clause="R03",
)
CERTIFICATE_PERIOD_INVALID = refusal(
    "certificate-period-invalid",
    Kind.INVALID,
    "证书的有效期截止日期早于开始日期",
    "The certificate ends before it begins",
)
CERTIFICATE_PROOF_INVALID = refusal(
    "certificate-proof-invalid",
    Kind.INVALID,
    "资质证书须注明所证明的执法资质,执法证不注明",
    "A certificate of qualification names the tag that it proves, an enforcement certificate none",
    clause="R03",
)
CERTIFICATE_FORM = refusal(
    "certificate-form",
    Kind.INVALID,
    "执法证编号不符合该发证机关的编号格式({source})",
    "The number does not have the issuer's form ({source})",
)
CERTIFICATE_WITHDRAWN = refusal(
    "certificate-withdrawn",
    Kind.CONFLICT,
    "该证书已撤下",
    "The certificate has been withdrawn already",
)
IDENTITY_NUMBER_IN_TEXT = refusal(
    "identity-number-in-text",
    Kind.INVALID,
    "人员和专家的任何栏目都不得填写身份证号",
    "No field of officers and experts may hold an identity-card number",
)
ABSENCE_OVERLAPS = refusal(
    "absence-overlaps",
    Kind.CONFLICT,
    "该人员在此期间已登记不在岗,请先变更原来的登记",
    "The officer is on record as absent on some of these days",
)
ABSENCE_CANCELLED = refusal(
    "absence-cancelled",
    Kind.CONFLICT,
    "该不在岗登记已取消",
    "The absence has been cancelled",
)
ABSENCE_END_INVALID = refusal(
    "absence-end-invalid",
    Kind.INVALID,
    "提前结束的日期须在开始日期之后、原结束日期之前;没有开始的请取消",
    "An absence ends early on a day from its first to the one before its last",
)
INTEREST_CONFIRMED = refusal(
    "interest-confirmed",
    Kind.CONFLICT,
    "该回避关系已经确认",
    "This recusal has been confirmed",
)
INTEREST_WITHDRAWN = refusal(
    "interest-withdrawn",
    Kind.CONFLICT,
    "该回避关系已经撤销",
    "This recusal has been withdrawn",
)
OFFICER_IN_USE = refusal(
    "officer-in-use",
    Kind.CONFLICT,
    "该人员已用于:{places},不能删除;离岗请变更状态",
    "The officer is in use ({places}) and can not be deleted; who leaves changes status",
    clause="R05",
)
OFFICER_STATUS_SAME = refusal(
    "officer-status-same",
    Kind.CONFLICT,
    "该人员已是这一状态",
    "The officer has this status already",
)
STATUS_DAY_INVALID = refusal(
    "officer-status-day-invalid",
    Kind.INVALID,
    "状态变更日期不能晚于今天,也不能早于上一次变更",
    "A status changes on no day ahead, and not before its last change",
)
NO_OWN_OFFICER = refusal(
    "no-own-officer",
    Kind.NOT_FOUND,
    "本账号没有对应的执法检查人员",
    "This account is no officer's",
)
PERSON_CODE_TAKEN = refusal(
    "person-code-taken",
    Kind.CONFLICT,
    "执法检查人员与专家的代码不得相同",
    "A code is an officer's or an expert's, never both",
    clause="R04",
)
CONTACT_REFUSED = refusal(
    "contact-refused",
    Kind.INVALID,
    "专家库不保存联系电话",
    "No telephone number of an expert is stored",
)
