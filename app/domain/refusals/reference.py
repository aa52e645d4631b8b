"""Refusals about codes, identifiers, the calendar, results and acknowledgements."""

from app.domain.errors import Kind, refusal

CALENDAR_MISSING = refusal(
    "calendar-missing",
    Kind.INVALID,
    "尚未录入 {year} 年国务院办公厅放假安排,无法推算工作日",
    "The State Council notice for {year} is not loaded; working days are not guessed",
    clause="R19",
)
BAD_CREDIT_CODE = refusal(
    "bad-credit-code",
    Kind.INVALID,
    "统一社会信用代码不符合 GB 32100 的要求",
    "The unified social credit code breaks GB 32100",
)
BAD_REGISTRATION_NUMBER = refusal(
    "bad-registration-number",
    Kind.INVALID,
    "注册号应为 15 位数字",
    "A registration number has 15 digits",
)
BAD_PROJECT_CODE = refusal(
    "bad-project-code",
    Kind.INVALID,
    "投资项目统一代码的格式应为 YYYY-AAAAAA-BB-CC-NNNNNN",
    "An investment project code has the form YYYY-AAAAAA-BB-CC-NNNNNN",
)
RESULT_INCOMPLETE = refusal(
    "result-incomplete",
    Kind.INVALID,
    "抽查检查结果与检查记录不相符,请按 errors 逐项补正",
    "The result does not fit what the record holds; see errors",
)
ACKNOWLEDGEMENT_INCOMPLETE = refusal(
    "acknowledgement-incomplete",
    Kind.INVALID,
    "检查记录的签字、盖章或者原因说明不完整,请按 errors 逐项补正",
    "Signature, seal or reason is incomplete; see errors",
    clause="R16",
)
