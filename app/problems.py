"""From refusals to problem details (RFC 9457): the only maker of error bodies.

No exception text and no input ever reaches the caller. An unknown error is a 500 that says nothing
but the request id.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.domain.errors import CATALOGUE, FieldError, Kind, Refusal, RuleError
from app.domain.refusals import accounts, general, service_accounts

MEDIA_TYPE = "application/problem+json"
INSTANCE_LENGTH = 2000
STATUS: Mapping[Kind, int] = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.NOT_ALLOWED: 405,
    Kind.CONFLICT: 409,
    Kind.STALE: 412,
    Kind.TOO_LARGE: 413,
    Kind.TARGET_TOO_LONG: 414,
    Kind.MEDIA_TYPE: 415,
    Kind.INVALID: 422,
    Kind.PRECONDITION_REQUIRED: 428,
    Kind.TOO_MANY: 429,
    Kind.HEADERS_TOO_LARGE: 431,
    Kind.INTERNAL: 500,
    Kind.UNAVAILABLE: 503,
}
BY_STATUS: Mapping[int, Refusal] = {
    400: general.MALFORMED_REQUEST,
    401: accounts.UNAUTHENTICATED,
    404: general.NOT_FOUND,
    405: general.METHOD_NOT_ALLOWED,
    413: general.BODY_TOO_LARGE,
    415: general.UNSUPPORTED_MEDIA_TYPE,
    422: general.VALIDATION_FAILED,
    503: general.UNAVAILABLE,
}
OAUTH_ERRORS: Mapping[str, str] = {
    service_accounts.CLIENT_REFUSED.code: "invalid_client",
    service_accounts.TOKEN_REQUEST_INVALID.code: "invalid_request",
    service_accounts.GRANT_TYPE_UNSUPPORTED.code: "unsupported_grant_type",
    service_accounts.SCOPE_NOT_GRANTED.code: "invalid_scope",
}
"""The words of RFC 6749 s.5.2, which its clients look for in the member `error`."""

_FIELD_TEXTS: Mapping[str, tuple[str, str]] = {
    "missing": ("缺少必填项", "This is required"),
    "extra_forbidden": ("不允许出现此字段", "This field is not known"),
    "string_too_short": ("内容过短或为空", "Too short"),
    "string_too_long": ("内容过长", "Too long"),
    "string_type": ("应为文本", "Must be text"),
    "string_pattern_mismatch": ("格式不符合要求", "Does not have the required form"),
    "string_unicode": ("含有无效的字符", "Holds invalid characters"),
    "lone_surrogate": ("含有无效的字符(孤立代理项)", "Holds a lone surrogate"),
    "control_character": ("含有不允许的控制字符", "Holds a control character"),
    "enum": ("不是允许的代码值", "Not one of the codes"),
    "literal_error": ("不是允许的取值", "Not one of the allowed values"),
    "uuid_parsing": ("不是有效的标识", "Not an id"),
    "date_from_datetime_parsing": ("日期格式应为 YYYY-MM-DD", "A date is YYYY-MM-DD"),
    "date_parsing": ("日期格式应为 YYYY-MM-DD", "A date is YYYY-MM-DD"),
    "datetime_from_date_parsing": ("时间格式应为 RFC 3339", "An instant is RFC 3339"),
    "datetime_parsing": ("时间格式应为 RFC 3339", "An instant is RFC 3339"),
    "timezone_aware": ("时间须带时区", "An instant needs a time zone"),
    "int_parsing": ("应为整数", "Must be an integer"),
    "int_type": ("应为整数", "Must be an integer"),
    "int_from_float": ("应为整数", "Must be an integer"),
    "bool_type": ("应为 true 或 false", "Must be true or false"),
    "no_float": ("小数请写成文本", "Write decimals as text"),
    "number_too_large": ("数值超出 2^53-1", "Beyond 2^53-1"),
    "too_deep": ("嵌套层数过多", "Nested too deep"),
    "too_large": ("内容总量过大", "Too large in all"),
    "bool_parsing": ("应为 true 或 false", "Must be true or false"),
    "greater_than_equal": ("数值过小", "Too small"),
    "greater_than": ("数值过小", "Too small"),
    "less_than_equal": ("数值过大", "Too large"),
    "too_short": ("项数过少", "Too few items"),
    "too_long": ("项数过多", "Too many items"),
    "list_type": ("应为数组", "Must be an array"),
    "dict_type": ("应为对象", "Must be an object"),
    "model_attributes_type": ("应为对象", "Must be an object"),
    "json_invalid": ("不是有效的 JSON", "Not JSON"),
    "not_unique": ("同一项重复出现", "Named twice"),
    "not_nullable": ("此项不能清空", "This can not be emptied"),
    "empty_patch": ("没有任何修改", "Nothing to change"),
    "value_error": ("内容相互矛盾或不符合要求", "Does not meet the requirements"),
}


def language_of(request: Request) -> str:
    """Give "en" where the caller prefers English, else "zh"."""
    header = request.headers.get("accept-language", "")
    best, best_q = "zh", 0.0
    for part in header.split(","):
        tag, _, params = part.strip().partition(";")
        try:
            q = float(params.strip().removeprefix("q=")) if params else 1.0
        except ValueError:
            q = 0.0
        code = tag.strip().lower()[:2]
        if code in {"zh", "en"} and q > best_q:
            best, best_q = code, q
    return best


def body_of(
    request: Request,
    refusal: Refusal,
    facts: Mapping[str, object],
    errors: Sequence[FieldError] = (),
) -> dict[str, Any]:
    """The problem document."""
    language = language_of(request)
    base = str(request.app.state.public_base_url)
    body: dict[str, Any] = {
        "type": f"{base}/problems/{refusal.code}",
        "title": refusal.en if language == "en" else refusal.zh,
        "status": STATUS[refusal.kind],
        "detail": refusal.text(language, facts),
        "messages": {"zh": refusal.text("zh", facts), "en": refusal.text("en", facts)},
        "code": refusal.code,
        "instance": _safe(request.url.path)[:INSTANCE_LENGTH],
        "request_id": request.scope.get("request_id"),
    }
    if "{" in body["title"]:
        body["title"] = body["detail"]
    if refusal.code in OAUTH_ERRORS:
        body["error"] = OAUTH_ERRORS[refusal.code]
    if refusal.clause is not None:
        body["clause"] = refusal.clause
    if facts:
        body["facts"] = {key: _fact(value) for key, value in facts.items()}
    if errors:
        body["errors"] = [
            {
                "pointer": error.pointer,
                "code": error.code,
                "detail": error.zh if language == "zh" else error.en,
                "messages": {"zh": error.zh, "en": error.en},
            }
            for error in errors
        ]
    return body


def respond(
    request: Request,
    refusal: Refusal,
    facts: Mapping[str, object] | None = None,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The response that says no."""
    sent = dict(headers or {})
    sent["Content-Language"] = language_of(request)
    sent["Cache-Control"] = "no-store"
    if refusal.kind is Kind.UNAUTHENTICATED:
        # RFC 6749 s.5.2: a client is told the scheme that it may use.
        is_client = refusal is service_accounts.CLIENT_REFUSED
        sent["WWW-Authenticate"] = 'Basic realm="sunlot"' if is_client else "Bearer"
    return JSONResponse(
        body_of(request, refusal, facts or {}, errors),
        status_code=STATUS[refusal.kind],
        headers=sent,
        media_type=MEDIA_TYPE,
    )


