"""Text types and base classes of all wire shapes.

Requests forbid unknown fields; texts are trimmed, NFC, bounded, without NUL or control characters.
JSON says what it means: no number in a text, no day as a count of seconds. What is refused here is
what the OpenAPI document forbids, so both speak of the value as it was sent.
"""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Hashable
from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, Union, cast, get_args, get_origin

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.schemas.outgoing import bound

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BREAK = re.compile(r"[\n\r\t]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
MOST_ATTRIBUTE_BYTES = 65_536


def _clean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise PydanticCustomError("lone_surrogate", "lone surrogate")
    if _CONTROL.search(value):
        raise PydanticCustomError("control_character", "control character")
    return unicodedata.normalize("NFC", value).strip()


def _clean_line(value: Any) -> Any:
    cleaned = _clean(value)
    if isinstance(cleaned, str) and _BREAK.search(cleaned):
        raise PydanticCustomError("control_character", "line break")
    return cleaned


def _rfc3339_day(value: Any) -> Any:
    # A datetime is a date for Python, and pydantic reads numbers as seconds since 1970.
    if isinstance(value, str):
        if not _DAY.fullmatch(value):
            raise PydanticCustomError("date_parsing", "not YYYY-MM-DD")
    elif not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise PydanticCustomError("date_parsing", "not YYYY-MM-DD")
    return value


def _rfc3339_instant(value: Any) -> Any:
    if isinstance(value, str):
        if not _INSTANT.fullmatch(value):
            raise PydanticCustomError("datetime_parsing", "not RFC 3339")
    elif not isinstance(value, dt.datetime):
        raise PydanticCustomError("datetime_parsing", "not RFC 3339")
    return value


def at_most(length: int) -> BeforeValidator:
    """The bound of a text as it was sent: blanks that are trimmed count, as the document says."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and len(value) > length:
            raise PydanticCustomError("string_too_long", "too long")
        return value

    return BeforeValidator(check)


def _whole(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise PydanticCustomError("int_type", "not an integer")
    return value


def _documented(pattern: str) -> Any:
    """What `_clean` and `_clean_line` refuse, said in the document."""
    return Field(json_schema_extra={"pattern": pattern})


_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
_NOT_BLANK = (
    r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f]"
    r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
)
_NOT_BLANK_LINE = (
    r"^[ \t\n\r]*[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*[ \t\n\r]*$"
)
OptionalLines = _documented(_LINES)
NotBlank = _documented(_NOT_BLANK)
NotBlankLine = _documented(_NOT_BLANK_LINE)

Clean = BeforeValidator(_clean)
CleanLine = BeforeValidator(_clean_line)
Whole = BeforeValidator(_whole)
"""A JSON number, for integers inside maps and variants, which `RequestModel` does not see."""
Name = Annotated[
    str, CleanLine, StringConstraints(min_length=1, max_length=100), NotBlankLine, at_most(100)
]
Title = Annotated[
    str, CleanLine, StringConstraints(min_length=1, max_length=200), NotBlankLine, at_most(200)
]
LongTitle = Annotated[
    str, CleanLine, StringConstraints(min_length=1, max_length=500), NotBlankLine, at_most(500)
]
Note = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=2000), NotBlank, at_most(2000)
]
LongText = Annotated[
    str, Clean, StringConstraints(min_length=1, max_length=20_000), NotBlank, at_most(20_000)
]
OptionalText = Annotated[
    str, Clean, StringConstraints(max_length=20_000), OptionalLines, at_most(20_000)
]
Tag = Annotated[
    str, CleanLine, StringConstraints(min_length=1, max_length=50), NotBlankLine, at_most(50)
]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z][0-9A-Z._-]{0,63}$", max_length=64)]
"""A public natural key (DRAW: upper case only)."""
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$", max_length=12)]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$", max_length=6)]
Username = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{2,63}$", min_length=3, max_length=64)
]
Password = Annotated[
    str, CleanLine, StringConstraints(min_length=1, max_length=128), NotBlankLine, at_most(128)
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", min_length=64, max_length=64)]
Url = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s\x00-\x1f\x7f-\x9f]{3,490}$", max_length=500),
    Clean,
]
Query = Annotated[
    str, CleanLine, StringConstraints(min_length=1, max_length=100), NotBlankLine, at_most(100)
]


def _instant(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_rfc3339_instant),
    PlainSerializer(_instant, return_type=str, when_used="json"),
    Field(examples=["2026-03-02T08:00:00Z"], json_schema_extra={"format": "date-time"}),
]
DayForm = BeforeValidator(_rfc3339_day)
Day = Annotated[dt.date, DayForm, Field(examples=["2026-03-02"])]


def _once(values: list[Any]) -> list[Any]:
    if len(set(values)) != len(values):
        raise PydanticCustomError("not_unique", "named twice")
    return values


class _Once:
    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return core_schema.no_info_after_validator_function(_once, handler(source))

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core), "uniqueItems": True}


Once = _Once()
"""Each value of an array once; said in the document, and checked."""


@cache
def _kinds(annotation: Hashable) -> frozenset[Any]:
    """The members of a union, without what `Annotated` says of each."""
    is_union = get_origin(annotation) in {Union, UnionType}
    members = get_args(annotation) if is_union else (annotation,)
    return frozenset(getattr(member, "__origin__", member) for member in members)


class VariantModel(BaseModel):
    """One of several bodies told apart by a field, before which pydantic lets no validator run.

    Its numbers are made strict one by one.
    """

    model_config = ConfigDict(extra="forbid")


class RequestModel(VariantModel):
    """A body that comes in."""

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_are_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        """A text or a flag is no number and a number no flag, though pydantic would read it so."""
        kinds = _kinds(cast("Hashable", cls.model_fields[str(info.field_name)].annotation))
        if bool in kinds and not isinstance(value, bool | None):
            raise PydanticCustomError("bool_type", "not a boolean")
        if int in kinds and str not in kinds and isinstance(value, bool | str):
            raise PydanticCustomError("int_type", "not an integer")
        return value


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

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Say in the document what can not be emptied, and that something must change."""
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        resolved = handler.resolve_ref_schema(schema)
        resolved["minProperties"] = 1
        for name, field in resolved.get("properties", {}).items():
            if name in cls.nullable:
                continue
            field.pop("default", None)
            kinds = [kind for kind in field.pop("anyOf", ()) if kind.get("type") != "null"]
            if len(kinds) == 1:
                resolved["properties"][name] = kinds[0] | field
            elif kinds:
                field["anyOf"] = kinds
        return schema

    def changes(self) -> dict[str, Any]:
        """What the caller sent, and nothing else."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class ReadModel(BaseModel):
    """A body that goes out; read from rows."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Say in the document how long its texts and arrays and how large its numbers can be."""
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        for name, field in handler.resolve_ref_schema(schema).get("properties", {}).items():
            bound(name, field)
        return schema


def clean_json(value: Any, depth: int = 0) -> Any:
    """Refuse in free JSON what no table can hold: NUL, lone surrogates, depth, long texts."""
    if depth > 8:  # noqa: PLR2004
        raise PydanticCustomError("too_deep", "nested too deep")
    if isinstance(value, list):
        if len(value) > 1000:  # noqa: PLR2004
            raise PydanticCustomError("too_long", "too many items")
        return [clean_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_clean(key): clean_json(item, depth + 1) for key, item in value.items()}
    return _clean_scalar(value)


def _clean_scalar(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > 2000:  # noqa: PLR2004
            raise PydanticCustomError("string_too_long", "too long")
        return _clean(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        raise PydanticCustomError("no_float", "write decimals as text")
    if isinstance(value, int) and abs(value) > 2**53 - 1:
        raise PydanticCustomError("number_too_large", "beyond 2^53-1")
    return value


def _attributes(value: Any) -> Any:
    cleaned = clean_json(value)
    if len(json.dumps(cleaned, ensure_ascii=False).encode()) > MOST_ATTRIBUTE_BYTES:
        raise PydanticCustomError("too_large", "too large in all")
    return cleaned


Attributes = Annotated[
    dict[Annotated[str, StringConstraints(max_length=64)], Any],
    Field(max_length=50, description="Texts, integers, flags, lists, objects; 64 KiB in all."),
    # After the bound, which pydantic would else say of a text: maxLength, not maxProperties.
    BeforeValidator(_attributes),
]
