"""Refusals of service accounts, their secrets and their tokens.

RFC 6749 s.5.2 names three of them in a word of its own, which `app/problems.py` adds.
"""

from app.domain.errors import Kind, refusal

CLIENT_REFUSED = refusal(
    "client-refused",
    Kind.UNAUTHENTICATED,
    "客户端标识或密钥不正确,或密钥已失效",
    "The client id or the secret is wrong, or the secret is no longer valid",
)
TOKEN_REQUEST_INVALID = refusal(
    "token-request-invalid",
    Kind.MALFORMED,
    "令牌请求有误:客户端凭据须且只能以一种方式提交(Basic 或表单)",
    "The token request is wrong: give the client's credentials once, by Basic or in the form",
)
GRANT_TYPE_UNSUPPORTED = refusal(
    "grant-type-unsupported",
    Kind.MALFORMED,
    "只支持 client_credentials",
    "Only client_credentials is supported",
)
SCOPE_NOT_GRANTED = refusal(
    "scope-not-granted",
    Kind.MALFORMED,
    "请求的权限范围超出该服务账号的授权",
    "The scope asked for goes beyond what the service account was given",
)
SCOPE_NOT_GRANTABLE = refusal(
    "scope-not-grantable",
    Kind.INVALID,
    "服务账号不能获得以下权限:{scopes}",
    "A service account can not be given: {scopes}",
)
OLD_SECRET_STILL_VALID = refusal(
    "old-secret-still-valid",
    Kind.CONFLICT,
    "上一次更换的旧密钥仍在有效期内(至 {valid_until}),请先将其作废,或立即更换(重叠时间为 0)",
    "The old secret of the last rotation is valid until {valid_until}: revoke it first, or rotate"
    " without overlap",
)
NOT_A_PERSON = refusal(
    "not-a-person",
    Kind.CONFLICT,
    "这是服务账号:没有密码,角色不可更改,权限范围在 /service-accounts 维护",
    "This is a service account: it has no password and its role does not change; its scopes are"
    " kept at /service-accounts",
)
