"""Reads the books of an installation that has come to rest."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import asyncpg

from bench.chaos.books import Books, File, Job, Line, Paid, Submission
from bench.chaos.orders import Order
from bench.chaos.recovery import Incarnation, Step
from bench.chaos.stage import Stage
from storage.keys import NOTES
from storage.local import INCOMING

_JOBS = """
SELECT id, state, attempt, error_code, cost_micros, estimate_micros, provider_job_id, video_key, poster_key,
  video_bytes, video_sha256
FROM reelwork.video_jobs
"""
_SUBMISSIONS = """
SELECT id, job_id, attempt, label, fingerprint, outcome, provider_id, inferred, ended_at IS NULL AS in_flight
FROM reelwork.submissions
"""
_LEDGER = "SELECT job_id, attempt, entry, micros, delta_micros FROM reelwork.ledger"
_STEPS = """
SELECT job_id, extract(epoch FROM at)::float8 AS at, type, worker FROM reelwork.job_events WHERE worker IS NOT NULL
ORDER BY job_id, id
"""
_WORKERS = "SELECT id, pid, extract(epoch FROM started_at)::float8 AS started_at FROM reelwork.workers"


async def read_books(stage: Stage, orders: Sequence[Order], accepted: set[UUID]) -> Books:
    """Everything at once."""
    connection = await asyncpg.connect(stage.engines.database_url)
    try:
        jobs = [Job(**dict(row)) for row in await connection.fetch(_JOBS)]
        submissions = [Submission(**dict(row)) for row in await connection.fetch(_SUBMISSIONS)]
        ledger = [Line(**dict(row)) for row in await connection.fetch(_LEDGER)]
    finally:
        await connection.close()
    paid = [Paid(one["id"], one["label"], one["state"]) for one in stage.simulator.books()["submissions"]]
    return Books(
        accepted=frozenset(accepted),
        may_fail=frozenset(order.job_id for order in orders if order.may_fail),
        may_cancel=frozenset(order.job_id for order in orders if order.cancel_after_s is not None),
        jobs={job.id: job for job in jobs},
        submissions=submissions,
        ledger=ledger,
        paid=paid,
        files=files_in(stage.videos),
        leftovers=[*(stage.videos / INCOMING).glob("*"), *stage.work_dir.glob("*")],
    )


async def read_steps(stage: Stage) -> tuple[list[Step], dict[UUID, Incarnation]]:
    """The timelines' lines that name a worker, and who each worker was."""
    connection = await asyncpg.connect(stage.engines.database_url)
    try:
        steps = [Step(**dict(row)) for row in await connection.fetch(_STEPS)]
        rows = await connection.fetch(_WORKERS)
        return steps, {row["id"]: Incarnation(row["pid"], row["started_at"]) for row in rows}
    finally:
        await connection.close()


def files_in(folder: Path) -> dict[str, File]:
    """Everything that is published there for callers, by key; the installation's own notes are no orphans."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not {INCOMING, NOTES} & set(path.relative_to(folder).parts):
            content = path.read_bytes()
            found[path.relative_to(folder).as_posix()] = File(len(content), hashlib.sha256(content).hexdigest())
    return found
