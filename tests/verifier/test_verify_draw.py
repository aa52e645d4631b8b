"""The stand-alone verifier of draws: vectors pass, every single change is refused, by exit code."""

import ast
import json
import subprocess
import sys

import pytest

from app.reference import codes
from tests.verifier.mutations import changes, must_stand, mutations, replaced
from tests.verifier.random_draws import random_draw
from tests.verifier.script import ROOT, SCRIPT, judge, vectors, verify_draw

QUOTAS = json.loads((ROOT / "tests" / "golden" / "quota-v1.json").read_text(encoding="utf-8"))
BUNDLES = vectors()
STRICT = BUNDLES[0]
WITHHELD = BUNDLES[4]


def run(tmp_path, content, *options):
    """Run the script as anyone would, by another process; return exit code and output."""
    path = tmp_path / "bundle.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    done = subprocess.run(
        [sys.executable, "-I", "-B", str(SCRIPT), *options, str(path)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env={"PYTHONUTF8": "1"},
    )
    return done.returncode, done.stdout + done.stderr


def failed(bundle):
    code, report = judge(bundle)
    assert code == 1
    return report.of("FAIL")


def changed(bundle, *path_and_value):
    *path, value = path_and_value
    return replaced(bundle, tuple(path), value)


def test_all_vectors_hold(tmp_path):
    code, output = run(tmp_path, BUNDLES)
    assert code == 0
    assert output.count("== ") == len(BUNDLES)
    assert "FAIL" not in output


def test_the_two_published_hashes_make_it_accepted(tmp_path):
    manifest, commits = STRICT["manifest_sha256"], STRICT["commits_sha256"]
    code, output = run(
        tmp_path, STRICT, "--manifest-sha256", manifest.upper(), "--commits-sha256", commits
    )
    assert code == 0
    assert "ACCEPTED" in output


@pytest.mark.parametrize("options", [[], ["--manifest-sha256", STRICT["manifest_sha256"]]])
def test_without_both_hashes_it_says_consistent_in_itself_only(tmp_path, options):
    code, output = run(tmp_path, STRICT, *options)
    assert code == 0
    assert "CONSISTENT IN ITSELF ONLY" in output
    assert "ACCEPTED" not in output
    assert STRICT["manifest_sha256"] in output
    assert STRICT["commits_sha256"] in output


@pytest.mark.parametrize("option", ["--manifest-sha256", "--commits-sha256"])
def test_another_published_hash_is_refused(tmp_path, option):
    code, output = run(tmp_path, STRICT, option, "0" * 64)
    assert code == 1
    assert "hash as published" in output


def test_the_options_take_a_single_bundle(tmp_path):
    assert run(tmp_path, BUNDLES, "--manifest-sha256", "0" * 64)[0] == 2
    assert run(tmp_path, STRICT, str(SCRIPT), "--commits-sha256", "0" * 64)[0] == 2


@pytest.mark.parametrize("text", ["", "abc", "0" * 63, "g" * 64])
def test_a_hash_of_wrong_form_is_a_usage_error(tmp_path, text):
    assert run(tmp_path, STRICT, "--manifest-sha256", text)[0] == 2


