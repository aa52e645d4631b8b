"""One Chinese term, one English name, one code; clauses are cited by ids that exist."""

from collections import Counter

import pytest

from app.domain.clauses import CLAUSES
from app.domain.errors import CATALOGUE
from app.domain.glossary import TERMS, misnamed


@pytest.mark.parametrize("field", ["zh", "en", "code"])
def test_no_two_terms_share_a_name(field):
    counts = Counter(getattr(term, field) for term in TERMS)
    assert [name for name, count in counts.items() if count > 1] == []


def test_a_wrong_name_stands_with_one_term_only():
    counts = Counter(word for term in TERMS for word in term.not_called)
    assert [word for word, count in counts.items() if count > 1] == []


def test_no_term_is_called_what_another_must_not_be_called():
    for term in TERMS:
        assert misnamed(term.code) is None, term.code


def test_every_term_cites_a_clause_that_exists():
    assert [term.zh for term in TERMS if term.clause not in {None, *CLAUSES}] == []


@pytest.mark.parametrize(
    "name",
    [
        "checklist", "checklist_item", "item_version", "joint_item", "inspection_object",
        "library_entry", "object_event", "officer", "qualification", "absence", "interest",
        "expert", "guideline", "plan", "plan_version", "plan_task", "filing", "draw", "draw_file",
        "contribution", "selection", "team_member", "substitution", "annulment",
        "inspection_sheet", "inspection", "access_code", "notice", "evidence", "acknowledgement",
        "extension", "targeted_inspection", "follow_up", "publication", "objection", "archive",
        "holiday_notice", "calendar_day", "scheme", "indicator", "assessment", "appeal",
        "supervision_order", "alert_rule", "alert", "audit_entry", "audit_anchor", "outbox_event",
        "webhook", "delivery", "push", "receipt", "sync_batch", "reconciliation", "permission",
        "idempotency_key", "operation", "submission", "formatter", "region", "business_line",
    ],
)  # fmt: skip
def test_a_fixed_name_of_the_api_is_no_wrong_name(name):
    assert misnamed(name) is None


@pytest.mark.parametrize("name", ["target_pool", "target-pool", "TargetPool", "listInspector"])
def test_a_wrong_name_is_found_in_snake_kebab_and_camel_case(name):
    assert misnamed(name) is not None


def test_no_refusal_has_a_wrong_name_or_a_clause_that_does_not_exist():
    import app.domain.refusals  # fills the catalogue

    assert app.domain.refusals
    assert [code for code in CATALOGUE if misnamed(code) is not None] == []
    cited = {refusal.clause for refusal in CATALOGUE.values()} - {None}
    assert cited <= set(CLAUSES)
    assert len(CATALOGUE) > 10


def test_the_plan_has_23_clauses_and_the_rules_15_documents():
    ids = list(CLAUSES)
    assert [one for one in ids if one.startswith("R")] == [f"R{n:02d}" for n in range(1, 24)]
    assert [one for one in ids if one.startswith("N")] == [f"N{n}" for n in range(1, 16)]
    assert all(clause.document and clause.text for clause in CLAUSES.values())


def test_the_operating_standard_is_cited_by_number_only():
    standard = CLAUSES["DB15/T 2463-2021"]
    assert not standard.place
