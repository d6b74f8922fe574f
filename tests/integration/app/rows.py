"""Moves a job's row to where a test wants it, as a worker would have left it."""

from typing import Any

from db.connection import Pool

_ACCEPTED = """
WITH s AS (
  INSERT INTO reelwork.submissions (id, job_id, lane_id, attempt, epoch, fingerprint, label, deadline_at, provider_id)
  SELECT gen_random_uuid(), id, lane_id, attempt, 1, fingerprint, 'rw-' || id, now(), $2
  FROM reelwork.video_jobs WHERE id = $1::uuid RETURNING id, job_id
)
UPDATE reelwork.video_jobs j SET submission_id = s.id, due_at = NULL, started_at = now() FROM s WHERE j.id = s.job_id
"""


async def move(pool: Pool, job_id: str, state: str, **columns: Any) -> None:
    """Put the job into a state, with further columns set as given."""
    await pool.execute(_ACCEPTED, job_id, columns.get("provider_job_id"))
    if state in ("completed", "failed", "cancelled"):
        await pool.execute("UPDATE reelwork.video_jobs SET completed_at = now() WHERE id = $1::uuid", job_id)
    for name, value in (columns | {"state": state}).items():
        await pool.execute(f"UPDATE reelwork.video_jobs SET {name} = $2 WHERE id = $1::uuid", job_id, value)


async def state_of(pool: Pool, job_id: str) -> str:
    """The row's own word; `gone` where there is no row."""
    found: str | None = await pool.fetchval("SELECT state FROM reelwork.video_jobs WHERE id = $1::uuid", job_id)
    return found or "gone"


async def committed(pool: Pool) -> int:
    """What the ledger says is spent or reserved, in millionths of a dollar."""
    total: int = await pool.fetchval("SELECT coalesce(sum(delta_micros), 0)::bigint FROM reelwork.ledger")
    return total


async def living_worker(pool: Pool, *, silent_for_s: float = 0) -> None:
    """A worker's row whose heart last beat that many seconds ago."""
    await pool.execute(
        "INSERT INTO reelwork.workers (id, host, pid, version, beat) "
        "VALUES (gen_random_uuid(), 'dyno-1', 7, '0.1.0', now() - make_interval(secs => $1))",
        silent_for_s,
    )
