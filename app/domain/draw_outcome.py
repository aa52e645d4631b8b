"""What follows from a selection (DRAW.md sections 3 and 6): voids, the final list, the bundle.

Also what a firm is told when it asks how it stands. Winners never change; a void is added to a list
and the final list is computed again from both. It refuses a void of an object that is not in the
present outcome, and it never chooses a replacement: the next rank is the only one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from app.domain.draw import (
    NO_BEACON,
    DrawKeys,
    Ranked,
    Selection,
    commits_sha,
    draw_keys,
    draw_seed,
    public_string,
    ticket,
    ticket_hash,
)
from app.domain.draw_files import FrozenFile
from app.domain.draw_manifest import Manifest
from app.domain.errors import RuleError
from app.domain.refusals.draw_rules import VOID_NOT_DRAWN

Teams = Sequence[tuple[str, Sequence[tuple[str, Sequence[str]]]]]
_PORTION = 8192


@dataclass(frozen=True, slots=True)
class Void:
    """A drawn object found void, and the next rank that takes its place (None: reserve used up)."""

    stratum: str
    object_code: str
    reason: str
    replacement: str | None

    def as_json(self) -> dict[str, object]:
        """As the bundle has it."""
        return {
            "stratum": self.stratum,
            "object": self.object_code,
            "reason": self.reason,
            "replacement": self.replacement,
        }


def next_void(
    selection: Selection, voids: Sequence[Void], stratum: str, object_code: str, reason: str
) -> Void:
    """The void to append: its replacement is the first rank of the reserve not used so far."""
    if stratum not in selection.selected:
        raise RuleError(VOID_NOT_DRAWN, stratum=stratum)
    if object_code not in final_lists(selection, voids)[stratum]:
        raise RuleError(VOID_NOT_DRAWN, stratum=stratum)
    used = sum(void.stratum == stratum and void.replacement is not None for void in voids)
    waiting = selection.reserve[stratum][used:]
    return Void(stratum, object_code, reason, waiting[0].code if waiting else None)


def final_lists(selection: Selection, voids: Iterable[Void]) -> dict[str, list[str]]:
    """The winners after all voids, in order: a void leaves, its replacement joins at the end."""
    final = {stratum: selection.codes(stratum) for stratum in selection.selected}
    for void in voids:
        final[void.stratum].remove(void.object_code)
        if void.replacement is not None:
            final[void.stratum].append(void.replacement)
    return final


@dataclass(frozen=True, slots=True)
class Opened:
    """What the reveal opens: the secret, what was committed and contributed, the beacon's value."""

    secret: str
    commits: Mapping[str, str]
    contributions: Mapping[str, str]
    beacon: str = NO_BEACON

    def seed(self, manifest_sha: str) -> str:
        """The seed that follows."""
        public = public_string(self.contributions)
        return draw_seed(manifest_sha, self.secret, public, self.beacon)

    def keys(self, manifest_sha: str) -> DrawKeys:
        """The three keys that follow."""
        return draw_keys(self.seed(manifest_sha))


