"""An officer and what belongs to one, as all routes show them."""

from app.domain.actor import Actor
from app.domain.certificates import CertificateForm
from app.domain.library_actions import OFFICER
from app.domain.people_actions import ABSENCE, CERTIFICATE, INTEREST
from app.domain.refusals.officers import CERTIFICATE_FORM
from app.models.library import Absence, Officer
from app.models.people import OfficerCertificate
from app.schemas.actions import allowed_actions
from app.schemas.officers import (
    AbsenceRead,
    CertificateFormRead,
    CertificateRead,
    InterestRead,
    OfficerDetail,
    OfficerRead,
    OfficerStatusChangeRead,
)
from app.services.interests import interest_facts
from app.services.officer_records import absence_facts, certificate_facts
from app.services.officers import OfficerView
from app.storage.officers import InterestRow


def officer_read(view: OfficerView) -> OfficerRead:
    """An officer as lists have it."""
    shaped = OfficerRead.model_validate(view.officer)
    shaped.department_code = view.department.code
    shaped.business_line_code = view.business_line.code if view.business_line else None
    shaped.certificate_state = view.certificate_state
    shaped.load = view.load
    return shaped


def officer_detail(view: OfficerView, actor: Actor) -> OfficerDetail:
    """An officer with everything, and what the caller may do with each part."""
    officer = view.officer
    return OfficerDetail(
        **officer_read(view).model_dump(),
        certificates=[certificate_read(officer, one, actor) for one in view.certificates],
        absences=[absence_read(officer, one, actor) for one in view.absences],
        interests=[interest_read(officer, row, actor) for row in view.interests],
        status_changes=[
            OfficerStatusChangeRead.model_validate(change) for change in view.status_changes
        ],
        certificate_form=_form(view.odd_form),
        allowed_actions=allowed_actions(OFFICER, view.standing, actor),
    )


def certificate_read(
    officer: Officer, certificate: OfficerCertificate, actor: Actor
) -> CertificateRead:
    """A further certificate of an officer."""
    shaped = CertificateRead.model_validate(certificate)
    facts = certificate_facts(officer, certificate)
    shaped.allowed_actions = allowed_actions(CERTIFICATE, facts, actor)
    return shaped


def absence_read(officer: Officer, absence: Absence, actor: Actor) -> AbsenceRead:
    """An absence of an officer."""
    shaped = AbsenceRead.model_validate(absence)
    facts = absence_facts(officer, absence)
    shaped.allowed_actions = allowed_actions(ABSENCE, facts, actor)
    return shaped


def interest_read(officer: Officer, row: InterestRow, actor: Actor) -> InterestRead:
    """A recusal of an officer."""
    interest = row.interest
    return InterestRead(
        id=interest.id,
        object_id=interest.object_id,
        object_code=row.object_code,
        object_name=row.object_name,
        ground=interest.ground,
        source=interest.source,
        declared_at=interest.declared_at,
        declared_by=interest.declared_by,
        confirmed_at=interest.confirmed_at,
        confirmed_by=interest.confirmed_by,
        withdrawn_at=interest.withdrawn_at,
        withdrawn_by=interest.withdrawn_by,
        withdrawn_reason=interest.withdrawn_reason,
        allowed_actions=allowed_actions(INTEREST, interest_facts(officer, interest), actor),
    )


def _form(form: CertificateForm | None) -> CertificateFormRead | None:
    if form is None:
        return None
    facts = {"source": form.source}
    return CertificateFormRead(
        code=CERTIFICATE_FORM.code,
        zh=CERTIFICATE_FORM.text("zh", facts),
        en=CERTIFICATE_FORM.text("en", facts),
    )
