"""The RFC 6962 tree over the lines of a pool: one root, and short proofs for single firms.

Leaf = SHA-256(0x00 ‖ line without LF), node = SHA-256(0x01 ‖ left ‖ right), an odd last node moves
up unchanged; the root of no lines is SHA-256 of nothing, as in the RFC. Lines are pushed in
portions and forgotten, so the memory used grows with the logarithm of the pool, not with the pool.
It does not check the form or the order of lines (draw_files does) and never parses their fields
beyond the first, which absence needs.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

# Whole sub-trees of this many leaves are hashed level by level in list comprehensions, about
# twice as fast as one leaf at a time; must be a power of two, so that they are nodes of the tree.
_PORTION_LEVELS = 12
_PORTION = 1 << _PORTION_LEVELS
_sha256 = hashlib.sha256


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Proof that `leaf` is line `index` (from 0) of `size`; siblings run from leaf to root."""

    index: int
    size: int
    leaf: str
    proof: tuple[str, ...]

    def as_json(self, root: str) -> dict[str, object]:
        """As the bundle and the verifiers know it."""
        return {
            "index": self.index,
            "size": self.size,
            "leaf": self.leaf,
            "proof": list(self.proof),
            "root": root,
        }


@dataclass(frozen=True, slots=True)
class Absence:
    """Proof that a code is missing: its two neighbours (one at either end, none in no pool)."""

    code: str
    left: Inclusion | None
    right: Inclusion | None


@dataclass(slots=True)
class _Tracked:
    """A line whose proof is being collected while the tree grows."""

    leaf: bytes
    siblings: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class _Node:
    digest: bytes
    tracked: list[_Tracked]


class MerkleTree:
    """Takes lines in order, in portions of any size; then tells the root and asked-for proofs."""

    def __init__(self, track: Iterable[int] = ()) -> None:
        """`track`: the indexes (from 0) of lines whose proofs will be wanted."""
        self.size = 0
        self._track = frozenset(track)
        self._tracked: dict[int, _Tracked] = {}
        self._waiting: list[bytes] = []
        self._stack: list[_Node] = []
        self._portions = 0
        self._root: bytes | None = None

    def add(self, lines: Iterable[bytes]) -> None:
        """Append lines (without LF). Not after the root was asked for."""
        if self._root is not None:
            raise ValueError("the tree is closed: its root was given out")
        source = iter(lines)
        while portion := list(islice(source, _PORTION - len(self._waiting))):
            self._waiting.extend(portion)
            if len(self._waiting) == _PORTION:
                self._close_portion()

    def root(self) -> str:
        """The root over all lines added, as hex; closes the tree."""
        if self._root is None:
            if self._waiting:
                self._close_portion()
            stack = self._stack
            while len(stack) > 1:
                right = stack.pop()
                stack.append(_join(stack.pop(), right))
            self._root = stack[0].digest if stack else _sha256().digest()
        return self._root.hex()

    def inclusion(self, index: int) -> Inclusion:
        """The proof for a tracked line; closes the tree."""
        self.root()
        tracked = self._tracked[index]
        proof = tuple(sibling.hex() for sibling in tracked.siblings)
        return Inclusion(index, self.size, tracked.leaf.decode(), proof)

    def _close_portion(self) -> None:
        lines, self._waiting = self._waiting, []
        first = self.size
        self.size += len(lines)
        wanted = [i for i in self._track if first <= i < self.size] if self._track else []
        level = [_sha256(b"\x00" + line).digest() for line in lines]
        kept: list[_Tracked] = []
        places: list[int] = []
        for index in wanted:
            tracked = self._tracked[index] = _Tracked(lines[index - first])
            kept.append(tracked)
            places.append(index - first)
        while len(level) > 1:
            for n, place in enumerate(places):
                if place ^ 1 < len(level):
                    kept[n].siblings.append(level[place ^ 1])
                places[n] = place >> 1
            level = _level_above(level)
        self._push(_Node(level[0], kept))

    def _push(self, node: _Node) -> None:
        """As a binary counter: as many joins as the count of portions before has trailing ones."""
        count = self._portions
        self._portions += 1
        while count & 1:
            node = _join(self._stack.pop(), node)
            count >>= 1
        self._stack.append(node)


