"""One whole draw from what was frozen and opened: seed, winners, reserve, teams (DRAW s.3).

The service's reveal, and any later check of a past draw, run this and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.draw import Selection, check_complete, draw_keys, select
from app.domain.draw_files import FrozenFile, read_officers, read_pool, read_recusals, split_lines
from app.domain.draw_manifest import Manifest
from app.domain.draw_outcome import Opened, bundle
from app.domain.teams import Roster, Staffing, TeamObject, TeamPlan, assign_teams


@dataclass(frozen=True, slots=True)
class DrawRun:
    """What the seed decides."""

    manifest: Manifest
    opened: Opened
    seed: str
    selection: Selection
    staffing: Staffing

    def published(self) -> dict[str, object]:
        """The bundle without the texts of the public files, which are kept as they are."""
        return bundle(
            self.manifest,
            {},
            self.opened,
            selection=self.selection,
            teams=self.staffing.teams,
            unstaffable=self.staffing.unstaffable,
            voids=(),
        )


def run_draw(manifest: Manifest, files: Mapping[FrozenFile, bytes], opened: Opened) -> DrawRun:
    """Select and staff; the files must be those that the manifest names by digest."""
    check_complete(manifest.contributors, opened.commits)
    check_complete(manifest.contributors, opened.contributions)
    sha = manifest.sha256()
    seed = opened.seed(sha)
    keys = draw_keys(seed)
    pool = split_lines(FrozenFile.POOL, files[FrozenFile.POOL])
    selection = select(lambda: pool, keys.object, manifest.quota, manifest.strata, manifest.reserve)
    winners = {code.encode() for code in selection.all_codes()}
    rows = read_pool(line for line in pool if line.partition(b"\t")[0] in winners)
    officers = read_officers(split_lines(FrozenFile.OFFICERS, files[FrozenFile.OFFICERS]))
    recusals = read_recusals(split_lines(FrozenFile.RECUSALS, files[FrozenFile.RECUSALS]))
    staffing = assign_teams(
        TeamPlan(
            roster=Roster(manifest.departments, officers, recusals),
            objects=[TeamObject(row.object_code, row.region) for row in rows],
            cap=manifest.cap,
            task_key=keys.task,
            officer_key=keys.officer,
        )
    )
    return DrawRun(manifest, opened, seed, selection, staffing)
