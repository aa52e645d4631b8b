"""Splits the text of a legal-basis cell into laws and articles.

Lists name their bases in free text: 《…》第…条, several in one cell, with a document number
between, with or without brackets round the law. Whatever cannot be split is kept whole, with no
article: the words of a legal basis are never dropped and never invented (N1: no basis, no
inspection).
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

_DIGITS = r"[一二三四五六七八九十百千零〇两\d]+"
# 第三十条, 第58、92条, 第六条至第八条, 第四章 …: from the first number on
_ARTICLE = re.compile(rf"第\s*{_DIGITS}(?:\s*[、，,至到和及与-]\s*第?\s*{_DIGITS})*\s*[条章节款项]")
_BARE_LAW = re.compile(
    r"(?:^|(?<=[、，,;；。\n（(]))\s*"
    r"([\u4e00-\u9fff]{2,40}?(?:法|条例|规定|办法|细则|规则|决定|意见|标准|规范))"
    rf"(?=\s*第\s*{_DIGITS}[^号]{{0,60}}?[条章])"
)
_NUMBERING = re.compile(r"^\s*(?:[（(]?\d{1,2}[）)]|\d{1,2}\s*[.．、])\s*(?=\D)")
_LONGEST_NAME = 500  # no law is called that much; it also bounds the search
_LONGEST_CELL = 10_000
_EDGES = " \t\n\u3000、，,；;。"
_TRAILING_WORDS = re.compile(r"(?:或者|或|以及|及|和|等)$")
# What stands before a law and belongs to it: the body that issued it
_ISSUER = re.compile(r"(?:^|(?<=[\n；;。、，,\s]))([\u4e00-\u9fff]{3,40})$")
_CITED = re.compile(rf"{_DIGITS}[条章节款项]")
_NEXT_NUMBER = re.compile(r"(?<=[；;。、，,\s])\d{1,2}\s*[.．]$")
_PAIRS = {")": "(", "）": "（"}


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One law with the articles cited of it; `text` is what the list says, uncut."""

    law: str
    article: str | None
    text: str

    @property
    def split(self) -> bool:
        """Whether the law was recognised whole; otherwise somebody should look."""
        named = self.law != self.text or self.article is not None
        return named and self.text.count("《") == self.text.count("》")


@dataclass(frozen=True, slots=True)
class _Start:
    at: int  # where the name begins, with its bracket
    end: int  # where what follows the name begins
    law: str


def parse_legal_bases(text: str) -> tuple[LegalBasis, ...]:
    """Every basis in the cell, in order, each once; () for an empty cell."""
    text = text.strip()
    if not text:
        return ()
    starts = list(_starts(text)) if len(text) <= _LONGEST_CELL else []
    if not starts:
        whole = _NUMBERING.sub("", " ".join(text.split()))
        return (LegalBasis(whole, None, whole),)
    cuts = _cuts(text, starts)
    found = [
        _basis(text[cut:end], start.law, start.end - cut)
        for start, cut, end in zip(starts, cuts, [*cuts[1:], len(text)], strict=True)
    ]
    return tuple(dict.fromkeys(found))


def _starts(text: str) -> Iterator[_Start]:
    """Names in brackets (which may hold brackets), and bare names outside of them."""
    outside = list(text)
    bracketed: list[_Start] = []
    at = text.find("《")
    while at >= 0:
        end = _closing(text, at)
        name = " ".join(text[at + 1 : end].removesuffix("》").split())
        bracketed.append(_Start(at, end, name))
        outside[at:end] = "\x00" * (end - at)
        at = text.find("《", end)
    bare = [_Start(m.start(1), m.end(1), m[1]) for m in _BARE_LAW.finditer("".join(outside))]
    return iter(sorted(bracketed + bare, key=lambda start: start.at))


def _closing(text: str, at: int) -> int:
    """One past the bracket that closes the one at `at`; the end of the line if none does."""
    depth = 0
    for index in range(at, min(len(text), at + _LONGEST_NAME)):
        if text[index] == "《":
            depth += 1
        elif text[index] == "》":
            depth -= 1
            if depth == 0:
                return index + 1
    line_end = text.find("\n", at)
    return len(text) if line_end < 0 else line_end


def _cuts(text: str, starts: list[_Start]) -> list[int]:
    """Where the text of each basis begins: at its name, or at the body that issued it."""
    cuts = [0]
    for before, start in itertools.pairwise(starts):
        between = text[before.end : start.at]
        issuer = _ISSUER.search(between)
        if issuer is None or _CITED.search(issuer[1]) or _TRAILING_WORDS.search(issuer[1]):
            cuts.append(start.at)
        else:
            cuts.append(before.end + issuer.start(1))
    return cuts


def _basis(piece: str, law: str, name_end: int) -> LegalBasis:
    article = _ARTICLE.search(piece, name_end)
    cited = None if article is None else _tidy(piece[article.start() :])
    return LegalBasis(law, cited, _tidy(_NUMBERING.sub("", piece)))


def _tidy(text: str) -> str:
    """Without what only joined it to the next basis, and without half a pair of brackets."""
    text = re.sub(r"\s*\n\s*", "", _NEXT_NUMBER.sub("", text.strip()))
    for _ in range(5):  # brackets and joining words may alternate, but not for long
        text = _TRAILING_WORDS.sub("", text.strip(_EDGES)).rstrip("（(")
        last = text[-1:]
        if last in _PAIRS and text.count(last) > text.count(_PAIRS[last]):
            text = text[:-1]
    return " ".join(text.split())
