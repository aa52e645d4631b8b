"""What is recorded of objects (R05), and which identifier fits which kind."""

import datetime as dt
import itertools

import pytest

from app.domain.errors import RuleError
from app.domain.lifecycle import IdScheme, ObjectKind
from app.domain.object_library import (
    require_identifier,
    require_past,
)

DAY = dt.date(2026, 3, 2)


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
