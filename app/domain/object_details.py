"""What a department keeps of an object besides its entry: licences, and whom to contact.

A licence is valid to its last day, or for the long term by its own words ("长期"), never by an
empty cell. Contact data are personal: they are shown masked, and revealed with a reason on record.
"""

import datetime as dt
from dataclasses import dataclass

from app.domain.errors import RuleError
from app.domain.masking import mask_name, mask_phone
from app.domain.refusals import object_cases as refusals


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a licence is good."""

    approved_on: dt.date
    valid_to: dt.date | None
    long_term: bool
    ended_on: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether it is good on a day; its last day counts, the day of its end does not."""
        if day < self.approved_on or (self.ended_on is not None and day >= self.ended_on):
            return False
        return self.long_term or (self.valid_to is not None and day <= self.valid_to)


def require_validity(validity: Validity, today: dt.date) -> None:
    """A licence has been granted, and says until when, or that it is for the long term."""
    if validity.long_term is (validity.valid_to is not None):
        raise RuleError(refusals.LICENCE_VALIDITY)
    if validity.approved_on > today:
        raise RuleError(refusals.LICENCE_VALIDITY)
    for end in (validity.valid_to, validity.ended_on):
        if end is not None and end < validity.approved_on:
            raise RuleError(refusals.LICENCE_VALIDITY)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to contact at an object."""

    legal_representative: str | None = None
    liaison: str | None = None
    phone: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nobody is named."""
        return not (self.legal_representative or self.liaison or self.phone)

    def masked(self) -> "Contact":
        """As it is shown."""
        return Contact(
            mask_name(self.legal_representative) if self.legal_representative else None,
            mask_name(self.liaison) if self.liaison else None,
            mask_phone(self.phone) if self.phone else None,
        )

    def told(self) -> list[str]:
        """Which fields are filled, for the trace, which holds no personal data."""
        return [
            name for name in ("legal_representative", "liaison", "phone") if getattr(self, name)
        ]
