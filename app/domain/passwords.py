"""What a password must be, by named profile. It knows nothing of hashes and no list by itself.

`modern` follows today's advice (NIST SP 800-63B, OWASP): length and no common password, no rules
of composition, no change by the calendar. `dengbao` is what assessments of 等保 2.0 三级 ask for:
GB/T 22239-2019 8.1.4.1 a) complexity and regular change, b) handling of failed logins and of
idle connections; the standard names no figures, these are the usual ones. Neither admits a common
password or one made of the account's own names.
"""

import datetime as dt
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.errors import FieldError, RuleError
from app.domain.refusals import accounts as refusals

LONGEST = 128
SHORTEST_REPEATED = 3
"""Whatever repeats three characters or fewer is as weak as they are."""
SHORTEST_NAME = 4
"""A shorter name may stand within a password; it may not be one."""


class PasswordProfile(StrEnum):
    MODERN = "modern"
    DENGBAO = "dengbao"


@dataclass(frozen=True, slots=True)
class PasswordRule:
    """One rule, as people read it."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The figures of a profile. `remembered` counts the password in use."""

    profile: PasswordProfile
    min_length: int
    min_classes: int
    remembered: int
    max_age_days: int | None
    lock_after_failures: int
    lock_seconds: int
    idle_minutes: int | None

    @property
    def rules(self) -> tuple[PasswordRule, ...]:
        """Every rule that a new password is held against."""
        found = [_length(self.min_length), NOT_OWN_NAME, NOT_COMMON]
        if self.min_classes > 1:
            found.append(_classes(self.min_classes))
        found.append(_not_reused(self.remembered))
        return tuple(found)

    def expires_at(self, set_at: dt.datetime) -> dt.datetime | None:
        """When a password that was set then must be changed; None: never by the calendar."""
        if self.max_age_days is None:
            return None
        return set_at + dt.timedelta(days=self.max_age_days)

    def idle_since(self, now: dt.datetime) -> dt.datetime | None:
        """A session that was last used then, or before, is over; None: none ends by idleness."""
        if self.idle_minutes is None:
            return None
        return now - dt.timedelta(minutes=self.idle_minutes)

    def tightened(
        self, *, min_length: int, lock_after_failures: int, lock_seconds: int
    ) -> "PasswordPolicy":
        """The policy with a site's own figures, where they are stricter than the profile's."""
        return replace(
            self,
            min_length=max(self.min_length, min_length),
            lock_after_failures=min(self.lock_after_failures, lock_after_failures),
            lock_seconds=max(self.lock_seconds, lock_seconds),
        )

    def refuse_expired(self, set_at: dt.datetime, now: dt.datetime) -> None:
        """Raise password-expired where it must be changed before anything else."""
        until = self.expires_at(set_at)
        if until is not None and until <= now:
            raise RuleError(refusals.PASSWORD_EXPIRED, expired_at=until.isoformat())


PROFILES = {
    PasswordProfile.MODERN: PasswordPolicy(
        PasswordProfile.MODERN,
        min_length=12,
        min_classes=1,
        remembered=1,
        max_age_days=None,
        lock_after_failures=5,
        lock_seconds=900,
        idle_minutes=None,
    ),
    PasswordProfile.DENGBAO: PasswordPolicy(
        PasswordProfile.DENGBAO,
        min_length=8,
        min_classes=3,
        remembered=5,
        max_age_days=90,
        lock_after_failures=5,
        lock_seconds=1800,
        idle_minutes=30,
    ),
}
MOST_REMEMBERED = max(policy.remembered for policy in PROFILES.values())
"""So many are kept whatever the profile, so that a stricter one finds them."""

NOT_OWN_NAME = PasswordRule(
    "not-own-name",
    "不得为用户名或姓名,也不得包含用户名或姓名(4 个字符以上)",
    "It is not the user name or the name, nor does it hold one of 4 characters or more",
)
NOT_COMMON = PasswordRule(
    "not-common",
    "不得为常见弱口令,也不得由其重复而成",
    "It is not a common password, nor one repeated",
)


def _length(least: int) -> PasswordRule:
    return PasswordRule(
        "min-length",
        f"长度为 {least} 至 {LONGEST} 个字符",
        f"It has {least} to {LONGEST} characters",
    )


def _classes(least: int) -> PasswordRule:
    return PasswordRule(
        "character-classes",
        f"大写字母、小写字母、数字、其他字符四类中至少含 {least} 类",
        f"It mixes {least} or more of: upper case, lower case, digits, other characters",
    )


def _not_reused(remembered: int) -> PasswordRule:
    if remembered == 1:
        return PasswordRule("not-reused", "不得与当前密码相同", "It is not the one in use")
    return PasswordRule(
        "not-reused",
        f"不得与最近 {remembered} 次使用的密码相同",
        f"It is none of the last {remembered}",
    )


def classes_of(password: str) -> int:
    """How many of the four classes of characters it mixes."""
    found = {
        "upper" if char.isupper()
        else "lower" if char.islower()
        else "digit" if char.isdecimal()
        else "other"
        for char in password
    }  # fmt: skip
    return len(found)


def is_common(password: str, common: AbstractSet[str]) -> bool:
    """Whether it is one of the common ones, or a common or very short one repeated."""
    folded = password.casefold()
    length = len(folded)
    for unit in range(1, length + 1):
        if length % unit or folded[:unit] * (length // unit) != folded:
            continue
        if folded[:unit] in common or (unit <= SHORTEST_REPEATED and unit < length):
            return True
    return False


def holds_own_name(password: str, names: tuple[str, ...]) -> bool:
    """Whether it is one of the account's names, or holds one that is long enough to tell."""
    folded = password.casefold()
    own = ("".join(name.casefold().split()) for name in names)
    return any(name == folded or (len(name) >= SHORTEST_NAME and name in folded) for name in own)


def broken_rules(
    password: str, names: tuple[str, ...], policy: PasswordPolicy, common: AbstractSet[str]
) -> tuple[PasswordRule, ...]:
    """The rules that the password breaks, but for reuse, which only hashes can tell."""
    broken = []
    if not policy.min_length <= len(password) <= LONGEST:
        broken.append(_length(policy.min_length))
    if holds_own_name(password, names):
        broken.append(NOT_OWN_NAME)
    if is_common(password, common):
        broken.append(NOT_COMMON)
    if classes_of(password) < policy.min_classes:
        broken.append(_classes(policy.min_classes))
    return tuple(broken)


def check_password(
    password: str,
    names: tuple[str, ...],
    policy: PasswordPolicy,
    common: AbstractSet[str],
    *,
    reused: bool = False,
) -> None:
    """Raise password-too-weak with every rule that is broken; `reused` is what the hashes said."""
    broken = broken_rules(password, names, policy, common)
    if reused:
        broken += (_not_reused(policy.remembered),)
    if broken:
        errors = tuple(FieldError("/new_password", rule.code, rule.zh, rule.en) for rule in broken)
        raise RuleError(refusals.PASSWORD_TOO_WEAK, errors, profile=policy.profile.value)
