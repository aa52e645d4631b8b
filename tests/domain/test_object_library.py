"""How the history of an object gives its status (R05), and which identifier fits which kind."""

import datetime as dt
import itertools
from uuid import UUID

import pytest

from app.domain.errors import RuleError
from app.domain.lifecycle import IdScheme, ObjectKind, ObjectStatus
from app.domain.object_library import (
    StatusEvent,
    require_identifier,
    require_past,
    status_of,
    status_on,
)

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 2)


def event(day: int, status: ObjectStatus, number: int = 0) -> StatusEvent:
    return StatusEvent(dt.date(2026, 1, day), NOW, UUID(int=number), status)


def test_the_latest_effect_decides_whatever_the_order_of_entry():
    events = [
        event(5, ObjectStatus.SUSPENDED, 3),
        event(9, ObjectStatus.CANCELLED, 1),
        event(7, ObjectStatus.ACTIVE, 2),
    ]
    for order in itertools.permutations(events):
        assert status_of(ObjectStatus.ACTIVE, order) is ObjectStatus.CANCELLED
        assert status_on(ObjectStatus.ACTIVE, order, dt.date(2026, 1, 6)) is ObjectStatus.SUSPENDED
        assert status_on(ObjectStatus.ACTIVE, order, dt.date(2026, 1, 4)) is ObjectStatus.ACTIVE


def test_of_two_events_of_a_day_the_later_entry_decides():
    events = [event(5, ObjectStatus.REVOKED, 1), event(5, ObjectStatus.ACTIVE, 2)]
    assert status_of(ObjectStatus.ACTIVE, events) is ObjectStatus.ACTIVE


def test_without_events_the_status_is_what_it_was_entered_with():
    assert status_of(ObjectStatus.REVOKED, []) is ObjectStatus.REVOKED


def test_r05_what_has_not_happened_is_not_recorded():
    require_past(DAY, DAY)
    with pytest.raises(RuleError) as refused:
        require_past(DAY + dt.timedelta(1), DAY)
    assert refused.value.refusal.clause == "R05"


def test_every_kind_has_its_identifiers_and_no_others():
    values = {
        IdScheme.CREDIT_CODE: "91150525MA0TEYT07L",
        IdScheme.REGISTRATION_NUMBER: "150525600001234",
        IdScheme.PROJECT_CODE: "2301-150525-04-01-123456",
        IdScheme.LIBRARY_CODE: "CP-1",
    }
    subject = {IdScheme.CREDIT_CODE, IdScheme.REGISTRATION_NUMBER}
    admitted = {
        **dict.fromkeys(ObjectKind, subject),
        ObjectKind.PRODUCT: {IdScheme.LIBRARY_CODE},
        ObjectKind.ACTIVITY: {IdScheme.LIBRARY_CODE},
        ObjectKind.PROJECT: {IdScheme.LIBRARY_CODE, IdScheme.PROJECT_CODE},
    }
    for kind, (scheme, value) in itertools.product(ObjectKind, values.items()):
        if scheme in admitted[kind]:
            require_identifier(kind, scheme, value)
        else:
            with pytest.raises(RuleError) as refused:
                require_identifier(kind, scheme, value)
            assert refused.value.refusal.code == "scheme-not-for-kind"
