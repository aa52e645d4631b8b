"""Workbooks damaged anywhere are read or refused; no fault of the engine gets out of the reader."""

import random
import struct

import pytest

from app.domain.errors import RuleError
from app.tabular.reader import read_table
from tests.tabular.bombs import SHARED, SHEET, dimensions
from tests.tabular.files import legacy_workbook, part, with_part, workbook

BOOK = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
PANICS = {
    "a beginning without content": [(0x0809, b"")],
    "a sheet without content": [(0x0809, BOOK), (0x0085, b""), (0x000A, b"")],
    "a sheet that stands nowhere": [
        (0x0809, BOOK),
        (0x0085, struct.pack("<IBB", 32_554, 0, 0) + b"\x06\x00Sheet1"),
        (0x000A, b""),
    ],
}
"""Old workbooks in which the engine does not find what it takes for granted."""
PARTS = (SHEET, SHARED, "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels")
ODD = (b"\x00" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f")


@pytest.mark.parametrize("name", PANICS)
def test_what_the_engine_stumbles_over_is_refused(name: str):
    with pytest.raises(RuleError) as refused:
        read_table(legacy_workbook(PANICS[name]), "a.xls")
    assert refused.value.refusal.code == "file-not-readable"


def damaged(chance: random.Random, data: bytes) -> bytes:
    """Bytes changed, left out, repeated or replaced by the ends of numbers, at random places."""
    mended = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at, how = chance.randrange(len(mended)), chance.randrange(4)
        if how == 0:
            mended[at] = chance.randrange(256)
        elif how == 1:
            del mended[at : at + chance.randrange(1, 30)]
        elif how == 2:
            mended[at:at] = mended[at : at + chance.randrange(1, 60)]
        else:
            mended[at : at + 4] = chance.choice(ODD)
    return bytes(mended)


@pytest.mark.parametrize("seed", range(4))
def test_damage_at_random_is_read_or_refused(seed: int):
    chance = random.Random(seed)
    new = workbook([["代码", "名称"], ["91150525MA0TEYT07L", "甲"], ["x", 1]], ((1, 0, 2, 0, "a"),))
    old = dimensions(3, 3)
    refused = 0
    for _ in range(150):
        if chance.random() < 0.5:
            name = chance.choice(PARTS)
            data, filename = with_part(new, name, damaged(chance, part(new, name))), "a.xlsx"
        else:
            data, filename = damaged(chance, old), "a.xls"
        try:
            read_table(data, filename)
        except RuleError:
            refused += 1
    assert refused > 30, "the damage is damage"
