"""How much of a caller's quota is spent in the window that runs.

Unlogged: a count that is lost with the server costs nobody anything. Nothing personal is kept: the
key is a digest of policy and caller. Expired rows are deleted by the worker.
"""

import datetime as dt

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class RateBucket(Base):
    """One caller's window under one policy; `granted` is what the last asker was given."""

    __tablename__ = "rate_bucket"
    # Half-empty pages and no index but the key's: an update stays in its page and writes no index.
    __table_args__ = {"prefixes": ["UNLOGGED"], "postgresql_with": {"fillfactor": 50}}  # noqa: RUF012

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    taken: Mapped[int]
    granted: Mapped[int]
    ends_at: Mapped[dt.datetime]
