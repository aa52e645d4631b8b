"""Code lists with their labels in Chinese and English, and the aliases that imports accept."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from app.reference.source import read_json


@dataclass(frozen=True, slots=True)
class Code:
    """One code; `aliases` are other words for `zh` found in the lists of other regions."""

    code: str
    zh: str
    en: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """A closed list of codes, in the order in which a form shows them."""

    key: str
    zh: str
    en: str
    source: str
    unverified: bool
    note: str
    codes: tuple[Code, ...]

    def find(self, text: str) -> Code | None:
        """The code that `text` names, by code, Chinese label or alias; None when unknown."""
        for code in self.codes:
            if text in {code.code, code.zh, *code.aliases}:
                return code
        return None


@cache
def code_groups() -> Mapping[str, CodeGroup]:
    """Every list by its key ("result", "inspection_method", …)."""
    found = {}
    for key, group in read_json("codes.json")["groups"].items():
        members = tuple(
            Code(entry["code"], entry["zh"], entry["en"], tuple(entry["aliases"]))
            for entry in group["codes"]
        )
        found[key] = CodeGroup(
            key,
            group["zh"],
            group["en"],
            group["source"],
            group["unverified"],
            group["note"],
            members,
        )
    return MappingProxyType(found)


def codes(key: str) -> tuple[Code, ...]:
    """The codes of one list; a key that does not exist is a programming error."""
    return code_groups()[key].codes
