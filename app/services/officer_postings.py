"""Where an officer has served: the history that transfers of duties write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.actor import Actor
from app.domain.calendar import shanghai_date
from app.models.organisation import BusinessLine, Department
from app.services.runtime import Runtime
from app.storage import officers, organisation, transfers


@dataclass(frozen=True, slots=True)
class PostingView:
    """A department where the officer served, and from when to when."""

    department: Department
    business_line: BusinessLine | None
    serves_from: date
    serves_to: date | None
    transfer_no: str | None


class OfficerPostingService:
    """Reading postings."""

    def __init__(self, runtime: Runtime) -> None:
        self._db = runtime.database

    async def list(self, actor: Actor, officer_id: UUID) -> Sequence[PostingView]:
        """The postings of an officer in the caller's scope, the latest first.

        Who was never moved has one: where they are, since they were entered.
        """
        async with self._db.reading() as session:
            officer = await officers.get_officer(session, officer_id, actor.scope)
            rows = await transfers.postings_of(session, officer_id)
            if rows:
                return [
                    PostingView(
                        row.department,
                        row.business_line,
                        row.posting.serves_from,
                        row.posting.serves_to,
                        row.transfer_no,
                    )
                    for row in rows
                ]
            department = await organisation.get_department(session, officer.department_id)
            line_id = officer.business_line_id
            lines = await organisation.business_lines_by_id(
                session, {line_id} if line_id else set()
            )
            entered = shanghai_date(officer.created_at)
            line = lines[line_id] if line_id else None
            return [PostingView(department, line, entered, None, None)]