def merkle_root(lines: Iterable[bytes]) -> str:
    """The RFC 6962 root of the lines (each without LF), as hex."""
    tree = MerkleTree()
    tree.add(lines)
    return tree.root()


def inclusion_proof(lines: Iterable[bytes], index: int) -> Inclusion:
    """The proof for line `index`, in one pass; IndexError when there is no such line."""
    tree = MerkleTree(track=(index,))
    tree.add(lines)
    try:
        return tree.inclusion(index)
    except KeyError:
        raise IndexError(index) from None


def verify_inclusion(inclusion: Inclusion, root: str) -> bool:
    """Whether the proof leads to the root (RFC 9162, 2.1.3.2); malformed proofs do not."""
    if not 0 <= inclusion.index < inclusion.size:
        return False
    try:
        siblings = [bytes.fromhex(sibling) for sibling in inclusion.proof]
    except ValueError:
        return False
    node, last = inclusion.index, inclusion.size - 1
    digest = _sha256(b"\x00" + inclusion.leaf.encode()).digest()
    for sibling in siblings:
        if last == 0 or len(sibling) != len(digest):
            return False
        if node & 1 or node == last:
            digest = _sha256(b"\x01" + sibling + digest).digest()
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            digest = _sha256(b"\x01" + digest + sibling).digest()
        node >>= 1
        last >>= 1
    return last == 0 and digest.hex() == root


def absence_proof(lines: Sequence[bytes], code: str) -> Absence:
    """The neighbours of a code that no line begins with; ValueError when one does.

    For a stored pool find the index by SQL or bisection and track `index - 1` and `index`.
    """
    at = _insertion_point(lines, code.encode())
    if at < len(lines) and _first_field(lines[at]) == code.encode():
        raise ValueError("the code is in the pool")
    tree = MerkleTree(track=(at - 1, at))
    tree.add(lines)
    left = tree.inclusion(at - 1) if at > 0 else None
    right = tree.inclusion(at) if at < len(lines) else None
    return Absence(code, left, right)


def verify_absence(absence: Absence, size: int, root: str) -> bool:
    """Whether the two lines are neighbours in the tree and the code lies between them."""
    left, right, code = absence.left, absence.right, absence.code.encode()
    for side in (left, right):
        if side is not None and (side.size != size or not verify_inclusion(side, root)):
            return False
    if left is not None and not _first_field(left.leaf.encode()) < code:
        return False
    if right is not None and not code < _first_field(right.leaf.encode()):
        return False
    before = -1 if left is None else left.index
    after = size if right is None else right.index
    if size == 0 and root != _sha256().hexdigest():
        return False
    return before + 1 == after


def _level_above(level: list[bytes]) -> list[bytes]:
    pairs: Iterator[tuple[bytes, bytes]] = zip(level[::2], level[1::2], strict=False)
    above = [_sha256(b"\x01" + left + right).digest() for left, right in pairs]
    if len(level) & 1:
        above.append(level[-1])
    return above


def _join(left: _Node, right: _Node) -> _Node:
    for tracked in left.tracked:
        tracked.siblings.append(right.digest)
    for tracked in right.tracked:
        tracked.siblings.append(left.digest)
    digest = _sha256(b"\x01" + left.digest + right.digest).digest()
    return _Node(digest, left.tracked + right.tracked)


def _first_field(line: bytes) -> bytes:
    return line.partition(b"\t")[0]


def _insertion_point(lines: Sequence[bytes], code: bytes) -> int:
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        if _first_field(lines[middle]) < code:
            low = middle + 1
        else:
            high = middle
    return low