def bundle(
    manifest: Manifest,
    files: Mapping[FrozenFile, bytes | None],
    opened: Opened,
    *,
    selection: Selection,
    teams: Teams,
    unstaffable: Sequence[str],
    voids: Sequence[Void],
    inclusion: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """The published JSON object, ready for json.dumps.

    A file named in `withheld` is null whatever is passed; a file that is None though it is not
    withheld is left out, for a caller that streams the pool into the text by itself.
    """
    sha = manifest.sha256()
    made: dict[str, object] = dict(_file_texts(manifest, files))
    made |= {
        "manifest": manifest.as_json(),
        "manifest_canonical": manifest.canonical().decode(),
        "manifest_sha256": sha,
        "server_secret": opened.secret,
        "contribution_commits": dict(opened.commits),
        "commits_sha256": commits_sha(opened.commits),
        "contributions": dict(opened.contributions),
        "public": public_string(opened.contributions),
        "beacon": opened.beacon,
        "seed": opened.seed(sha),
        "keys": opened.keys(sha).as_json(),
        "selected": ranks_json(selection.selected),
        "reserve": ranks_json(selection.reserve),
        "cutoff": selection.cutoff,
        "teams": teams_json(teams),
        "unstaffable": list(unstaffable),
        "voids": [void.as_json() for void in voids],
        "final": final_lists(selection, voids),
    }
    return made if inclusion is None else made | {"inclusion": dict(inclusion)}


def teams_json(teams: Teams) -> list[object]:
    """Teams as the bundle has them: [[object, [[department, [officers]], …]], …]."""
    return [
        [object_code, [[department, list(officers)] for department, officers in team]]
        for object_code, team in teams
    ]


def _file_texts(
    manifest: Manifest, files: Mapping[FrozenFile, bytes | None]
) -> Iterable[tuple[str, str | None]]:
    for file in FrozenFile:
        content = files.get(file)
        if file.value in manifest.withheld:
            yield file.value, None
        elif content is not None:
            yield file.value, content.decode()


def ranks_json(ranks: Mapping[str, Sequence[Ranked]]) -> dict[str, list[list[str]]]:
    """Winners or reserve as the bundle has them: {stratum: [[ticket, code], …]}."""
    return {
        stratum: [[ranked.ticket, ranked.code] for ranked in listed]
        for stratum, listed in ranks.items()
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """How one code stands in a draw. Neither in the pool nor excluded: not in its scope at all.

    `rank` counts from 1 within the stratum; `drawn` is before voids, `final` after them.
    """

    code: str
    in_pool: bool
    excluded_because: str | None = None
    stratum: str | None = None
    ticket: str | None = None
    rank: int | None = None
    size: int | None = None
    quota: int | None = None
    cutoff: str | None = None
    drawn: bool = False
    in_reserve: bool = False
    void_because: str | None = None
    final: bool = False


class RankCount:
    """One pass over the pool's lines that counts how many tickets of a stratum precede a code's."""

    def __init__(self, key: str, code: str) -> None:
        """`key` is the object key."""
        self._base = ticket_hash(key)
        self._code = code.encode()
        self._mine = (bytes.fromhex(ticket(key, code)), self._code)
        self._before: dict[bytes, int] = {}
        self._stratum: bytes | None = None

    def add(self, lines: Iterable[bytes]) -> None:
        """Take in pool lines (without LF), in portions of any size."""
        source, mine, before = iter(lines), self._mine, self._before
        while portion := list(islice(source, _PORTION)):
            for line in portion:
                code, _, rest = line.partition(b"\t")
                state = self._base.copy()
                state.update(code)
                entry = (state.digest(), code)
                if entry <= mine:
                    stratum = rest.partition(b"\t")[0]
                    if entry == mine:
                        self._stratum = stratum
                    before[stratum] = before.get(stratum, 0) + 1

    def place(self) -> tuple[str, int] | None:
        """Stratum and rank (from 1); None when the code was not among the lines."""
        if self._stratum is None:
            return None
        return self._stratum.decode(), self._before[self._stratum]


def standing(
    manifest: Manifest,
    key: str,
    selection: Selection,
    voids: Sequence[Void],
    *,
    code: str,
    place: tuple[str, int] | None,
    excluded_because: str | None,
) -> Standing:
    """How `code` stands; `place` from RankCount (or SQL), the reason from the excluded file."""
    if place is None:
        return Standing(code, in_pool=False, excluded_because=excluded_because)
    stratum, rank = place
    quota = manifest.quota[stratum]
    return Standing(
        code,
        in_pool=True,
        stratum=stratum,
        ticket=ticket(key, code),
        rank=rank,
        size=manifest.strata[stratum],
        quota=quota,
        cutoff=selection.cutoff.get(stratum),
        drawn=rank <= quota,
        in_reserve=quota < rank <= quota + manifest.reserve,
        void_because=next((v.reason for v in voids if v.object_code == code), None),
        final=code in final_lists(selection, voids)[stratum],
    )
