"""The four methods of inspection (R13, plan s.4(3)) in the words lists use for them.

A part that names a time or a campaign ("periodic", "special") instead of a method is not guessed
at: it is reported, and an item with no other method is not taken.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.domain.lifecycle import Method
from app.reference.codes import Code, codes
from app.tabular.vocabulary import folded

_PARTS = re.compile(r"[、,，;；/／\n+＋]|以及|和(?!解)|与|及|相结合")
_NOISE = re.compile(r"(?:等(?:方式|形式|方法)?|相结合|的?方式|的)$|^(?:采取|采用|通过|以)")
_LONGEST = 500  # longer than this it is an essay, not a list of methods
_OFF_SITE = re.compile(r"非现场")
_WORDS: tuple[tuple[re.Pattern[str], Method], ...] = (
    (re.compile(r"书面|书式|查阅|备案审查|材料审查|资料|调账|台账"), Method.DOCUMENT),
    (re.compile(r"网络|线上|互联网|远程|技术监测|在线"), Method.ONLINE),
    (re.compile(r"委托|专业机构|抽样|抽检|检验检测|检测|送检"), Method.ENTRUSTED),
    (re.compile(r"现场|实地|入户|上门"), Method.ONSITE),
)


@dataclass(frozen=True, slots=True)
class MethodsFound:
    """The methods in a fixed order, and whether a part was unknown or had to be interpreted."""

    methods: tuple[Method, ...]
    part_unknown: bool
    interpreted: bool


def parse_methods(text: str) -> MethodsFound:
    """Every method that the cell names; a part may name two (on-site sampling)."""
    if len(text) > _LONGEST:
        return MethodsFound((), part_unknown=True, interpreted=False)
    found: set[Method] = set()
    part_unknown = interpreted = False
    exact = _listed_words()
    for part in filter(None, (_bare(piece) for piece in _PARTS.split(text))):
        if part in exact:
            found.add(exact[part])
            continue
        if _OFF_SITE.search(part):
            interpreted = True
            found.update({Method.DOCUMENT, Method.ONLINE})
            continue
        named = {method for pattern, method in _WORDS if pattern.search(part)}
        part_unknown = part_unknown or not named
        found |= named
    return MethodsFound(tuple(m for m in Method if m in found), part_unknown, interpreted)


@cache
def _listed_words() -> Mapping[str, Method]:
    return {
        folded(word): Method(code.code)
        for code in codes("inspection_method")
        for word in _all_words(code)
    }


def _all_words(code: Code) -> tuple[str, ...]:
    return (code.code, code.zh, *code.aliases)


def _bare(piece: str) -> str:
    word = folded(piece).rstrip("。.")
    previous = ""
    while word != previous:
        previous, word = word, _NOISE.sub("", word)
    return word
