"""Refusals that any operation may give."""

from app.domain.errors import Kind, refusal

MALFORMED_REQUEST = refusal(
    "malformed-request", Kind.MALFORMED, "请求无法解析", "The request could not be read"
)
VALIDATION_FAILED = refusal(
    "validation-failed",
    Kind.INVALID,
    "提交的内容不符合要求,请按 errors 逐项更正",
    "The request does not meet the requirements; see errors",
)
NOT_FOUND = refusal(
    "not-found",
    Kind.NOT_FOUND,
    "未找到,或不在您的权限范围内",
    "Not found, or outside what you may see",
)
METHOD_NOT_ALLOWED = refusal(
    "method-not-allowed",
    Kind.NOT_ALLOWED,
    "此地址不支持该请求方法",
    "This address does not support the method",
)
FORBIDDEN = refusal(
    "forbidden",
    Kind.FORBIDDEN,
    "您的角色没有此项权限({permission})",
    "Your role lacks this permission ({permission})",
)
PRECONDITION_REQUIRED = refusal(
    "precondition-required",
    Kind.PRECONDITION_REQUIRED,
    "修改前须以 If-Match 说明您看到的版本",
    "Say with If-Match which version you saw",
)
STALE_VERSION = refusal(
    "stale-version",
    Kind.STALE,
    "内容已被他人修改,请刷新后重试",
    "Someone changed it since you read it; read it again",
)
CONFLICT = refusal(
    "conflict",
    Kind.CONFLICT,
    "与已有数据冲突({constraint})",
    "This conflicts with what is stored ({constraint})",
)
BODY_TOO_LARGE = refusal(
    "body-too-large",
    Kind.TOO_LARGE,
    "请求内容过大,上限为 {limit_bytes} 字节",
    "The request is too large; the limit is {limit_bytes} bytes",
)
UNSUPPORTED_MEDIA_TYPE = refusal(
    "unsupported-media-type",
    Kind.MEDIA_TYPE,
    "不支持的内容类型",
    "This content type is not supported",
)
TARGET_TOO_LONG = refusal(
    "target-too-long",
    Kind.TARGET_TOO_LONG,
    "请求地址过长,上限为 {limit_bytes} 字节",
    "The address is too long; the limit is {limit_bytes} bytes",
)
HEADERS_TOO_LARGE = refusal(
    "headers-too-large",
    Kind.HEADERS_TOO_LARGE,
    "请求头过大,上限为 {limit_bytes} 字节",
    "The header fields are too large; the limit is {limit_bytes} bytes",
)
TOO_MANY_REQUESTS = refusal(
    "too-many-requests",
    Kind.TOO_MANY,
    "请求过于频繁,请于 {retry_after_seconds} 秒后重试",
    "Too many requests; try again in {retry_after_seconds} seconds",
)
BAD_CURSOR = refusal(
    "bad-cursor", Kind.INVALID, "分页游标无效", "The page cursor is not one we gave"
)
MAKER_IS_CHECKER = refusal(
    "maker-is-checker",
    Kind.FORBIDDEN,
    "经办人与审批人不能为同一人",
    "Whoever made it may not approve it",
)
UNAVAILABLE = refusal(
    "unavailable", Kind.UNAVAILABLE, "服务暂不可用", "The service is not available right now"
)
INTERNAL = refusal("internal", Kind.INTERNAL, "服务内部错误", "Internal error")
