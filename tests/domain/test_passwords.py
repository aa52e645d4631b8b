"""What a password must be, by profile: pure rules, no hashes."""

import datetime as dt

import pytest

from app.domain.errors import RuleError
from app.domain.passwords import (
    PROFILES,
    PasswordPolicy,
    PasswordProfile,
    broken_rules,
    check_password,
    classes_of,
    is_common,
)
from app.reference import common_passwords

MODERN = PROFILES[PasswordProfile.MODERN]
DENGBAO = PROFILES[PasswordProfile.DENGBAO]
NAMES = ("scjg.clerk", "Zhang San")
NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
COMMON = frozenset({"password", "1qaz2wsx"})


def broken(password: str, policy: PasswordPolicy) -> list[str]:
    return [rule.code for rule in broken_rules(password, NAMES, policy, COMMON)]


@pytest.mark.parametrize(
    ("password", "rules"),
    [
        ("a long enough one", []),
        ("长长的口令也是可以的哦好", []),
        ("elevenchars", ["min-length"]),
        ("x1y2" * 33, ["min-length"]),
        ("scjg.clerk", ["min-length", "not-own-name"]),
        ("my SCJG.CLERK and I", ["not-own-name"]),
        ("it is zhangsan here", ["not-own-name"]),
        ("passwordpassword", ["not-common"]),
        ("PassWordPassWord", ["not-common"]),
        ("aaaaaaaaaaaaaaa", ["not-common"]),
        ("abcabcabcabcabc", ["not-common"]),
        ("password", ["min-length", "not-common"]),
    ],
)
def test_modern_asks_for_length_and_for_nothing_that_is_guessed(password: str, rules: list[str]):
    assert broken(password, MODERN) == rules


@pytest.mark.parametrize(
    ("password", "rules"),
    [
        ("Ab3defgh", []),
        ("ab3-efgh", []),
        ("Ab3-efg", ["min-length"]),
        ("abcdefg8", ["character-classes"]),
        ("a long enough one", ["character-classes"]),
        ("Scjg.Clerk1", ["not-own-name"]),
    ],
)
def test_dengbao_asks_for_three_classes_of_four(password: str, rules: list[str]):
    assert broken(password, DENGBAO) == rules


@pytest.mark.parametrize(
    ("password", "count"), [("abc", 1), ("aB", 2), ("aB1", 3), ("aB1 ", 4), ("文文", 1), ("", 0)]
)
def test_characters_fall_in_four_classes(password: str, count: int):
    assert classes_of(password) == count


def test_a_short_name_may_stand_within_a_password_but_may_not_be_one():
    names = ("abc", "王")
    assert broken_rules("xx abc yy 王 zz", names, MODERN, COMMON) == ()
    codes = [rule.code for rule in broken_rules("ABC", names, MODERN, COMMON)]
    assert "not-own-name" in codes


def test_the_shipped_list_knows_what_is_typed_most():
    common = common_passwords()
    assert len(common) > 5000
    for password in ("password", "Password1", "1qaz2wsx", "admin@123", "12345678", "mima123456"):
        assert is_common(password, common), password
    assert not is_common("correct horse battery staple", common)


def test_every_broken_rule_is_named_at_once():
    with pytest.raises(RuleError) as refused:
        check_password("password", NAMES, DENGBAO, COMMON, reused=True)
    codes = [error.code for error in refused.value.errors]
    assert codes == ["not-common", "character-classes", "not-reused"]
    assert refused.value.facts == {"profile": "dengbao"}


def test_only_dengbao_asks_for_change_by_the_calendar():
    assert MODERN.expires_at(NOW) is None
    MODERN.refuse_expired(NOW - dt.timedelta(days=3650), NOW)
    DENGBAO.refuse_expired(NOW - dt.timedelta(days=90) + dt.timedelta(seconds=1), NOW)
    with pytest.raises(RuleError) as refused:
        DENGBAO.refuse_expired(NOW - dt.timedelta(days=90), NOW)
    assert refused.value.refusal.code == "password-expired"


def test_only_dengbao_ends_idle_sessions():
    assert MODERN.idle_since(NOW) is None
    assert DENGBAO.idle_since(NOW) == NOW - dt.timedelta(minutes=30)


def test_a_site_can_tighten_a_profile_and_not_loosen_it():
    tight = DENGBAO.tightened(min_length=14, lock_after_failures=3, lock_seconds=7200)
    assert (tight.min_length, tight.lock_after_failures, tight.lock_seconds) == (14, 3, 7200)
    loose = DENGBAO.tightened(min_length=1, lock_after_failures=50, lock_seconds=1)
    assert loose == DENGBAO


def test_the_rules_that_are_told_are_those_that_are_checked():
    assert [rule.code for rule in DENGBAO.rules] == [
        "min-length", "not-own-name", "not-common", "character-classes", "not-reused",
    ]  # fmt: skip
    assert "character-classes" not in [rule.code for rule in MODERN.rules]
