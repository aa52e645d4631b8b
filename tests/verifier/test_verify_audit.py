"""The stand-alone verifier of the audit chains finds whatever was done to an export.

Entries are made by the service, exported and anchored by it; then the export is tampered with.
"""

import ast
import copy
import hashlib
import itertools
import json
import sys
from pathlib import Path

import pytest
import pytest_asyncio

from app.domain.actor import Role
from app.domain.canonical import canonical
from app.services.runtime import Runtime
from tests.support.audit_export import VERIFIER, Export, export_of, run_verifier, verdict_on
from tests.support.world import World

FIELDS = [
    "id", "chain", "seq", "at", "actor_id", "actor", "actor_kind", "roles", "department",
    "session_id", "ip", "action", "subject_kind", "subject_id", "before", "after", "facts", "outcome", "request_id",
    "alg", "prev_hash", "hash",
]  # fmt: skip


@pytest_asyncio.fixture
async def export(world: World, runtime: Runtime, tmp_path: Path) -> Export:
    admin = await world.administrator()
    for role in (Role.DEPT_CLERK, Role.DEPT_LEADER, Role.OFFICER):
        caller = await world.caller(role)
        await caller.post("auth/logout")
        account = (await admin.get(f"accounts/{caller.account_id}")).headers["ETag"]
        await admin.patch(f"accounts/{caller.account_id}", {"status": "disabled"}, etag=account)
    return await export_of(runtime, tmp_path)


def rehashed(entries: list[dict]) -> list[dict]:
    """What a forger with the algorithm makes: all numbers and hashes in order again."""
    made, heads = [], {}
    for entry in copy.deepcopy(entries):
        seq, head = heads.get(entry["chain"], (0, "0" * 64))
        entry["seq"], entry["prev_hash"] = seq + 1, head
        body = {key: value for key, value in entry.items() if key != "hash"}
        entry["hash"] = hashlib.sha256(b"sunlot-audit-1\n" + canonical(body)).hexdigest()
        heads[entry["chain"]] = (entry["seq"], entry["hash"])
        made.append(entry)
    return made


def other(value: object) -> object:
    """A value of the same kind that is not this one."""
    if value is None:
        return "x"
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [*value, "x"]
    if isinstance(value, dict):
        return {**value, "x": 1}
    if value.endswith("Z"):  # an instant; its last digit may be any
        return value[:-2] + ("8Z" if value[-2] == "9" else "9Z")
    return value[:-1] + ("1" if value[-1] == "0" else "0")


def test_an_untouched_export_is_accepted(export: Export):
    verdict = export.judge()
    assert verdict.code == 0, verdict.out
    chains = {entry["chain"] for entry in export.entries}
    assert {"150525/SCJG", "150525/system"} <= chains
    lines = verdict.out.splitlines()
    assert len([line for line in lines if line.startswith("OK   ")]) == len(chains)
    assert lines[-1].startswith(f"OK: {len(chains)} chains, {len(export.entries)} entries")
    assert "no anchors given" not in verdict.out


def test_the_script_runs_by_itself_and_its_exit_code_is_the_verdict(export: Export, tmp_path: Path):
    file = tmp_path / "export.jsonl"
    lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in export.entries]
    file.write_text("".join(lines), encoding="utf-8")
    assert run_verifier(file, export.anchors).code == 0
    assert run_verifier(file).code == 0
    file.write_text("".join(lines[:-1]), encoding="utf-8")
    assert run_verifier(file, export.anchors).code == 1
    file.write_text("".join(lines) + "{", encoding="utf-8")
    assert run_verifier(file).code == 2


def test_without_anchors_it_says_what_cannot_be_seen(export: Export):
    verdict = export.judge(anchored=False)
    assert verdict.code == 0
    assert "no anchors given" in verdict.out
    assert "cannot be seen" in verdict.out