def unheard(refusal: Refusal, facts: Mapping[str, object]) -> bytes:
    """The problem document of a request that no application has seen: it has no address, no id."""
    body = {
        "type": f"/problems/{refusal.code}",
        "title": refusal.text("zh", facts),
        "status": STATUS[refusal.kind],
        "detail": refusal.text("zh", facts),
        "messages": {"zh": refusal.text("zh", facts), "en": refusal.text("en", facts)},
        "code": refusal.code,
        "instance": "",
        "request_id": None,
    }
    if facts:
        body["facts"] = dict(facts)
    return json.dumps(body, ensure_ascii=False).encode()


def from_validation(request: Request, error: RequestValidationError) -> JSONResponse:
    """422 with a pointer per fault; what is no JSON at all is a 400."""
    faults = list(error.errors())
    if any(fault["type"] == "json_invalid" for fault in faults):
        return respond(request, general.MALFORMED_REQUEST)
    # A body that is not said to be JSON is handed on as it is, and fits no model.
    if any(tuple(fault["loc"]) == ("body",) for fault in faults) and not _says_json(request):
        return respond(request, general.UNSUPPORTED_MEDIA_TYPE)
    fields = [_field(fault) for fault in faults[:100]]
    return respond(request, general.VALIDATION_FAILED, errors=fields)


def from_http(request: Request, error: HTTPException) -> JSONResponse:
    """What the framework itself refuses."""
    refusal = BY_STATUS.get(error.status_code, general.INTERNAL)
    facts: dict[str, object] = {}
    if refusal is general.BODY_TOO_LARGE:
        facts["limit_bytes"] = request.app.state.runtime.settings.max_body_bytes
    return respond(request, refusal, facts, headers=error.headers)


def method_not_allowed(request: Request, known: Iterable[str]) -> JSONResponse:
    """405, with every method that the address knows."""
    headers = {"Allow": ", ".join(sorted(known))}
    return respond(request, general.METHOD_NOT_ALLOWED, headers=headers)


def from_rule(request: Request, error: RuleError) -> JSONResponse:
    """What a rule refused."""
    return respond(request, error.refusal, error.facts, error.errors)


def _says_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _field(fault: Mapping[str, Any]) -> FieldError:
    where, *path = fault["loc"]
    kind = str(fault["type"])
    if kind in {"too_short", "too_long"} and isinstance(fault.get("input"), str):
        kind = f"string_{kind}"  # pydantic says so of texts that a validator has seen first
    zh, en = _FIELD_TEXTS.get(kind, ("格式不正确", "Not valid"))
    pointer = "".join("/" + _escape(str(step)) for step in path)
    if where != "body":
        pointer = f"/{where}{pointer}"
    return FieldError(pointer, kind, zh, en)


def _escape(step: str) -> str:
    return _safe(step).replace("~", "~0").replace("/", "~1")[:100]


def _safe(value: str) -> str:
    return value.encode("utf-8", "replace").decode("utf-8")


def _fact(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple):
        return [_fact(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _fact(item) for key, item in value.items()}
    return _safe(str(value))


def markdown() -> str:
    """The catalogue as openapi/problems.md."""
    lines = [
        "# Problems",
        "",
        "Generated from `app/domain/refusals/` by `python -m app openapi`; do not edit.",
        "Every body is `application/problem+json` (RFC 9457) with `code`, `messages.zh`,",
        "`messages.en`, the facts, and `errors[].pointer` where fields are at fault.",
        "",
        "| code | status | 中文 | English | clause |",
        "|---|---|---|---|---|",
    ]
    for refusal in sorted(CATALOGUE.values(), key=lambda entry: entry.code):
        clause = refusal.clause or ""
        lines.append(
            f'| <a id="{refusal.code}"></a>`{refusal.code}` | {STATUS[refusal.kind]} '
            f"| {refusal.zh} | {refusal.en} | {clause} |"
        )
    return "\n".join(lines) + "\n"
