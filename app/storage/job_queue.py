"""The job queue in PostgreSQL (procrastinate's, schema `jobs`): a job belongs to its transaction.

A rollback drops it and a commit keeps it, so nothing is acknowledged that nobody will do. Workers
take jobs with the library itself (`app/jobs`); only what must be in our transactions stands here.
No scope: jobs carry ids, and whoever takes one looks the rest up.
"""

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

RUN_OPERATION = "operation.run"
QUEUE = "operations"

# The driver guesses no types, so every parameter has its cast.
_ENQUEUE = text(
    """
    SELECT unnest(jobs.procrastinate_defer_jobs_v1(ARRAY[ROW(
      CAST(:queue AS varchar), CAST(:task AS varchar), 0, CAST(:lock AS text), NULL,
      CAST(:args AS jsonb), NULL
    )]::jobs.procrastinate_job_to_defer_v1[]))
    """
).bindparams(bindparam("args", type_=JSONB))
_WITHDRAW = text("SELECT jobs.procrastinate_cancel_job_v1(CAST(:job_id AS bigint), false, true)")
# A worker that was killed sends no more signs of life; of one that lost the database in the wrong
# moment the job may stand as begun for ever, and then the operation has none.
_TAKE_BACK = text(
    """
    WITH stalled AS MATERIALIZED (
      SELECT j.id FROM jobs.procrastinate_jobs j
      LEFT JOIN jobs.procrastinate_workers w ON w.id = j.worker_id
      LEFT JOIN operation o ON o.id = CAST(j.args ->> 'operation_id' AS uuid)
      WHERE j.status = 'doing' AND j.queue_name = CAST(:queue AS varchar)
        AND (w.id IS NULL
          OR w.last_heartbeat < clock_timestamp() - make_interval(secs => :seconds)
          OR (coalesce(o.heartbeat_at, '-infinity')
                < clock_timestamp() - make_interval(secs => :seconds)
              AND NOT EXISTS (
                SELECT FROM jobs.procrastinate_events e WHERE e.job_id = j.id
                AND e.type = 'started'
                AND e.at >= clock_timestamp() - make_interval(secs => :seconds))))
      FOR UPDATE OF j SKIP LOCKED
    )
    SELECT jobs.procrastinate_retry_job_v2(id, clock_timestamp(), NULL, NULL, NULL), id
    FROM stalled
    """
)
_FORGET_WORKERS = text(
    "SELECT jobs.procrastinate_prune_stalled_workers_v1(CAST(:seconds AS double precision))"
)


async def enqueue_operation(
    session: AsyncSession, operation_id: object, *, lock: str | None
) -> int:
    """Queue an operation in this transaction; of jobs with one lock only one is done at a time."""
    row = {
        "queue": QUEUE,
        "task": RUN_OPERATION,
        "lock": lock,
        "args": {"operation_id": str(operation_id)},
    }
    return int((await session.execute(_ENQUEUE, row)).scalar_one())


async def withdraw(session: AsyncSession, job_id: int) -> bool:
    """Delete a job that no worker has taken yet; false where one has."""
    return (await session.execute(_WITHDRAW, {"job_id": job_id})).scalar_one() is not None


async def take_back_stalled(session: AsyncSession, seconds: float) -> int:
    """Queue again what workers had begun that have given no sign for so long."""
    rows = await session.execute(_TAKE_BACK, {"queue": QUEUE, "seconds": seconds})
    taken = len(rows.all())
    await session.execute(_FORGET_WORKERS, {"seconds": seconds * 10})
    return taken
