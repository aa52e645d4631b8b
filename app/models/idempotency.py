"""Answers that were given to requests with an Idempotency-Key, kept for seven days.

A row is written in the transaction of what the request did, so that there is an answer exactly
where there is an effect. Nothing secret is kept: operations that hand out secrets take no key.
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import SHA256, Base, Json


class IdempotencyKey(Base):
    """The answer to an account's request of that key; `request_sha256` says what was asked."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(128, collation="C"), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(SHA256)
    status: Mapped[int] = mapped_column(SmallInteger)
    headers: Mapped[Json]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
