"""What field errors of this domain say, in both languages; a verdict is placed by a pointer.

A refusal answers a whole request; a verdict explains one field of it, or one row of an import.
"""

from dataclasses import dataclass

from app.domain.errors import FieldError


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence about a field; `zh` and `en` may name facts in braces."""

    code: str
    zh: str
    en: str

    def at(self, pointer: str, **facts: object) -> FieldError:
        """The verdict on the field that `pointer` (RFC 6901) names."""
        return FieldError(pointer, self.code, self.zh.format_map(facts), self.en.format_map(facts))


CREDIT_CODE_LENGTH = Verdict(
    "credit-code-length", "统一社会信用代码应为 18 位", "A credit code has 18 characters"
)
CREDIT_CODE_ALPHABET = Verdict(
    "credit-code-alphabet",
    "统一社会信用代码含有不允许的字符(只用数字和除 I、O、S、V、Z 外的大写字母)",
    "A credit code uses digits and upper-case letters other than I, O, S, V, Z",
)
CREDIT_CODE_CHECK = Verdict(
    "credit-code-check",
    "统一社会信用代码的校验位不正确",
    "The check character of the credit code is wrong",
)
ORGANISATION_CODE_CHECK = Verdict(
    "organisation-code-check",
    "信用代码第 9 至 17 位(主体标识码)的校验位不正确,请核对",
    "The organisation code inside the credit code has a wrong check character; please compare",
)
REGISTRATION_NUMBER_FORM = Verdict(
    "registration-number-form", "注册号应为 15 位数字", "A registration number has 15 digits"
)
REGISTRATION_NUMBER_CHECK = Verdict(
    "registration-number-check",
    "注册号的校验位不正确,请核对",
    "The check digit of the registration number is wrong; please compare",
)
PROJECT_CODE_FORM = Verdict(
    "project-code-form",
    "投资项目统一代码的格式应为 YYYY-AAAAAA-BB-CC-NNNNNN",
    "An investment project code has the form YYYY-AAAAAA-BB-CC-NNNNNN",
)

RESULT_MISSING = Verdict(
    "result-missing", "须选择抽查检查结果,没有默认值", "Choose a result; there is no default"
)
RESULT_UNKNOWN = Verdict(
    "result-unknown", "抽查检查结果代码不在 01 至 08 之内", "The result code is none of 01 to 08"
)
RESULT_ITEM_UNCHECKED = Verdict(
    "result-item-unchecked",
    "结果“{result}”要求每个事项均已检查",
    "Result {result} needs every item checked",
)
RESULT_ITEM_PROBLEM = Verdict(
    "result-item-problem",
    "结果“{result}”与该事项“发现问题”的记录相矛盾",
    "Result {result} contradicts the problem recorded for this item",
)
RESULT_NO_ITEM = Verdict(
    "result-no-item", "检查记录中没有任何事项", "The record holds no item at all"
)
RESULT_NO_PROBLEM_RECORDED = Verdict(
    "result-no-problem-recorded",
    "结果“{result}”要求至少一个事项记录了问题",
    "Result {result} needs a problem recorded for at least one item",
)
RESULT_FOLLOW_UP_FORBIDDEN = Verdict(
    "result-follow-up-forbidden",
    "结果“{result}”不应有后续处理",
    "Result {result} takes no follow-up",
)
RESULT_FOLLOW_UP_REQUIRED = Verdict(
    "result-follow-up-required",
    "结果“{result}”要求登记后续处理",
    "Result {result} needs a follow-up",
)
RESULT_OPEN_FOLLOW_UP_REQUIRED = Verdict(
    "result-open-follow-up-required",
    "结果“{result}”要求至少一项后续处理尚未办结",
    "Result {result} needs a follow-up that is still open",
)
RESULT_RECTIFICATION_REQUIRED = Verdict(
    "result-rectification-required",
    "结果“{result}”要求登记责令改正情况",
    "Result {result} needs a record of the order to rectify",
)
RESULT_ORDER_OR_LEAD_REQUIRED = Verdict(
    "result-order-or-lead-required",
    "结果“{result}”要求责令改正或者提出列入经营异常名录线索",
    "Result {result} needs an order to rectify or a lead for the abnormal-operation list",
)
RESULT_VISITS_REQUIRED = Verdict(
    "result-visits-required",
    "结果“{result}”要求至少 {minimum} 次上门记录",
    "Result {result} needs at least {minimum} recorded visits",
)
RESULT_CONTACT_REQUIRED = Verdict(
    "result-contact-required",
    "结果“{result}”要求至少 {minimum} 次联系记录",
    "Result {result} needs at least {minimum} recorded contact attempts",
)
RESULT_EVIDENCE_REQUIRED = Verdict(
    "result-evidence-required", "结果“{result}”要求附证据", "Result {result} needs evidence"
)
RESULT_WITNESS_REQUIRED = Verdict(
    "result-witness-required",
    "结果“{result}”要求有见证人",
    "Result {result} needs a witness",
)
RESULT_FEEDBACK_REQUIRED = Verdict(
    "result-feedback-required",
    "结果“{result}”要求向名录库反馈应更正的标签",
    "Result {result} needs feedback to the library on the tag to correct",
)

ACKNOWLEDGEMENT_UNKNOWN = Verdict(
    "acknowledgement-unknown",
    "确认方式应为签字、盖章、拒绝签字盖章或者不在场",
    "The kind is none of signed, sealed, refused, absent",
)
ACKNOWLEDGEMENT_SIGNER = Verdict(
    "acknowledgement-signer", "签字或者盖章须注明签署人", "Say who signed or sealed"
)
ACKNOWLEDGEMENT_REASON = Verdict(
    "acknowledgement-reason",
    "未取得签字或者盖章的,原因不得少于 {minimum} 个字",
    "Without signature or seal the reason has at least {minimum} characters",
)
ACKNOWLEDGEMENT_NOTE = Verdict(
    "acknowledgement-note",
    "拒绝签字或者盖章的,须由两名执法检查人员注明",
    "A refusal is noted by two officers",
)
ACKNOWLEDGEMENT_NOTE_STRANGER = Verdict(
    "acknowledgement-note-stranger",
    "注明情况的人员不在检查组内",
    "Who noted the refusal is not in the team",
)
ACKNOWLEDGEMENT_WITNESS = Verdict(
    "acknowledgement-witness",
    "填写见证人单位或者关系时须填写见证人姓名",
    "A witness’s unit needs the witness’s name",
)
