"""The tree against the definition of RFC 6962 written out, for every small size."""

import hashlib
from dataclasses import replace

import pytest

from app.domain import merkle
from app.domain.merkle import (
    MerkleTree,
    absence_proof,
    inclusion_proof,
    merkle_root,
    verify_absence,
    verify_inclusion,
)


def _by_definition(lines):
    if not lines:
        return hashlib.sha256(b"").digest()
    if len(lines) == 1:
        return hashlib.sha256(b"\x00" + lines[0]).digest()
    k = 1
    while k * 2 < len(lines):
        k *= 2
    return hashlib.sha256(b"\x01" + _by_definition(lines[:k]) + _by_definition(lines[k:])).digest()


def _lines(n):
    return [b"C%05d\tA\t1\t-" % (2 * i) for i in range(n)]


@pytest.fixture(params=[0, 1, 2, 3, 12])
def _portion(request, monkeypatch):
    """Portions of every height, so that joins of portions are tested on small trees."""
    monkeypatch.setattr(merkle, "_PORTION", 1 << request.param)


@pytest.mark.usefixtures("_portion")
def test_root_and_every_proof_hold_for_all_small_sizes():
    for n in range(36):
        lines = _lines(n)
        root = merkle_root(iter(lines))
        assert root == _by_definition(lines).hex()
        tree = MerkleTree(track=range(n))
        for line in lines:
            tree.add([line])
        assert tree.root() == root
        for i in range(n):
            proof = inclusion_proof(lines, i)
            assert proof == tree.inclusion(i)
            assert (proof.leaf.encode(), proof.size) == (lines[i], n)
            assert verify_inclusion(proof, root)


def test_a_tree_of_several_real_portions_has_the_root_of_the_definition():
    lines = _lines(3 * 4096 + 5)
    root = merkle_root(lines)
    assert root == _by_definition(lines).hex()
    for index in (0, 4095, 4096, 8192, 3 * 4096 + 4):
        assert verify_inclusion(inclusion_proof(lines, index), root)


def test_a_changed_proof_does_not_hold():
    lines = _lines(21)
    root = merkle_root(lines)
    good = inclusion_proof(lines, 13)
    other = "0" * 64
    bad = [
        replace(good, index=12),
        replace(good, index=-1),
        replace(good, index=21),
        replace(good, size=good.size + 20),
        replace(good, leaf=lines[12].decode()),
        replace(good, proof=good.proof[:-1]),
        replace(good, proof=(*good.proof, other)),
        replace(good, proof=(other, *good.proof[1:])),
        replace(good, proof=("xy", *good.proof[1:])),
        replace(good, proof=(good.proof[0][:-2], *good.proof[1:])),
    ]
    assert verify_inclusion(good, root)
    assert [verify_inclusion(each, root) for each in bad] == [False] * len(bad)
    assert not verify_inclusion(good, other)


def test_absence_is_shown_by_the_two_neighbours_for_every_gap():
    for n in range(9):
        lines = _lines(n)
        root = merkle_root(lines)
        for gap in range(-1, 2 * n, 2):
            code = f"C{gap:05d}" if gap > 0 else "0"
            absence = absence_proof(lines, code)
            assert verify_absence(absence, n, root), (n, code)
            if absence.right is not None and n > 1:
                assert not verify_absence(replace(absence, right=None), n, root)
            if absence.left is not None:
                assert not verify_absence(replace(absence, left=None), n, root)
                present = absence.left.leaf.split("\t")[0]
                assert not verify_absence(replace(absence, code=present), n, root)


def test_neighbours_that_are_not_adjacent_show_nothing():
    lines = _lines(9)
    root = merkle_root(lines)
    wide = merkle.Absence("C00005", inclusion_proof(lines, 1), inclusion_proof(lines, 4))
    assert not verify_absence(wide, 9, root)
    assert not verify_absence(merkle.Absence("C00005", None, None), 0, root)


def test_a_code_in_the_pool_has_no_absence_proof():
    with pytest.raises(ValueError):
        absence_proof(_lines(5), "C00004")


def test_an_index_outside_the_pool_has_no_proof():
    for index in (-1, 5):
        with pytest.raises(IndexError):
            inclusion_proof(_lines(5), index)


def test_a_tree_whose_root_is_known_takes_no_more_lines():
    tree = MerkleTree()
    tree.root()
    with pytest.raises(ValueError):
        tree.add([b"x"])
