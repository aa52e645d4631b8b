"""Refusals of sign-in, sessions and accounts."""

from app.domain.errors import Kind, refusal

UNAUTHENTICATED = refusal("unauthenticated", Kind.UNAUTHENTICATED, "请先登录", "Sign in first")
BAD_CREDENTIALS = refusal(
    "bad-credentials",
    Kind.UNAUTHENTICATED,
    "用户名或密码不正确",
    "The user name or the password is wrong",
)
ACCOUNT_LOCKED = refusal(
    "account-locked",
    Kind.FORBIDDEN,
    "连续登录失败,账号已锁定至 {locked_until}",
    "Too many failures: the account is locked until {locked_until}",
)
ACCOUNT_DISABLED = refusal(
    "account-disabled", Kind.FORBIDDEN, "账号已停用", "The account is disabled"
)
PASSWORD_CHANGE_REQUIRED = refusal(
    "password-change-required",
    Kind.FORBIDDEN,
    "首次登录须先修改一次性密码",
    "The one-time password must be changed first",
)
PASSWORD_EXPIRED = refusal(
    "password-expired",
    Kind.FORBIDDEN,
    "密码已于 {expired_at} 到期,请先以原密码修改密码(POST /api/v1/auth/password)",
    "The password expired at {expired_at}: change it first, with the old one"
    " (POST /api/v1/auth/password)",
)
PASSWORD_TOO_WEAK = refusal(
    "password-too-weak",
    Kind.INVALID,
    "密码不符合口令策略({profile}),请按 errors 逐项更正",
    "The password does not meet the policy ({profile}); see errors",
)
NO_ROLE_THERE = refusal(
    "no-role-there",
    Kind.FORBIDDEN,
    "该账号在所选单位没有角色",
    "The account has no role at that department",
)
CHOOSE_DEPARTMENT = refusal(
    "choose-department",
    Kind.INVALID,
    "该账号在多个单位有角色,请指定 department_code",
    "The account has roles at several departments: name one with department_code",
)
REFRESH_REFUSED = refusal(
    "refresh-refused",
    Kind.UNAUTHENTICATED,
    "刷新令牌无效或已使用,会话已结束",
    "The refresh token is not valid or was used before; the session has ended",
)
CROSS_SITE_REFUSED = refusal(
    "cross-site-refused",
    Kind.FORBIDDEN,
    "使用刷新 Cookie 的请求须带 X-Requested-With 请求头,并来自允许的来源",
    "A request with the refresh cookie needs X-Requested-With and an origin that is allowed",
)
USERNAME_TAKEN = refusal(
    "username-taken", Kind.CONFLICT, "用户名已被使用", "The user name is taken"
)
ROLE_NOT_FOR_DEPARTMENT = refusal(
    "role-not-for-department",
    Kind.INVALID,
    "该角色不能授予此类单位",
    "This role is not for a department of that kind",
)
GRANT_EXISTS = refusal(
    "grant-exists", Kind.CONFLICT, "该角色已授予", "The role has been granted already"
)
OFFICER_HAS_ACCOUNT = refusal(
    "officer-has-account",
    Kind.CONFLICT,
    "该执法人员已有账号",
    "The officer has an account already",
)
LAST_ADMINISTRATOR = refusal(
    "last-administrator",
    Kind.CONFLICT,
    "不能停用最后一名系统管理员",
    "The last administrator can not be disabled",
)
