"""The words of lists become the four methods of the plan (R13), or are reported."""

import pytest

from app.domain.lifecycle import Method
from app.tabular.methods import parse_methods

D, S, N, E = Method.DOCUMENT, Method.ONSITE, Method.ONLINE, Method.ENTRUSTED


@pytest.mark.parametrize(
    ("text", "methods"),
    [
        ("现场检查、书面检查、网络监测", (D, S, N)),
        ("实地核查", (S,)),
        ("实地检查，书式检查；网络检查", (D, S, N)),
        ("委托专业机构", (E,)),
        ("专业机构核查", (E,)),
        ("抽样检测", (E,)),
        ("现场抽样检验", (S, E)),
        ("书面检查、实地检查、网络检查等", (D, S, N)),
        ("现场检查和书面检查相结合的方式", (D, S)),
        ("onsite/document", (D, S)),
        ("", ()),
    ],
)
def test_methods_are_recognised(text, methods):
    found = parse_methods(text)
    assert set(found.methods) == set(methods)
    assert not found.part_unknown
    assert not found.interpreted


def test_a_time_is_no_method():
    found = parse_methods("采取定期抽查和不定期抽查的方式相结合")
    assert found.methods == ()
    assert found.part_unknown


def test_a_part_that_is_not_understood_is_reported_beside_the_others():
    found = parse_methods("专项检查、实地核查、统计督查")
    assert found.methods == (S,)
    assert found.part_unknown


def test_off_site_is_not_taken_for_on_site():
    found = parse_methods("非现场检查")
    assert set(found.methods) == {D, N}
    assert found.interpreted
