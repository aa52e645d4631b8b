"""Five whole draws reproduced byte for byte, and the rules of files, manifest and selection."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import draw, draw_outcome
from app.domain.draw import (
    SelectionPass,
    check_complete,
    check_opening,
    contribution_commit,
    draw_seed,
    is_code,
    is_contribution,
    select,
    server_commit,
    ticket,
)
from app.domain.draw_files import (
    FileReader,
    FrozenFile,
    OfficerLine,
    PoolLine,
    check_disjoint,
    compare_files,
    freeze_file,
    read_excluded,
    read_facts,
    read_officers,
    read_pool,
    read_recusals,
    split_lines,
)
from app.domain.draw_manifest import read_manifest
from app.domain.draw_outcome import Opened, RankCount, Void, bundle, next_void, standing
from app.domain.errors import RuleError
from app.domain.merkle import inclusion_proof
from app.domain.teams import Roster, TeamObject, TeamPlan, assign_teams

_DRAWS = json.loads((Path(__file__).parents[1] / "golden/draw-v1.json").read_text("utf-8"))
_each_draw = pytest.mark.parametrize("golden", _DRAWS, ids=lambda d: d["manifest"]["draw_no"])
_KEY = "ab" * 32


def _files(golden):
    return {f: golden[f.value].encode() for f in FrozenFile if golden[f.value] is not None}


def _opened(golden):
    return Opened(
        golden["server_secret"],
        golden["contribution_commits"],
        golden["contributions"],
        golden["beacon"],
    )


def _selection(golden, manifest):
    lines = split_lines(FrozenFile.POOL, golden["pool"].encode())
    key = golden["keys"]["object"]
    return select(lambda: lines, key, manifest.quota, manifest.strata, manifest.reserve)


def _voids(golden):
    return [Void(v["stratum"], v["object"], v["reason"], v["replacement"]) for v in golden["voids"]]


def _staffing(golden, manifest):
    """Teams by our code where the files are public, else as given."""
    files = _files(golden)
    if FrozenFile.OFFICERS not in files:
        return golden["teams"], golden["unstaffable"]
    pool = {row.object_code: row for row in read_pool(files[FrozenFile.POOL].splitlines())}
    roster = Roster(
        manifest.departments,
        read_officers(files[FrozenFile.OFFICERS].splitlines()),
        read_recusals(files[FrozenFile.RECUSALS].splitlines()),
    )
    codes = [code for ranks in golden["selected"].values() for _, code in ranks]
    keys = golden["keys"]
    objects = [TeamObject(code, pool[code].region) for code in codes]
    plan = TeamPlan(roster, objects, manifest.cap, keys["task"], keys["officer"])
    staffing = assign_teams(plan)
    return staffing.teams, staffing.unstaffable


@_each_draw
def test_a_golden_draw_is_reproduced_with_every_intermediate_value(golden):
    manifest = read_manifest(golden["manifest"])
    lines = split_lines(FrozenFile.POOL, golden["pool"].encode())
    inclusion = inclusion_proof(lines, golden["inclusion"]["index"])
    teams, unstaffable = _staffing(golden, manifest)
    made = bundle(
        manifest,
        _files(golden),
        _opened(golden),
        selection=_selection(golden, manifest),
        teams=teams,
        unstaffable=unstaffable,
        voids=_voids(golden),
        inclusion=inclusion.as_json(manifest.pool.root),
    )
    assert set(made) == set(golden)
    for name, value in golden.items():
        assert made[name] == value, name
    assert json.loads(json.dumps(made)) == golden


@_each_draw
def test_the_manifest_states_the_facts_of_its_files_and_the_commitments(golden):
    manifest = read_manifest(golden["manifest"])
    for file, content in _files(golden).items():
        facts = read_facts(file, content)
        assert facts.as_json() == golden["manifest"][file.value]
        if file is FrozenFile.POOL:
            assert facts.strata == golden["manifest"]["strata"]
    assert server_commit(manifest.draw_no, golden["server_secret"]) == manifest.server_commit
    for who, value in golden["contributions"].items():
        check_opening(manifest.sha256(), who, value, golden["contribution_commits"][who])
    check_complete(manifest.contributors, golden["contributions"])


@_each_draw
def test_files_are_rendered_again_from_rows_in_any_order(golden):
    files = _files(golden)
    pool = read_pool(files[FrozenFile.POOL].splitlines())
    assert freeze_file(FrozenFile.POOL, reversed(pool))[0] == files[FrozenFile.POOL]
    if FrozenFile.OFFICERS in files:
        officers = read_officers(files[FrozenFile.OFFICERS].splitlines())
        assert freeze_file(FrozenFile.OFFICERS, reversed(officers))[0] == files[FrozenFile.OFFICERS]
        recusals = read_recusals(files[FrozenFile.RECUSALS].splitlines())
        assert freeze_file(FrozenFile.RECUSALS, recusals)[0] == files[FrozenFile.RECUSALS]


@_each_draw
def test_voids_take_the_next_rank_and_leave_the_winners_alone(golden):
    selection = _selection(golden, read_manifest(golden["manifest"]))
    voids = []
    for expected in _voids(golden):
        made = next_void(selection, voids, expected.stratum, expected.object_code, expected.reason)
        assert made == expected
        voids.append(made)
    for void in voids:
        with pytest.raises(RuleError) as caught:
            next_void(selection, voids, void.stratum, void.object_code, "CANCELLED")
        assert caught.value.refusal.code == "void-not-drawn"


def test_a_replacement_that_is_void_itself_gives_way_to_the_next():
    golden = next(d for d in _DRAWS if d["reserve"].get("A") and d["selected"]["A"])
    selection = _selection(golden, read_manifest(golden["manifest"]))
    reserve = [ranked.code for ranked in selection.reserve["A"]]
    void = next_void(selection, [], "A", selection.codes("A")[0], "MOVED")
    voids = [void]
    for code in reserve[1:]:
        void = next_void(selection, voids, "A", void.replacement, "MOVED")
        assert void.replacement == code
        voids.append(void)
    assert next_void(selection, voids, "A", void.replacement, "MOVED").replacement is None
    for stratum, code in (("A", reserve[0]), ("B", reserve[-1]), ("Z", reserve[-1])):
        with pytest.raises(RuleError):
            next_void(selection, voids, stratum, code, "MOVED")


@_each_draw
def test_every_code_is_told_how_it_stands(golden):
    manifest = read_manifest(golden["manifest"])
    selection, voids = _selection(golden, manifest), _voids(golden)
    key, files = golden["keys"]["object"], _files(golden)
    lines = files[FrozenFile.POOL].splitlines()
    excluded = read_excluded(files[FrozenFile.EXCLUDED].splitlines())
    ranks = {}
    for stratum in manifest.strata:
        codes = [row.object_code for row in read_pool(lines) if row.stratum == stratum]
        for n, code in enumerate(sorted(codes, key=lambda c: (ticket(key, c), c)), 1):
            ranks[code] = (stratum, n)
    for code in [*list(ranks)[:60], *excluded, "NOBODY"]:
        count = RankCount(key, code)
        count.add(lines[:7])
        count.add(lines[7:])
        told = standing(
            manifest, key, selection, voids, code=code, place=count.place(),
            excluded_because=excluded.get(code),
        )  # fmt: skip
        assert told.in_pool is (code in ranks)
        assert told.excluded_because == excluded.get(code)
        if code in ranks:
            stratum, rank = ranks[code]
            assert (told.stratum, told.rank, told.ticket) == (stratum, rank, ticket(key, code))
            assert told.drawn is (code in [c for _, c in golden["selected"][stratum]])
            assert told.drawn is (told.cutoff is not None and told.ticket <= told.cutoff)
            assert told.in_reserve is (code in [c for _, c in golden["reserve"][stratum]])
            assert told.final is (code in golden["final"][stratum])


# --- selection --------------------------------------------------------------------------------


def _pool(n, strata="AB"):
    return [b"C%06d\t%c\t1\t-" % (i, ord(strata[i % len(strata)])) for i in range(n)]


def _sizes(lines):
    return FileReaderFacts(lines).strata


def FileReaderFacts(lines):
    reader = FileReader(FrozenFile.POOL)
    reader.add(lines)
    return reader.facts()


def _naive(lines, key, stratum):
    codes = [line.split(b"\t")[0].decode() for line in lines if line.split(b"\t")[1] == stratum]
    return sorted((ticket(key, code), code) for code in codes)


@given(st.integers(0, 400), st.integers(0, 30), st.integers(0, 9), st.randoms(), st.booleans())
def test_winners_and_reserve_are_the_first_ranks_whatever_the_input_order(n, k, r, random, full):
    lines = _pool(n)
    sizes = _sizes(lines)
    quota = {s: min(k, size) for s, size in sizes.items()}
    random.shuffle(lines)
    one_pass = SelectionPass(_KEY, quota, sizes, r, full=full)
    cut = random.randint(0, n)
    one_pass.add(lines[:cut])
    one_pass.add(lines[cut:])
    outcome = one_pass.outcome() or select(lambda: lines, _KEY, quota, sizes, r)
    for s in sizes:
        ranks = _naive(lines, _KEY, s.encode())
        found = [(x.ticket, x.code) for x in (*outcome.selected[s], *outcome.reserve[s])]
        assert found == ranks[: quota[s] + r]
        assert [x.code for x in outcome.selected[s]] == [code for _, code in ranks[: quota[s]]]


def test_the_fast_pass_keeps_few_and_finds_what_the_full_pass_finds():
    lines = _pool(60_000, "AAB")
    sizes = _sizes(lines)
    quota = {"A": 300, "B": 0}
    passes = [SelectionPass(_KEY, quota, sizes, 5, full=full) for full in (False, True)]
    for each in passes:
        each.add(lines)
    fast, full = (each.outcome() for each in passes)
    assert fast is not None
    assert fast == full
    assert len(passes[0]._kept[b"A"]) < 700
    assert fast.cutoff == {"A": fast.selected["A"][-1].ticket}


def test_too_few_tickets_below_the_threshold_lead_to_a_full_pass(monkeypatch):
    lines = _pool(2000, "A")
    monkeypatch.setattr(draw, "threshold", lambda want, size: (want // 2) * 2**256 // size)
    fast = SelectionPass(_KEY, {"A": 100}, {"A": 2000}, 10)
    fast.add(lines)
    assert fast.outcome() is None
    outcome = select(lambda: lines, _KEY, {"A": 100}, {"A": 2000}, 10)
    assert [x.code for x in outcome.selected["A"]] == [
        code for _, code in _naive(lines, _KEY, b"A")[:100]
    ]


@given(st.integers(2, 300), st.integers(1, 20), st.randoms())
def test_a_subset_keeps_the_order_of_the_whole(n, k, random):
    lines = _pool(n, "A")
    part = sorted(random.sample(lines, random.randint(1, n)))
    whole = select(lambda: lines, _KEY, {"A": n}, {"A": n}, 0)
    some = select(lambda: part, _KEY, {"A": min(k, len(part))}, {"A": len(part)}, 0)
    codes = {line.split(b"\t")[0].decode() for line in part}
    assert some.codes("A") == [c for c in whole.codes("A") if c in codes][:k]


def test_a_pass_over_other_lines_than_the_strata_say_gives_nothing():
    one_pass = SelectionPass(_KEY, {"A": 1}, {"A": 3}, 0)
    one_pass.add(_pool(2, "A"))
    with pytest.raises(ValueError):
        one_pass.outcome()


# --- forms ------------------------------------------------------------------------------------


def test_the_form_of_codes():
    good = ["0", "A", "91150525MA28266970", "A.B_C-D", "Z" * 64]
    bad = ["", "a", "Aa", ".A", "-A", "_A", "A" * 65, "A B", "A\n", "A\t", "É", "A１"]
    assert [is_code(text) for text in good] == [True] * len(good)
    assert [is_code(text) for text in bad] == [False] * len(bad)


def test_the_form_of_contributions():
    tail = "." + "0f" * 16
    good = [tail, "dice-4-1-6" + tail, "a.b_c" + tail, "x" * 64 + tail]
    bad = [
        "",
        "dice",
        "x" * 65 + tail,
        "a b" + tail,
        tail[:-1],
        tail.upper(),
        tail + "\n",
        "中" + tail,
    ]
    assert [is_contribution(text) for text in good] == [True] * len(good)
    assert [is_contribution(text) for text in bad] == [False] * len(bad)


def test_an_opening_must_be_what_was_committed():
    sha, value = "11" * 32, "dice." + "0f" * 16
    made = contribution_commit(sha, "NOTARY", value)
    check_opening(sha, "NOTARY", value, made)
    for args in (("22" * 32, "NOTARY", value), (sha, "OTHER", value), (sha, "NOTARY", "x" + value)):
        with pytest.raises(RuleError) as caught:
            check_opening(*args, made)
        assert caught.value.refusal.code == "contribution-mismatch"


def test_the_seed_takes_no_malformed_part_and_repeats_no_secret():
    good = ("11" * 32, "22" * 32, "A=x")
    draw_seed(*good)
    for args in (("11" * 31, *good[1:]), (good[0], "SECRET" * 9, good[2]), (*good, "none")):
        with pytest.raises(ValueError) as caught:
            draw_seed(*args)
        assert "SECRET" not in str(caught.value)


def test_exactly_the_named_contributors_must_have_given():
    check_complete(["A", "B"], ["B", "A"])
    for given_by in (["A"], ["A", "B", "C"]):
        with pytest.raises(RuleError) as caught:
            check_complete(["A", "B"], given_by)
        assert caught.value.refusal.code == "contributors-incomplete"


_POOL, _OFFICERS, _RECUSALS = FrozenFile.POOL, FrozenFile.OFFICERS, FrozenFile.RECUSALS


@pytest.mark.parametrize(
    ("file", "content", "line", "rule"),
    [
        (_POOL, b"A\tB\t1\t-", 1, "last_line_without_lf"),
        (_POOL, b"A\tB\t1\t-\r\n", 1, "form"),
        (_POOL, b"A\tB\t1\t-\n\n", 2, "form"),
        (_POOL, b"a\tB\t1\t-\n", 1, "form"),
        (_POOL, b"A\tB\t0\t-\n", 1, "form"),
        (_POOL, b"A\tB\t01\t-\n", 1, "form"),
        (_POOL, b"A\tB\t+1\t-\n", 1, "form"),
        (_POOL, b"A\tB\t9007199254740992\t-\n", 1, "number"),
        (_POOL, b"A\tB\t1\tN\n", 1, "form"),
        (_POOL, b"A\tB\t1\n", 1, "form"),
        (_POOL, b"A\tB\t1\t-\t\n", 1, "form"),
        (_POOL, b"\xef\xbb\xbfA\tB\t1\t-\n", 1, "form"),
        (_POOL, b"B\tB\t1\t-\nA\tB\t1\t-\n", 2, "order"),
        (_POOL, b"A\tA\t1\t-\nA\tB\t1\t-\n", 2, "order"),
        (_OFFICERS, b"F\tD\t2\t0\t-\n", 1, "form"),
        (_OFFICERS, b"F\tD\t1\t00\t-\n", 1, "form"),
        (_OFFICERS, b"F\tD\t1\t0\t15,15\n", 1, "regions"),
        (_OFFICERS, b"F\tD\t1\t0\t2,15\n", 1, "regions"),
        (_OFFICERS, b"F\tD\t1\t0\t-,15\n", 1, "form"),
        (_OFFICERS, b"F\tD\t1\t0\t\n", 1, "form"),
        (_RECUSALS, b"F\tA\nF\tA\n", 2, "order"),
        (_RECUSALS, b"F\tB\nF\tA\n", 2, "order"),
        (FrozenFile.EXCLUDED, b"A\tX\nA\tY\n", 2, "order"),
        (FrozenFile.OFFICERS_EXCLUDED, b"A\tX Y\n", 1, "form"),
    ],
)
def test_a_line_that_another_party_might_read_otherwise_is_refused(file, content, line, rule):
    with pytest.raises(RuleError) as caught:
        read_facts(file, content)
    assert caught.value.refusal.code == "frozen-file-invalid"
    assert (caught.value.facts["line"], caught.value.facts["rule"]) == (line, rule)


def test_lines_at_the_limits_are_read():
    assert read_facts(_POOL, b"A\tB\t9007199254740991\t015\n").strata == {"B": 1}
    assert read_facts(_RECUSALS, b"F\tA\nF\tB\n").size == 2
    assert read_facts(_OFFICERS, b"F\tD\t1\t9007199254740991\t15,2\n").size == 1
    assert read_facts(_POOL, b"").size == 0


def test_order_is_checked_across_portions_and_rows_are_checked_when_rendered():
    reader = FileReader(_POOL)
    reader.add([b"B\tB\t1\t-"])
    with pytest.raises(RuleError) as caught:
        reader.add([b"B\tC\t1\t-"])
    assert (caught.value.facts["line"], caught.value.facts["rule"]) == (2, "order")
    for row in (PoolLine("A\tB", "C"), PoolLine("A", "B", 0), PoolLine("A", "B", 1, "x")):
        with pytest.raises(RuleError):
            freeze_file(_POOL, [row])
    with pytest.raises(RuleError):
        freeze_file(_OFFICERS, [OfficerLine("F", "D", lead=True, load=-1)])


def test_pool_and_excluded_are_disjoint():
    pool, excluded = [b"A\tB\t1\t-", b"C\tB\t1\t-"], [b"B\tX", b"D\tX"]
    check_disjoint(_POOL, pool, FrozenFile.EXCLUDED, excluded)
    with pytest.raises(RuleError) as caught:
        check_disjoint(_POOL, pool, FrozenFile.EXCLUDED, [b"B\tX", b"C\tX"])
    assert caught.value.facts["value"] == "C"


def test_scopes_of_consecutive_draws_are_compared_line_by_line():
    assert compare_files([b"A\t1", b"B\t1"], [b"B\t2", b"C\t1"]) == (
        ["A\t1", "B\t1"],
        ["B\t2", "C\t1"],
    )


# --- manifest ---------------------------------------------------------------------------------


def _changed(path, value):
    """The last golden manifest (the one with a note) with one value changed or removed."""
    manifest = copy.deepcopy(_DRAWS[4]["manifest"])
    *parents, last = path
    at = manifest
    for name in parents:
        at = at[name]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return manifest


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("alg",), "draw-v2"),
        (("draw_no",), "lower"),
        (("task",), ""),
        (("rehearsal",), 0),
        (("supersedes",), ""),
        (("supersedes",), "150525-2026-0005"),
        (("pool", "root"), ...),
        (("pool", "root"), "00"),
        (("pool", "size"), 61),
        (("pool", "sha256"), "AB" * 32),
        (("excluded", "root"), "00" * 32),
        (("strata", "A"), 21),
        (("strata", "A"), 0),
        (("strata", "A"), True),
        (("quota", "B"), 3),
        (("quota", "D"), 0),
        (("quota_rule", "per_10000", "B"), 10_001),
        (("quota_rule", "per_10000", "B"), 2000),
        (("quota_note",), ""),
        (("quota_note",), "e\u0301"),
        (("reserve",), -1),
        (("reserve",), 1.0),
        (("withheld",), ["recusals", "officers"]),
        (("withheld",), ["pool"]),
        (("teams", "cap"), 0),
        (("teams", "departments"), []),
        (("teams", "departments", 0, "members"), 0),
        (("teams", "departments", 0, "lead"), 1),
        (("teams", "departments", 1, "code"), "SCJG"),
        (("teams", "more"), 1),
        (("server_commit",), "none"),
        (("contributors",), []),
        (("contributors",), ["B", "A"]),
        (("contributors",), ["A", "A"]),
        (("contributors",), ["a"]),
        (("close_at",), "2026-03-06 08:00:00"),
        (("close_at",), "2026-02-30T08:00:00Z"),
        (("close_at",), "2026-03-06T08:00:00+08:00"),
        (("beacon",), ""),
        (("beacon",), {"chain": "x"}),
        (("beacon",), {"chain": "x", "round": "1"}),
        (("more",), 1),
        (("reserve",), ...),
        (("quota",), ...),
    ],
)
def test_a_manifest_with_anything_wrong_is_refused(path, value):
    read_manifest(_DRAWS[4]["manifest"])
    with pytest.raises(RuleError):
        read_manifest(_changed(path, value))


def test_a_withheld_file_is_null_whatever_is_passed_and_a_streamed_one_is_left_out():
    golden = _DRAWS[4]
    manifest = read_manifest(golden["manifest"])
    made = draw_outcome.bundle(
        manifest,
        {FrozenFile.OFFICERS: b"F\tD\t1\t0\t-\n"},
        _opened(golden),
        selection=_selection(golden, manifest),
        teams=(),
        unstaffable=(),
        voids=(),
    )
    assert made["officers"] is None
    assert "pool" not in made
