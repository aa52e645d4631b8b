"""Text types and base classes of all wire shapes.

Requests forbid unknown fields; texts are trimmed, NFC, bounded, without NUL or control characters.
"""

import datetime as dt
import re
import unicodedata
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _clean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise PydanticCustomError("lone_surrogate", "lone surrogate")
    if _CONTROL.search(value):
        raise PydanticCustomError("control_character", "control character")
    return unicodedata.normalize("NFC", value).strip()


def _one_line(value: str) -> str:
    if "\n" in value or "\r" in value or "\t" in value:
        raise PydanticCustomError("control_character", "line break")
    return value


Clean = BeforeValidator(_clean)
Name = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=100), AfterValidator(_one_line)
]
Title = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=200), AfterValidator(_one_line)
]
LongTitle = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=500), AfterValidator(_one_line)
]
Note = Annotated[str, Clean, StringConstraints(min_length=1, max_length=2000)]
LongText = Annotated[str, Clean, StringConstraints(min_length=1, max_length=20_000)]
OptionalText = Annotated[str, Clean, StringConstraints(max_length=20_000)]
Tag = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=50), AfterValidator(_one_line)
]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z][0-9A-Z._-]{0,63}$", max_length=64)]
"""A public natural key (DRAW: upper case only)."""
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$", max_length=12)]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$", max_length=6)]
Username = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{2,63}$", min_length=3, max_length=64)
]
Password = Annotated[str, Clean, StringConstraints(min_length=1, max_length=128)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", min_length=64, max_length=64)]
Url = Annotated[str, Clean, StringConstraints(pattern=r"^https?://[^\s]{3,490}$", max_length=500)]
Query = Annotated[str, Clean, StringConstraints(min_length=1, max_length=100)]


def _instant(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[
    AwareDatetime,
    PlainSerializer(_instant, return_type=str, when_used="json"),
    Field(examples=["2026-03-02T08:00:00Z"]),
]
Day = Annotated[dt.date, Field(examples=["2026-03-02"])]


class RequestModel(BaseModel):
    """A body that comes in."""

    model_config = ConfigDict(extra="forbid")


class PatchModel(RequestModel):
    """A merge patch (RFC 7396): absent stays, null empties; only `nullable` fields can be empty."""

    nullable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _something_changes(cls, body: Any) -> Any:
        if isinstance(body, dict) and not body:
            raise PydanticCustomError("empty_patch", "nothing to change")
        return body

    @field_validator("*", mode="before")
    @classmethod
    def _only_some_are_emptied(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name not in cls.nullable:
            raise PydanticCustomError("not_nullable", "null")
        return value

    def changes(self) -> dict[str, Any]:
        """What the caller sent, and nothing else."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class ReadModel(BaseModel):
    """A body that goes out; read from rows."""

    model_config = ConfigDict(from_attributes=True)


def clean_json(value: Any, depth: int = 0) -> Any:
    """Refuse in free JSON what no table can hold: NUL, lone surrogates, depth, long texts."""
    if depth > 8:  # noqa: PLR2004
        raise PydanticCustomError("too_deep", "nested too deep")
    if isinstance(value, str):
        if len(value) > 2000:  # noqa: PLR2004
            raise PydanticCustomError("string_too_long", "too long")
        return _clean(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        raise PydanticCustomError("no_float", "write decimals as text")
    if isinstance(value, int):
        if abs(value) > 2**53 - 1:
            raise PydanticCustomError("number_too_large", "beyond 2^53-1")
        return value
    if isinstance(value, list):
        return [clean_json(item, depth + 1) for item in value[:1000]]
    if isinstance(value, dict):
        return {_clean(key): clean_json(item, depth + 1) for key, item in value.items()}
    raise PydanticCustomError("not_json", "not JSON")


Attributes = Annotated[
    dict[Annotated[str, StringConstraints(max_length=64)], Any],
    BeforeValidator(clean_json),
    Field(max_length=50),
]
