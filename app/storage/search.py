"""Search of Chinese names: the fragment anywhere in the text, served by a trigram index."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute


def contains(column: InstrumentedAttribute[Any], fragment: str) -> ColumnElement[bool]:
    """Texts that hold the fragment, whatever the case of Latin letters; no wildcards in it."""
    return contained(column, fragment)


def contained(column: Any, fragment: str) -> ColumnElement[bool]:
    """The same of any column, of a subquery, too."""
    escaped = fragment.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    # Folding the case of every name costs more than looking for a fragment that has none.
    cased = fragment.lower() != fragment.upper()
    like = column.ilike if cased else column.like
    found: ColumnElement[bool] = like(f"%{escaped}%", escape="\\")
    return found
