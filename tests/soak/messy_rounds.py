"""A messy file of 100,000 rows in every form, while workers are killed: reported row by row.

Then its batch is undone, and nothing of it is left.
"""

import asyncio
import os
import time

from app.domain.actor import Role
from tests.soak.fleet import Fleet, say
from tests.soak.operation_rounds import ended
from tests.support.messy_objects import CSV, XLSX, as_csv, as_xlsx, messy_objects
from tests.support.messy_reports import differences
from tests.support.operations import accepted, count
from tests.support.world import World

ROWS = int(os.environ.get("SOAK_MESSY_ROWS", "99900"))
FORMS = ((CSV, "utf-8-sig"), (CSV, "gb18030"), (XLSX, ""))


async def rounds(fleet: Fleet, world: World) -> int:
    """Each form once; returns the rows."""
    clerk = await world.caller(Role.DEPT_CLERK, "SCJG")
    for number, (form, encoding) in enumerate(FORMS):
        began, kills = time.monotonic(), fleet.kills
        first = 20_000_000 + number * 1_000_000
        file = messy_objects(ROWS, seed=number, form=form, first=first)
        data = (
            await asyncio.to_thread(as_csv, file, encoding)
            if form == CSV
            else (await asyncio.to_thread(as_xlsx, file))
        )
        before = await count(fleet.runtime, "inspection_object")
        operation = await accepted(clerk, data, name=f"messy.{form}")
        harassing = asyncio.create_task(fleet.harass(fleet.workers, 2, 5))
        end = await ended(clerk, operation)
        await harassing
        assert end["status"] == "succeeded", end
        found = await clerk.get(f"import-batches?operation_id={operation['id']}")
        (batch,) = found.json()["items"]
        wrong = await differences(clerk, batch["id"], file)
        made = await count(fleet.runtime, "inspection_object") - before
        marked = await clerk.get(f"import-batches/{batch['id']}/marked-copy")
        undone = await clerk.post(
            f"import-batches/{batch['id']}/undo", {"reason": "试验"}, etag='"1"'
        )
        left = await count(fleet.runtime, "inspection_object") - before
        say(
            f"messy {form} {encoding}: {file.data_rows} rows, {len(data) / 1e6:.1f} MB,"
            f" {fleet.kills - kills} kills, attempts {end['attempts']}, stored {made}/{file.stored},"
            f" bad rows {batch['rejected']}/{len(file.rejected)}, verdicts {batch['verdicts']},"
            f" wrongly reported {len(wrong)}, marked copy {len(marked.content) / 1e6:.1f} MB,"
            f" undo {undone.status_code} leaves {left}, {time.monotonic() - began:.0f} s"
        )
        assert wrong == []
        assert made == file.stored
        assert batch["rejected"] == len(file.rejected)
        assert marked.status_code == 200
        assert undone.status_code == 200, undone.text
        assert left == 0
    return ROWS * len(FORMS)
