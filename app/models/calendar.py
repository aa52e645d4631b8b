"""State Council holiday notices as data, and the days they change."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified


class HolidayNotice(Identified, Base):
    """A notice that makes a year known; a year without one is an error, never a guess."""

    __tablename__ = "holiday_notice"
    __table_args__ = (CheckConstraint("year BETWEEN 2000 AND 2200", name="year"),)

    year: Mapped[int] = mapped_column(Integer, unique=True)
    document_no: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(200))
    issued_on: Mapped[dt.date | None]
    loaded_at: Mapped[dt.datetime]


class CalendarDay(Base):
    """A day that differs from the weekday rule."""

    __tablename__ = "calendar_day"

    on: Mapped[dt.date] = mapped_column("on_date", primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("holiday_notice.id"), index=True)
    is_working_day: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(50))
