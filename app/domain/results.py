"""What must be on record for each of the eight results, and how a record is acknowledged.

The texts of the eight are data (`reference/codes.json`); what each implies is here (DOMAIN
s.6.1). There is no default result. The thresholds for "unreachable" are unverified, therefore
arguments and not constants. Whether a result is true is for the people who review it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.errors import FieldError
from app.domain.lifecycle import AcknowledgementKind, FindingOutcome, ResultCode
from app.domain.refusals import verdicts as say

MIN_REASON_LENGTH = 10  # R16, F26
NOTING_OFFICERS = 2


@dataclass(frozen=True, slots=True)
class FollowUpFact:
    """A follow-up on record; `kind` is a code of the list follow_up_kind."""

    kind: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """What the record of one inspection holds when its result is entered."""

    outcomes: Sequence[FindingOutcome]
    """One per item of the sheet, in the sheet's order."""
    follow_ups: Sequence[FollowUpFact] = ()
    evidence: int = 0
    has_witness: bool = False
    visits: int = 0
    contact_attempts: int = 0
    has_rectification: bool = False
    """An order to rectify is on record, with what was corrected or by when."""
    has_library_feedback: bool = False


@dataclass(frozen=True, slots=True)
class ResultThresholds:
    """Local figures that no verified text fixes (DOMAIN s.6.1, unverified)."""

    visits: int = 1
    contact_attempts: int = 1


Errors = tuple[FieldError, ...]
_DEFAULT_THRESHOLDS = ResultThresholds()


def check_result(
    code: str | None, facts: ResultFacts, thresholds: ResultThresholds = _DEFAULT_THRESHOLDS
) -> Errors:
    """Everything that keeps `code` from being the result of such a record; empty when it fits."""
    if not code:
        return (say.RESULT_MISSING.at("/result_code"),)
    try:
        result = ResultCode(code)
    except ValueError:
        return (say.RESULT_UNKNOWN.at("/result_code"),)
    if not facts.outcomes:
        return (say.RESULT_NO_ITEM.at("/findings"),)
    if result is ResultCode.UNREACHABLE:
        return _unreachable(facts, thresholds)
    return _RULES[result](facts)


def _no_problem(facts: ResultFacts) -> Errors:
    errors = [*_unchecked(facts, "01"), *_contradictions(facts, "01")]
    if facts.follow_ups:
        errors.append(say.RESULT_FOLLOW_UP_FORBIDDEN.at("/follow_ups", result="01"))
    return tuple(errors)


def _not_disclosed(facts: ResultFacts) -> Errors:
    errors = _problem_recorded(facts, "02")
    kinds = {follow_up.kind for follow_up in facts.follow_ups}
    if not facts.has_rectification and not kinds & {"rectify_order", "abnormal_list_lead"}:
        errors += (say.RESULT_ORDER_OR_LEAD_REQUIRED.at("/follow_ups", result="02"),)
    return errors


def _false_disclosure(facts: ResultFacts) -> Errors:
    errors = _problem_recorded(facts, "03")
    if not facts.follow_ups:
        errors += (say.RESULT_FOLLOW_UP_REQUIRED.at("/follow_ups", result="03"),)
    return errors


def _unreachable(facts: ResultFacts, thresholds: ResultThresholds) -> Errors:
    errors = []
    if facts.visits < thresholds.visits:
        errors.append(
            say.RESULT_VISITS_REQUIRED.at("/visits", result="04", minimum=thresholds.visits)
        )
    if facts.contact_attempts < thresholds.contact_attempts:
        errors.append(
            say.RESULT_CONTACT_REQUIRED.at(
                "/contact_attempts", result="04", minimum=thresholds.contact_attempts
            )
        )
    return tuple(errors)


def _ordered_to_rectify(facts: ResultFacts) -> Errors:
    errors = _problem_recorded(facts, "05")
    if not facts.has_rectification:
        errors += (say.RESULT_RECTIFICATION_REQUIRED.at("/rectification", result="05"),)
    return errors


def _uncooperative(facts: ResultFacts) -> Errors:
    errors = []
    if facts.evidence < 1:
        errors.append(say.RESULT_EVIDENCE_REQUIRED.at("/evidence", result="06"))
    if not facts.has_witness:
        errors.append(say.RESULT_WITNESS_REQUIRED.at("/witness", result="06"))
    return tuple(errors)


