"""The order of Chinese names: a key of their syllables, by which a database without ICU can sort.

Only what decides an order is kept: no tones, and the first characters. Characters with several
readings take that of the word of two characters they stand in, else the usual one.
"""

import re
import unicodedata
from functools import cache, lru_cache

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

NAME_KEY_LENGTH = 255
_SORTED_CHARACTERS = 32
_OTHER = re.compile(r"[^0-9a-z]")
_V = str.maketrans("üǖǘǚǜ", "vvvvv")


@cache
def _reading(char: str) -> str:
    """The usual reading of a character; Latin letters and digits are their own."""
    known = PINYIN_DICT.get(ord(char))
    return _plain(known.split(",")[0]) if known else _plain(char)


@lru_cache(maxsize=50_000)
def _pair(pair: str) -> tuple[str, str] | None:
    """The readings of a word of two characters, where the dictionary has the word."""
    found = PHRASES_DICT.get(pair)
    return (_plain(found[0][0]), _plain(found[1][0])) if found and len(found) == 2 else None  # noqa: PLR2004


def _plain(syllable: str) -> str:
    folded = unicodedata.normalize("NFKD", syllable.lower().translate(_V))
    return _OTHER.sub("", folded)


def name_key(name: str) -> str:
    """What a name is sorted by: "重庆路" is "chong qing lu"; never empty."""
    chars = name[:_SORTED_CHARACTERS]
    parts: list[str] = []
    place = 0
    while place < len(chars):
        word = _pair(chars[place : place + 2])
        if word is not None:
            parts.extend(word)
            place += 2
            continue
        reading = _reading(chars[place])
        if len(reading) == 1 and parts and parts[-1][-1:].isascii() and _runs(chars, place):
            parts[-1] += reading  # Latin letters and digits stay one word
        elif reading:
            parts.append(reading)
        place += 1
    return " ".join(parts)[:NAME_KEY_LENGTH] or "~"


def _runs(chars: str, place: int) -> bool:
    return chars[place].isascii() and chars[place - 1].isascii() and chars[place - 1].isalnum()
