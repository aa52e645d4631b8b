"""A check for schemathesis, loaded by SCHEMATHESIS_HOOKS: what the document allows is not refused
for its form.

The built-in check takes any 422 to a valid request for a fault. Ours is stricter where it matters:
such a request may be refused only by a rule that has a name, and that the operation's document
lists under this very status. `validation-failed` speaks of form, so the document must forbid what
it refuses; all it may add are contradictions between fields, which no JSON Schema can express.
"""

import re

import schemathesis

DAY = re.compile(r"_(on|to|from)$")
REFUSALS = frozenset({400, 409, 412, 413, 415, 422})
FORM = frozenset({"validation-failed", "malformed-request", "unsupported-media-type"})
BETWEEN_FIELDS = frozenset({"value_error"})
DAY_BOUNDS = frozenset({"greater_than_equal", "less_than_equal"})
"""Of days: JSON Schema has bounds for numbers only."""
FREE_JSON = "/attributes"
"""What an object may carry along: the document describes it in words."""


@schemathesis.check
def valid_data_is_refused_by_named_rules_only(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """A request that fits the document is refused by a documented rule, if at all."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code not in REFUSALS:
        return
    problem = response.json()
    code = problem["code"]
    if code in FORM:
        others = {
            (error["pointer"], error["code"])
            for error in problem.get("errors", ())
            if error["code"] not in BETWEEN_FIELDS
            and not (DAY.search(error["pointer"]) and error["code"] in DAY_BOUNDS)
            and error["pointer"] != FREE_JSON
        }
        if others or not problem.get("errors"):
            raise AssertionError(f"the document allows what is refused: {code} {sorted(others)}")
        return
    documented = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    media = documented.get("content", {}).get("application/problem+json", {})
    if code not in media.get("examples", {}):
        raise AssertionError(f"{response.status_code} {code} is not in the operation's document")
