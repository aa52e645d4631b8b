"""How a rule says no: one exception, one catalogue of refusals, no HTTP.

A `Refusal` is a constant with a stable code, a kind, and its text in Chinese (for those who work
here) and English. Each area keeps its own in `app/domain/refusals/`; `app/problems.py` alone
knows which status a kind becomes. One constant instead of one class per refusal keeps code, texts
and clause in one place, and the type checker still refuses a misspelt one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What sort of no it is; the web layer maps each to one status."""

    MALFORMED = "malformed"  # the request could not be read
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    NOT_ALLOWED = "not-allowed"  # the method does not exist here
    CONFLICT = "conflict"  # the state of things stands in the way
    STALE = "stale"  # If-Match names an older version
    TOO_LARGE = "too-large"
    TARGET_TOO_LONG = "target-too-long"
    HEADERS_TOO_LARGE = "headers-too-large"
    MEDIA_TYPE = "media-type"
    INVALID = "invalid"  # understood, but breaks a rule
    PRECONDITION_REQUIRED = "precondition-required"
    TOO_MANY = "too-many"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One way to be refused. `zh` and `en` may name facts in braces: "{plan_no}"."""

    code: str
    kind: Kind
    zh: str
    en: str
    clause: str | None = None

    def text(self, language: str, facts: Mapping[str, object]) -> str:
        """The sentence in `zh` or `en`, with the facts filled in; an unknown fact stays blank."""
        template = self.zh if language == "zh" else self.en
        return template.format_map(_Blank(facts))


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "—"


CATALOGUE: dict[str, Refusal] = {}


def refusal(code: str, kind: Kind, zh: str, en: str, clause: str | None = None) -> Refusal:
    """Make a refusal and enter it in the catalogue; a code that exists is a programming error."""
    if code in CATALOGUE:
        msg = f"refusal {code} is defined twice"
        raise ValueError(msg)
    made = Refusal(code, kind, zh, en, clause)
    CATALOGUE[code] = made
    return made


@dataclass(frozen=True, slots=True)
class FieldError:
    """Where in the body, and why. `pointer` is an RFC 6901 JSON pointer ("/items/0/name")."""

    pointer: str
    code: str
    zh: str
    en: str


@dataclass(slots=True)
class RuleError(Exception):
    """A rule said no. `facts` go to the caller: nothing secret, no input echoed."""

    refusal: Refusal
    facts: Mapping[str, object] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()

    def __init__(
        self, refusal: Refusal, errors: tuple[FieldError, ...] = (), **facts: object
    ) -> None:
        self.refusal = refusal
        self.facts = facts
        self.errors = errors
        Exception.__init__(self, refusal.code)

    def __str__(self) -> str:
        return f"{self.refusal.code} {dict(self.facts)}"