@pytest.mark.parametrize("field", FIELDS)
def test_a_change_of_any_field_of_any_entry_is_found(export: Export, field: str):
    assert set(FIELDS) == set(export.entries[0])
    chain = export.longest_chain()
    for changed in (chain[0], chain[len(chain) // 2], chain[-1]):
        entries = copy.deepcopy(export.entries)
        victim = entries[export.entries.index(changed)]
        victim[field] = other(victim[field])
        assert victim[field] != changed[field]
        verdict = export.judge(entries, anchored=False)
        assert verdict.code == 1, (field, verdict.out)
        assert f"seq {victim['seq']}" in verdict.out
        assert f"chain {changed['chain']}" in verdict.out


def test_a_change_inside_the_facts_is_found(export: Export):
    entries = copy.deepcopy(export.entries)
    victim = next(entry for entry in entries if entry["after"])
    key = min(victim["after"])
    victim["after"][key] = "forged"
    verdict = export.judge(entries, anchored=False)
    assert verdict.code == 1
    assert f"chain {victim['chain']} seq {victim['seq']}: the hash does not follow" in verdict.out


def test_a_deleted_entry_is_found(export: Export):
    chain = export.longest_chain()
    for gone in chain[:-1]:
        verdict = export.judge([e for e in export.entries if e is not gone], anchored=False)
        assert verdict.code == 1
        assert f"chain {gone['chain']} seq {gone['seq'] + 1}: number" in verdict.out


def test_an_inserted_entry_is_found(export: Export):
    chain = export.longest_chain()
    at = export.entries.index(chain[1])
    new = {**copy.deepcopy(chain[1]), "id": "0196f000-0000-7000-8000-000000000000"}
    entries = [*export.entries[:at], new, *export.entries[at:]]
    verdict = export.judge(entries, anchored=False)
    assert verdict.code == 1
    assert f"chain {new['chain']} seq {new['seq']}" in verdict.out


def test_an_entry_that_stands_there_twice_is_found(export: Export):
    verdict = export.judge([*export.entries, export.entries[-1]], anchored=False)
    assert verdict.code == 1
    assert "stands at another entry" in verdict.out


def test_two_entries_in_each_others_place_are_found(export: Export):
    chain = export.longest_chain()
    for first, second in itertools.pairwise(chain):
        entries = list(export.entries)
        one, two = entries.index(first), entries.index(second)
        entries[one], entries[two] = entries[two], entries[one]
        assert export.judge(entries, anchored=False).code == 1


def test_two_entries_that_swap_all_but_number_and_hashes_are_found(export: Export):
    chain = export.longest_chain()
    entries = copy.deepcopy(export.entries)
    one, two = (export.entries.index(chain[n]) for n in (0, 1))
    for key in set(FIELDS) - {"seq", "prev_hash", "hash"}:
        entries[one][key], entries[two][key] = entries[two][key], entries[one][key]
    assert export.judge(entries, anchored=False).code == 1


def test_a_tail_that_was_cut_is_found_by_an_anchor_and_only_by_it(export: Export):
    last = export.longest_chain()[-1]
    entries = [entry for entry in export.entries if entry is not last]
    assert export.judge(entries, anchored=False).code == 0
    verdict = export.judge(entries)
    assert verdict.code == 1
    assert f"chain {last['chain']} seq {last['seq']}: an anchor names this entry" in verdict.out
    assert f"ends at {last['seq'] - 1}: cut" in verdict.out


def test_a_chain_that_was_left_out_is_found_by_an_anchor_and_only_by_it(export: Export):
    gone = export.longest_chain()[0]["chain"]
    entries = [entry for entry in export.entries if entry["chain"] != gone]
    assert export.judge(entries, anchored=False).code == 0
    verdict = export.judge(entries)
    assert verdict.code == 1
    assert "the chain is missing" in verdict.out
    assert gone in verdict.out


def test_an_export_that_was_emptied_is_found_by_an_anchor(export: Export):
    assert export.judge([]).code == 1
    assert export.judge([], anchored=False).code == 2


def test_a_chain_that_was_rewritten_as_a_whole_is_found_by_an_anchor(export: Export):
    entries = copy.deepcopy(export.entries)
    victim = entries[export.entries.index(export.longest_chain()[0])]
    victim["actor"] = "somebody-else"
    forged = rehashed(entries)
    assert export.judge(forged, anchored=False).code == 0
    verdict = export.judge(forged)
    assert verdict.code == 1
    assert "the chain was rewritten" in verdict.out
    assert rehashed(export.entries) == export.entries


def test_an_entry_taken_out_and_all_others_rehashed_is_found_by_an_anchor(export: Export):
    gone = export.longest_chain()[2]
    forged = rehashed([entry for entry in export.entries if entry is not gone])
    assert export.judge(forged, anchored=False).code == 0
    assert export.judge(forged).code == 1


def test_anchors_of_several_files_count(export: Export, tmp_path: Path):
    lines = export.anchors.read_text(encoding="utf-8").splitlines(keepends=True)
    assert len(lines) >= 2
    parts = [tmp_path / f"part-{number}.jsonl" for number in range(len(lines))]
    for part, line in zip(parts, lines, strict=True):
        part.write_text(line, encoding="utf-8")
    file = tmp_path / "all.jsonl"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in export.entries))
    assert verdict_on(file, *parts).code == 0
    last = json.loads(lines[-1])
    parts[-1].write_text(json.dumps({**last, "hash": "0" * 64}) + "\n")
    assert verdict_on(file, *parts).code == 1


def test_two_anchors_that_contradict_each_other_are_found(export: Export, tmp_path: Path):
    head = json.loads(export.anchors.read_text(encoding="utf-8").splitlines()[0])
    second = tmp_path / "second.jsonl"
    second.write_text(json.dumps({**head, "hash": "0" * 64}) + "\n")
    file = tmp_path / "all.jsonl"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in export.entries))
    assert verdict_on(file, export.anchors, second).code == 1


