"""Canonical JSON against an independent implementation, and everything it must refuse."""

import unicodedata

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.domain.canonical import MAX_INTEGER, canonical, sha256_hex

_text = st.text(max_size=8).map(lambda text: unicodedata.normalize("NFC", text))
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner, max_size=4),
    max_leaves=20,
)


@given(_values)
def test_the_bytes_are_those_of_an_independent_implementation(value):
    assert canonical(value) == rfc8785.dumps(value)


def test_keys_are_ordered_by_utf16_code_units_and_not_by_code_points():
    value = {"\U0001f600": 1, "\uff01": 2, "中": [{"\ue000": 1, "\U00010000": 2}], "": 0, "a": 4}
    assert canonical(value) == rfc8785.dumps(value)
    assert canonical(value).decode().index("\U0001f600") < canonical(value).decode().index("\uff01")


def test_control_characters_are_escaped_as_the_rfc_says():
    assert canonical('\x00\b\t\n\f\r\x1f"\\/\x7f\u2028') == (
        '"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\x7f\u2028"'.encode()
    )


def _within_itself():
    value: list[object] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        [0.5],
        {"a": float("nan")},
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        "\ud800",
        {"\udfff": 1},
        "e\u0301",
        {"e\u0301": 1},
        {1: 2},
        {None: 1},
        b"x",
        {1, 2},
        object(),
        _within_itself(),
    ],
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(ValueError):
        canonical(value)


def test_a_refusal_does_not_repeat_the_text():
    with pytest.raises(ValueError) as caught:
        canonical({"name": "secret\ud800"})
    assert "secret" not in repr(caught.value)


def test_text_that_begins_with_a_combining_mark_is_nfc_and_kept():
    assert canonical({"n": "\n\u0303"}) == rfc8785.dumps({"n": "\n\u0303"})


def test_sha256_takes_text_as_utf8():
    assert sha256_hex("中") == sha256_hex("中".encode())
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
