"""Refusals of requests with an Idempotency-Key, or without the one they need."""

from app.domain.errors import Kind, refusal

KEY_REQUIRED = refusal(
    "idempotency-key-required",
    # The draft of the header field says 400; we answer as for If-Match, which is asked for alike.
    Kind.PRECONDITION_REQUIRED,
    "此操作须带 Idempotency-Key(重试时用同一个值),以免重复执行",
    "Send an Idempotency-Key (the same one on a retry), so that this is done once",
)
KEY_REUSED = refusal(
    "idempotency-key-reused",
    Kind.INVALID,
    "此 Idempotency-Key 已用于另一请求,请换一个值",
    "This Idempotency-Key was used for another request; use a new one",
)
IN_FLIGHT = refusal(
    "idempotency-in-flight",
    Kind.CONFLICT,
    "同一请求正在处理,请稍后用同一 Idempotency-Key 重试",
    "The same request is being worked on; try again shortly with the same Idempotency-Key",
)