def test_of_several_files_the_highest_code_counts(tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    code, output = run(tmp_path, STRICT, str(bad))
    assert code == 2
    assert "CONSISTENT IN ITSELF ONLY" in output
    refused = changed(STRICT, "seed", "0" * 64)
    assert run(tmp_path, [STRICT, refused])[0] == 1
    assert run(tmp_path, [refused, {}])[0] == 2


def test_a_file_that_is_not_there_is_no_bundle(tmp_path):
    assert run(tmp_path, STRICT, str(tmp_path / "none.json"))[0] == 2


GOOD = json.dumps(STRICT, ensure_ascii=False).encode()
NO_BUNDLES = {
    "empty": b"",
    "not json": b"{",
    "more after the end": GOOD + b"x",
    "a number": b"1",
    "an empty list": b"[]",
    "a list of lists": b"[[]]",
    "a text": b'"draw-v1"',
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "gbk": GOOD.replace(b"dice:20d10", "骰子".encode("gbk"), 1),
    "utf-16": GOOD.decode().encode("utf-16"),
    "encoded surrogate": GOOD.replace(b"dice:20d10", b"\xed\xa0\x80", 1),
    "lone surrogate": GOOD.replace(b"dice:20d10", b"\\ud800", 1),
    "lone surrogate in a key": GOOD.replace(b'"public":', b'"\\udc00":1,"public":', 1),
    "duplicate key": GOOD.replace(b'"beacon": ""', b'"beacon": "", "beacon": ""', 1),
    "duplicate key, deep": GOOD.replace(b'"cap": 3', b'"cap": 3, "cap": 3', 1),
    "duplicate key by escape": GOOD.replace(b'"cap": 3', b'"cap": 3, "c\\u0061p": 3', 1),
    "fraction": GOOD.replace(b'"cap": 3', b'"cap": 3.0', 1),
    "exponent": GOOD.replace(b'"cap": 3', b'"cap": 3e0', 1),
    "beyond 2^53-1": GOOD.replace(b'"cap": 3', b'"cap": 9007199254740992', 1),
    "below": GOOD.replace(b'"cap": 3', b'"cap": -9007199254740992', 1),
    "very long number": GOOD.replace(b'"cap": 3', b'"cap": ' + b"9" * 6000, 1),
    "not a number": GOOD.replace(b'"cap": 3', b'"cap": NaN', 1),
    "infinity": GOOD.replace(b'"cap": 3', b'"cap": -Infinity', 1),
    "leading zero": GOOD.replace(b'"cap": 3', b'"cap": 03', 1),
    "control character": GOOD.replace(b"dice:20d10", b"dice\n", 1),
    "trailing comma": GOOD.replace(b'"cap": 3', b'"cap": 3,', 1),
    "nested too deeply": b"[" * 100000 + b"]" * 100000,
}


@pytest.mark.parametrize("name", NO_BUNDLES)
def test_what_is_not_a_bundle_gives_code_2(name):
    assert NO_BUNDLES[name] != GOOD
    with pytest.raises(verify_draw.NotABundle):
        verify_draw.bundles_of(NO_BUNDLES[name])


@pytest.mark.parametrize("name", ["gbk", "duplicate key", "fraction", "lone surrogate"])
def test_the_script_ends_with_2_on_no_bundle(tmp_path, name):
    code, output = run(tmp_path, NO_BUNDLES[name])
    assert code == 2
    assert "NOT A BUNDLE" in output


@pytest.mark.parametrize("key", verify_draw.REQUIRED)
def test_a_missing_key_gives_code_2(key):
    assert judge({k: v for k, v in STRICT.items() if k != key})[0] == 2


@pytest.mark.parametrize("key", verify_draw.OPTIONAL)
def test_an_optional_key_may_be_missing(key):
    assert judge({k: v for k, v in STRICT.items() if k != key})[0] == 0


def test_unknown_keys_are_reported():
    code, report = judge({**STRICT, "__proto__": 1})
    assert code == 0
    assert any(s == "NOTE" and "__proto__" in detail for s, _, detail in report.lines)


@pytest.mark.parametrize("number", range(len(BUNDLES)))
def test_every_single_change_is_refused_or_has_its_reason(number):
    """Four changes at every value; all of them: python -m tests.verifier.mutate_all."""
    bundle, seen = BUNDLES[number], 0
    for mutation in mutations(bundle, each=4):
        code, report = judge(mutation.bundle)
        reason = must_stand(bundle, mutation)
        assert (code == 0) == bool(reason), f"{mutation}: code {code}; {reason or 'no excuse'}"
        if reason.startswith("another officer"):
            assert "choice of teams" in report.of("UNVERIFIED")
        if reason.startswith("another reason"):
            assert "reasons of voids" in report.of("UNVERIFIED")
        seen += 1
    assert seen > 400


# Every optional statement left out: what is required must carry the proof alone.
BARE = {k: v for k, v in STRICT.items() if k in verify_draw.REQUIRED}


def test_without_the_optional_keys_every_change_of_the_manifest_is_refused():
    for key, value in BARE["manifest"].items():
        for kind, new in changes(value, whole=False):
            code, _ = judge(changed(BARE, "manifest", key, new))
            assert code == 1, f"{key}: {kind}"


NAMED = [
    (("manifest", "server_commit"), "0" * 64, "server_commit"),
    (("server_secret",), "0" * 64, "server_commit"),
    (("contributions", "NOTARY.2"), "." + "0" * 32, "commitment of NOTARY.2"),
    (("contribution_commits", "NOTARY.2"), "0" * 64, "commitment of NOTARY.2"),
    (("seed",), "0" * 64, "seed"),
    (("keys", "task"), "0" * 64, "keys"),
    (("cutoff", "A"), "0" * 64, "cutoff"),
    (("unstaffable",), [], "teams and unstaffable are the winners"),
    (("final", "A"), [], "final"),
    (("beacon",), "0" * 64, "presence of beacon"),
    (("officers",), None, "presence of officers"),
    (("manifest_sha256",), "0" * 64, "manifest_sha256"),
    (("inclusion", "index"), 5, "inclusion"),
    (("inclusion", "index"), 12, "inclusion"),
    (("manifest", "close_at"), "2026-02-29T08:00:00Z", "form of the manifest"),
    (("manifest", "close_at"), "2026-03-02T08:00:00+00:00", "form of the manifest"),
    (("manifest", "close_at"), "2026-03-02T24:00:00Z", "form of the manifest"),
    (("manifest", "public_source"), "e\u0301", "form of the manifest"),
    (("manifest", "contributors"), ["NOTARY.2", "DISCIPLINE", "LG-OFFICE"], "form of the manifest"),
    (("manifest", "contributors"), [], "form of the manifest"),
    (("manifest", "withheld"), ["pool"], "form of the manifest"),
    (("manifest", "supersedes"), "150525-2026-0001", "form of the manifest"),
    (("manifest", "teams", "cap"), 0, "form of the manifest"),
    (("manifest", "teams", "cap"), True, "form of the manifest"),
    (("manifest", "rehearsal"), 0, "form of the manifest"),
    (("manifest", "alg"), "draw-v2", "form of the manifest"),
    (("pool",), STRICT["pool"].replace("\n", "\r\n"), "form of pool"),
    (("pool",), STRICT["pool"][:-1], "form of pool"),
    (("pool",), STRICT["pool"].replace("\t7\t", "\t07\t", 1), "form of pool"),
    (("pool",), STRICT["pool"].replace("\t7\t", "\t0\t", 1), "form of pool"),
    (("pool",), STRICT["pool"].replace("\t7\t", "\t9007199254740992\t", 1), "form of pool"),
    (("pool",), STRICT["pool"].replace("\t7\t", "\t\u0667\t", 1), "form of pool"),
    (("pool",), STRICT["pool"].lower(), "form of pool"),
    (
        ("excluded",),
        STRICT["pool"].split("\t")[0] + "\tCANCELLED\n",
        "pool and excluded share nobody",
    ),
    (("officers",), STRICT["officers"].replace("-\n", "2,10\n", 1), "form of officers"),
    (("manifest", "quota", "A"), 3, "quota"),
    (("manifest", "quota_rule", "minimum", "A"), 7, "quota"),
    (("manifest", "quota_rule", "weight"), {"A": 1}, "quota"),
    (
        ("voids",),
        [{"stratum": "A", "object": "X", "reason": "MOVED", "replacement": None}],
        "voids",
    ),
]


@pytest.mark.parametrize(("path", "value", "name"), NAMED)
def test_a_change_is_refused_by_name(path, value, name):
    assert name in failed(changed(BARE if path[0] in BARE else STRICT, *path, value))


def test_none_or_all_of_a_stratum_want_a_reason():
    assert "quota_note" in failed(changed(WITHHELD, "manifest", "quota_note", "\u3000"))


def test_a_void_must_be_in_force_and_give_way_to_the_next_rank():
    bundle = WITHHELD
    first = bundle["voids"][0]
    second_in_line = bundle["reserve"]["B"][1][1]
    for void in (
        {**first, "replacement": second_in_line},
        {**first, "replacement": None},
        {**first, "object": first["replacement"]},
        {**first, "stratum": "C"},
    ):
        assert "voids" in failed(changed(bundle, "voids", 0, void))
    again = {**first, "replacement": second_in_line}
    assert "voids" in failed({**bundle, "voids": [first, again]})


def test_a_replacement_may_be_void_in_turn():
    first, last = WITHHELD["voids"]
    then = {
        "stratum": "B",
        "object": first["replacement"],
        "reason": "MOVED",
        "replacement": WITHHELD["reserve"]["B"][1][1],
    }
    final = {**WITHHELD["final"], "B": [WITHHELD["selected"]["B"][1][1], then["replacement"]]}
    assert judge({**WITHHELD, "voids": [first, then, last], "final": final})[0] == 0


def test_withheld_files_are_named_as_unverified(tmp_path):
    code, output = run(tmp_path, WITHHELD)
    assert code == 0
    for name in ("file officers", "file officers_excluded", "file recusals", "choice of teams"):
        assert f"UNVERIFIED  {name}" in output
    assert "file officers" in output.splitlines()[-1]


def test_withheld_teams_must_still_be_possible():
    team = ("teams", 0, 1, 0, 1)
    other = ("teams", 0, 1, 1, 1)
    a, b = WITHHELD["teams"][0][1][0][1]
    for path, members in ((team, [a, a]), (team, [a]), (other, [a]), (other, [b])):
        names = failed(changed(WITHHELD, *path, members))
        assert names == ["size of teams, distinct members, cap"]


def test_the_value_of_a_beacon_is_unverified():
    code, report = judge(BUNDLES[3])
    assert code == 0
    assert "value of beacon" in report.of("UNVERIFIED")


def test_a_rehearsal_is_announced(tmp_path):
    rehearsal = next(b for b in map(random_draw, range(50)) if b["manifest"]["rehearsal"])
    code, output = run(tmp_path, rehearsal)
    assert code == 0
    assert "REHEARSAL" in output


def test_quota_vectors():
    for case in QUOTAS:
        rule = {k: case[k] for k in ("total", "weight", "minimum", "maximum")}
        quota, fault = verify_draw.quota_of({"method": "total", **rule}, case["size"])
        assert quota == case["quota"]
        assert bool(fault) == (quota is None)


def test_teams_agree_with_the_definition_on_random_draws():
    staffed = unstaffable = 0
    for number in range(600):
        bundle = random_draw(number)
        code, report = judge(bundle)
        assert code == 0, (number, report and report.of("FAIL"))
        staffed += len(bundle["teams"])
        unstaffable += len(bundle["unstaffable"])
    assert min(staffed, unstaffable) > 500  # neither side of the question is rare


def test_it_is_one_file_of_the_standard_library_for_python_3_9():
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names
    assert not imported & {"random", "socket", "urllib", "http", "subprocess"}


def test_a_void_has_a_reason_of_the_closed_list():
    bundle = changed(WITHHELD, "voids", 0, {**WITHHELD["voids"][0], "reason": "UNWELCOME"})
    assert judge(bundle)[0] == 1
    known = {code.code for code in codes("void_reason")}
    assert set(verify_draw.VOID_REASONS) == known
