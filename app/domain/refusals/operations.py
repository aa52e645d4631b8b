"""Refusals of long work."""

from app.domain.errors import Kind, refusal

OPERATION_OVER = refusal(
    "operation-over",
    Kind.CONFLICT,
    "后台任务已结束({status}),不能取消",
    "The operation is over ({status}) and can not be cancelled",
)
OPERATION_NOT_OVER = refusal(
    "operation-not-over",
    Kind.CONFLICT,
    "后台任务尚未结束({status}),请稍后再取结果",
    "The operation is not over yet ({status}); ask for its result later",
)
OPERATION_WITHOUT_RESULT = refusal(
    "operation-without-result",
    Kind.CONFLICT,
    "后台任务没有完成({status}),没有结果",
    "The operation did not succeed ({status}) and has no result",
)
OPERATION_RESULT_GONE = refusal(
    "operation-result-gone",
    Kind.NOT_FOUND,
    "后台任务的结果只保留 7 天,已删除",
    "Results of operations are kept for 7 days; this one is gone",
)
RESULT_OF_ANOTHER = refusal(
    "operation-result-of-another",
    Kind.FORBIDDEN,
    "此结果只有发起人可以取用",
    "Only who asked for this may have its result",
)
OPERATION_INTERRUPTED = refusal(
    "operation-interrupted",
    Kind.UNAVAILABLE,
    "后台任务多次被中断,已放弃;没有保存任何内容",
    "The operation was interrupted too often and was given up; nothing of it is stored",
)
