"""In which orders the object library can be read, and in which forms a library leaves the service.

House rule: the order is part of a cursor, so that no page follows one of another order.
"""

from enum import StrEnum


class ObjectSort(StrEnum):
    """The order of a list of objects."""

    CREATED = "created"
    CREATED_DESC = "created_desc"
    PINYIN = "pinyin"
    PINYIN_DESC = "pinyin_desc"

    @property
    def by_name(self) -> bool:
        """Whether names decide, and not the time of entry."""
        return self in {ObjectSort.PINYIN, ObjectSort.PINYIN_DESC}

    @property
    def descends(self) -> bool:
        """Whether the last comes first."""
        return self in {ObjectSort.CREATED_DESC, ObjectSort.PINYIN_DESC}


class ExportFormat(StrEnum):
    """What an export is written as."""

    XLSX = "xlsx"
    CSV = "csv"


class ExportEncoding(StrEnum):
    """How the text of a csv export is encoded."""

    UTF8 = "utf-8"
    UTF8_BOM = "utf-8-bom"
    GB18030 = "gb18030"
