"""RFC 8785 canonical JSON for the few kinds of value that we hash: manifests and audit entries.

Two parties must get the same bytes, so the values are restricted until the format leaves nothing
to choose: objects, arrays, strings in NFC, booleans, null and integers within ±(2^53-1). It
refuses floats (their shortest decimal form is where implementations differ), text that is not NFC
(two spellings of one name would have two hashes), lone surrogates (not UTF-8) and any other type.
"""

import hashlib
import json
import unicodedata

MAX_INTEGER = 2**53 - 1
_MAX_DEPTH = 64
_LAST_OF_PLANE_ZERO = "\uffff"
# Kept, because json.dumps builds a new encoder whenever it is given any option.
_SORTING = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_AS_GIVEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of `value`; ValueError for anything outside the restricted kinds."""
    if _check(value, 0):
        # UTF-16 order and code point order part only above plane zero.
        return _AS_GIVEN(_in_utf16_order(value)).encode()
    return _SORTING(value).encode()


def sha256_hex(data: bytes | str) -> str:
    """SHA-256 as 64 lower-case hex characters; text is hashed as UTF-8."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def _check(value: object, depth: int) -> bool:
    """Refuse what has no canonical form; True when some key needs the slower UTF-16 order."""
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, str):
        _check_text(value)
        return False
    if isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise ValueError("an integer outside ±(2^53-1) has no canonical form")
        return False
    if depth >= _MAX_DEPTH:
        raise ValueError(f"nested deeper than {_MAX_DEPTH} levels, or within itself")
    if isinstance(value, dict):
        return _check_object(value, depth)
    if isinstance(value, list | tuple):
        slow = False
        for member in value:
            slow |= _check(member, depth + 1)
        return slow
    raise ValueError(f"a value of type {type(value).__name__} has no canonical form")


def _check_object(value: dict[object, object], depth: int) -> bool:
    slow = False
    for key, member in value.items():
        if not isinstance(key, str):
            raise ValueError(f"a key of type {type(key).__name__} has no canonical form")  # noqa: TRY004 one error type for the caller
        _check_text(key)
        # max() of an empty key does not exist, but an empty key is ASCII
        slow |= not key.isascii() and max(key) > _LAST_OF_PLANE_ZERO
        slow |= _check(member, depth + 1)
    return slow


def _check_text(text: str) -> None:
    if text.isascii():
        return
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError("text that is not in NFC has no canonical form")
    try:
        text.encode()
    except UnicodeEncodeError:
        # Raised anew: the original error carries the text, and may reach a log.
        raise ValueError("a lone surrogate has no canonical form") from None


def _in_utf16_order(value: object) -> object:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _in_utf16_order(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_in_utf16_order(member) for member in value]
    return value
