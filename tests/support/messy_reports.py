"""Whether the verdicts on a messy file are what its generator expects, row by row."""

from collections import defaultdict

from tests.support.messy_objects import Messy
from tests.support.world import Caller


async def differences(caller: Caller, batch_id: str, file: Messy) -> list[str]:
    """What is reported and should not be, and what should be and is not."""
    said: dict[str, dict[int, set[str]]] = {
        outcome: defaultdict(set) for outcome in ("rejected", "warning", "accepted")
    }
    after = ""
    while True:
        url = f"import-batches/{batch_id}/verdicts?limit=1000{after}"
        page = (await caller.get(url)).json()
        for verdict in page["items"]:
            said[verdict["outcome"]][verdict["row"]].add(verdict["code"])
        if page["next_cursor"] is None:
            break
        after = f"&cursor={page['next_cursor']}"
    warned = {row: codes for row, codes in said["warning"].items() if row not in file.rejected}
    return [
        *_compare("rejected", file.rejected, said["rejected"], file),
        *_compare("warned", file.repaired, warned, file),
        *(f"row {row}: {codes}" for row, codes in said["accepted"].items()),
    ]


def _compare(
    what: str, expected: dict[int, str], got: dict[int, set[str]], file: Messy
) -> list[str]:
    found: list[str] = []
    for row in sorted(expected.keys() | got.keys()):
        wanted, codes = expected.get(row), got.get(row, set())
        if wanted is None or wanted not in codes:
            kind = file.kinds.get(row, "clean")
            found.append(f"row {row} ({kind}): {what} {sorted(codes)}, expected {wanted}")
    return found
