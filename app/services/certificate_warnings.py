"""“These certificates end before the deadlines of their sheets”, seen ahead (F07)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.actor import Actor
from app.domain.calendar import shanghai_date
from app.domain.certificate_warnings import CertificateWarning, warnings_of
from app.domain.lifecycle import OfficerStatus
from app.models.library import Officer
from app.services.runtime import Runtime
from app.storage import officer_duties, officer_facts
from app.storage.engine import Reading


@dataclass(frozen=True, slots=True)
class OfficerWarnings:
    """An officer with what is to be renewed."""

    officer: Officer
    department_code: str
    warnings: Sequence[CertificateWarning]


class CertificateWarningService:
    """The one use case: what is to be renewed, and for what."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def list(
        self, actor: Actor, within_days: int, department_code: str | None
    ) -> tuple[dt.date, Sequence[OfficerWarnings]]:
        """Officers in the caller's scope, by department and code."""
        today = shanghai_date(self._db.clock.now())
        async with self._db.reading() as session:
            return today, await warned(session, actor, today, within_days, department_code)


async def warned(
    session: Reading,
    actor: Actor,
    today: dt.date,
    within_days: int,
    department_code: str | None = None,
) -> Sequence[OfficerWarnings]:
    """Who left is told of for open sheets only, which are to be given to others."""
    duties = await officer_duties.duties(session, actor.scope, department_code)
    further = await officer_facts.certificates_of(
        session, officer_facts.by_id(officer.id for officer, _ in duties.officers)
    )
    found = []
    for officer, code in duties.officers:
        mine = duties.of(officer)
        if officer.status is OfficerStatus.LEFT and not mine:
            continue
        warnings = warnings_of(
            officer.certificate_valid_to,
            further.get(officer.id, ()),
            officer.tags,
            mine,
            today,
            within_days,
        )
        if warnings:
            found.append(OfficerWarnings(officer, code, warnings))
    return found