def test_time_that_goes_backwards_is_a_warning_and_no_failure(export: Export):
    entries = copy.deepcopy(export.entries)
    last = export.chain("150525/SCJG")[-1]
    entries[export.entries.index(last)]["at"] = "2001-01-01T00:00:00.000000Z"
    verdict = export.judge(rehashed(entries), anchored=False)
    assert verdict.code == 0
    warning = f"WARNING chain 150525/SCJG seq {last['seq']}: earlier than"
    assert warning in verdict.out
    assert warning not in export.judge().out


def test_an_algorithm_that_nobody_knows_is_found(export: Export):
    entries = copy.deepcopy(export.entries)
    entries[0]["alg"] = "sunlot-audit-9"
    verdict = export.judge(rehashed(entries), anchored=False)
    assert verdict.code == 1
    assert "algorithm" in verdict.out


@pytest.mark.parametrize("value", [None, True, 1.0, "1", [], {}, 0, -1, 2**53])
def test_a_number_of_the_wrong_kind_is_never_accepted(export: Export, value: object):
    entries = copy.deepcopy(export.entries)
    entries[0]["seq"] = value
    assert export.judge(entries).code in {1, 2}


def test_a_value_of_any_kind_gives_a_verdict_and_no_traceback(export: Export):
    chain = export.longest_chain()
    for field, value in itertools.product(FIELDS, [None, [], {}, 7, "x", True, [[]], {"a": []}]):
        entries = copy.deepcopy(chain)
        if entries[1][field] == value:
            continue
        entries[1][field] = value
        assert export.judge(entries).code in {1, 2}, (field, value)


def line_of(export: Export) -> str:
    first = next(entry for entry in export.entries if entry["seq"] == 1 and entry["ip"] is None)
    return json.dumps(first, ensure_ascii=False)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: b"not json\n",
        lambda line: b"[1]\n",
        lambda line: b"\n",
        lambda line: line.encode() + b"\n\n",
        lambda line: line.encode()[:-1] + b"\n",
        lambda line: line.encode().replace(b'"actor"', b'"actor": "a", "actor"', 1) + b"\n",
        lambda line: line.encode().replace(b'"actor":', b'"act":', 1) + b"\n",
        lambda line: line.encode()[:-1] + b', "more": 1}\n',
        lambda line: line.encode().replace(b"150525", b"\xff", 1) + b"\n",
        lambda line: line.encode("utf-16"),
        lambda line: b"\xef\xbb\xbf" + line.encode() + b"\n",
        lambda line: line.encode()[:-1] + b"} {}\n",
        lambda line: line.replace('"seq": 1', '"seq": 1.0').encode() + b"\n",
        lambda line: line.replace('"seq": 1', '"seq": NaN').encode() + b"\n",
        lambda line: line.replace('"seq": 1', '"seq": ' + "9" * 5000).encode() + b"\n",
        lambda line: line.replace('"ip": null', '"ip": "\\ud800"').encode() + b"\n",
        lambda line: line.replace('"ip": null', '"ip": ' + "[" * 99 + "]" * 99).encode() + b"\n",
    ],
)  # fmt: skip
def test_what_is_no_export_is_exit_code_2(export: Export, spoil):
    assert '"ip": null' in line_of(export)
    assert '"seq": 1,' in line_of(export)
    verdict = export.judge(raw=spoil(line_of(export)))
    assert verdict.code == 2, verdict.out
    assert verdict.err.startswith("NOT READABLE")


def test_a_file_that_does_not_exist_is_exit_code_2(tmp_path: Path):
    assert run_verifier(tmp_path / "none.jsonl").code == 2


@pytest.mark.parametrize(
    "text", ["x\n", "{}\n", '{"chain":"a","seq":0,"hash":"' + "0" * 64 + '","at":""}\n']
)
def test_what_is_no_anchor_file_is_exit_code_2(export: Export, tmp_path: Path, text: str):
    spoilt = tmp_path / "spoilt.jsonl"
    spoilt.write_text(text)
    file = tmp_path / "all.jsonl"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in export.entries))
    assert verdict_on(file, spoilt).code == 2


def test_a_chains_name_cannot_steer_the_terminal(export: Export):
    entries = copy.deepcopy(export.entries)
    entries[-1]["chain"] = "\x1b[2Jgone"
    verdict = export.judge(entries, anchored=False)
    assert verdict.code == 1
    assert "\x1b" not in verdict.out


def test_it_imports_nothing_but_the_standard_library():
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
    assert imported <= set(sys.stdlib_module_names)
    assert not imported & {"socket", "urllib", "http", "subprocess", "os"}