def _no_such_activity(facts: ResultFacts) -> Errors:
    errors = _contradictions(facts, "07")
    if not facts.has_library_feedback:
        errors += (say.RESULT_FEEDBACK_REQUIRED.at("/library_feedback", result="07"),)
    return errors


def _pending(facts: ResultFacts) -> Errors:
    errors = _problem_recorded(facts, "08")
    if not any(follow_up.is_open for follow_up in facts.follow_ups):
        errors += (say.RESULT_OPEN_FOLLOW_UP_REQUIRED.at("/follow_ups", result="08"),)
    return errors


_RULES: dict[ResultCode, Callable[[ResultFacts], Errors]] = {
    ResultCode.NO_PROBLEM: _no_problem,
    ResultCode.NOT_DISCLOSED: _not_disclosed,
    ResultCode.FALSE_DISCLOSURE: _false_disclosure,
    ResultCode.ORDERED_TO_RECTIFY: _ordered_to_rectify,
    ResultCode.UNCOOPERATIVE: _uncooperative,
    ResultCode.NO_SUCH_ACTIVITY: _no_such_activity,
    ResultCode.PENDING: _pending,
}


def _unchecked(facts: ResultFacts, result: str) -> Errors:
    return tuple(
        say.RESULT_ITEM_UNCHECKED.at(f"/findings/{place}/outcome", result=result)
        for place, outcome in enumerate(facts.outcomes)
        if outcome is FindingOutcome.NOT_CHECKED
    )


def _contradictions(facts: ResultFacts, result: str) -> Errors:
    return tuple(
        say.RESULT_ITEM_PROBLEM.at(f"/findings/{place}/outcome", result=result)
        for place, outcome in enumerate(facts.outcomes)
        if outcome is FindingOutcome.PROBLEM
    )


def _problem_recorded(facts: ResultFacts, result: str) -> Errors:
    if FindingOutcome.PROBLEM in facts.outcomes:
        return ()
    return (say.RESULT_NO_PROBLEM_RECORDED.at("/findings", result=result),)


@dataclass(frozen=True, slots=True)
class AcknowledgementFacts:
    """How the object acknowledged the record; `noted_by` are codes of officers."""

    kind: str
    signer: str | None = None
    reason: str | None = None
    noted_by: Sequence[str] = ()
    team: Sequence[str] = ()
    witness_name: str | None = None
    witness_unit: str | None = None


def check_acknowledgement(facts: AcknowledgementFacts) -> Errors:
    """Signature, seal, or a reason in their place (R16); a witness is optional."""
    if facts.kind not in set(AcknowledgementKind):
        return (say.ACKNOWLEDGEMENT_UNKNOWN.at("/kind"),)
    kind = AcknowledgementKind(facts.kind)
    errors = []
    if kind in {AcknowledgementKind.SIGNED, AcknowledgementKind.SEALED}:
        if not (facts.signer or "").strip():
            errors.append(say.ACKNOWLEDGEMENT_SIGNER.at("/signer"))
    elif len((facts.reason or "").strip()) < MIN_REASON_LENGTH:
        errors.append(say.ACKNOWLEDGEMENT_REASON.at("/reason", minimum=MIN_REASON_LENGTH))
    if kind is AcknowledgementKind.REFUSED and len(set(facts.noted_by)) < NOTING_OFFICERS:
        errors.append(say.ACKNOWLEDGEMENT_NOTE.at("/noted_by"))
    errors += [
        say.ACKNOWLEDGEMENT_NOTE_STRANGER.at(f"/noted_by/{place}")
        for place, officer in enumerate(facts.noted_by)
        if officer not in facts.team
    ]
    if (facts.witness_unit or "").strip() and not (facts.witness_name or "").strip():
        errors.append(say.ACKNOWLEDGEMENT_WITNESS.at("/witness_name"))
    return tuple(errors)


def witness_is_advised(facts: AcknowledgementFacts) -> bool:
    """Whether a witness is missing who is recommended, not required (R16)."""
    unsigned = facts.kind in {AcknowledgementKind.REFUSED, AcknowledgementKind.ABSENT}
    return unsigned and not (facts.witness_name or "").strip()
