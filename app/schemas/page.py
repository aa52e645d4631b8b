"""A page of a list."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field

from app.schemas.base import ReadModel

Item = TypeVar("Item")


class Page(ReadModel, Generic[Item]):
    """Items in a fixed total order; `next_cursor` asks for what follows."""

    items: Annotated[list[Item], Field(max_length=1000)]
    next_cursor: Annotated[str, Field(max_length=64)] | None = None
    total: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="Only where `with_total=true` asked for it."
    )


def page_of(cut: Any, items: Sequence[Item]) -> Page[Item]:
    """A page from what storage cut (its cursor and total) and the shaped items."""
    return Page(items=list(items), next_cursor=cut.next_cursor, total=cut.total)
