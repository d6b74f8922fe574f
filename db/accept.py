"""Accepts videos: rows, inputs, timeline and reserves in one transaction, all of them or none.

A caller's own job id makes a create repeatable: the same body finds the first one's row, another body is refused.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from db import images, ledger
from db.connection import Executor
from db.fairness import next_tags
from db.images import NewInput
from db.ledger import Budget, Reserve
from db.tables import VideoJob

_EXISTING = """
SELECT id, client_id, body_hash, prompt, kind, model, requested_model, adjusted, estimate_micros
FROM reelwork.video_jobs WHERE id = ANY ($1::uuid[])
"""

# A microsecond apart, so that what was sent together is shown in the order in which it was sent.
_ACCEPT = """
WITH wanted AS (
  SELECT id, client_id, lane_id, credential_id, storyboard_id, scene_id, kind, server, model, requested_model, adjusted,
    prompt, params, caller_metadata, webhook_url, end_user_id, face, body_hash, fingerprint, inputs_hash, trace_id,
    simulated, priority, tag, run_at, expires_at, estimate_micros, catalogue_version, day, place
  FROM jsonb_to_recordset($1::jsonb) AS r (
    id uuid, client_id uuid, lane_id uuid, credential_id uuid, storyboard_id text, scene_id text, kind text,
    server text, model text, requested_model text, adjusted jsonb, prompt text, params jsonb, caller_metadata jsonb,
    webhook_url text, end_user_id text, face text, body_hash text, fingerprint text, inputs_hash text,
    trace_id text, simulated boolean, priority smallint, tag double precision, run_at timestamptz,
    expires_at timestamptz, estimate_micros bigint, catalogue_version text, day date, place int)
), job AS (
  INSERT INTO reelwork.video_jobs
    (id, client_id, lane_id, credential_id, storyboard_id, scene_id, kind, server, model, requested_model, adjusted,
     prompt, params, caller_metadata, webhook_url, end_user_id, face, body_hash, fingerprint, inputs_hash, trace_id,
     simulated, state, priority, tag, run_at, expires_at, due_at, estimate_micros, catalogue_version, created_at)
  SELECT id, client_id, lane_id, credential_id, storyboard_id, scene_id, kind, server, model, requested_model, adjusted,
    prompt, params, caller_metadata, webhook_url, end_user_id, face, decode(body_hash, 'hex'),
    decode(fingerprint, 'hex'), decode(inputs_hash, 'hex'), trace_id, simulated, 'queued', priority, tag, run_at,
    expires_at, greatest(run_at, now()), estimate_micros, catalogue_version, now() + place * interval '1 microsecond'
  FROM wanted ORDER BY id
  ON CONFLICT (id) DO NOTHING
  RETURNING id
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'created', 'queued', 1, jsonb_build_object('reservedMicros', estimate_micros, 'runAt', run_at)
  FROM wanted WHERE id IN (SELECT id FROM job)
), reserved AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, model, catalogue_version)
  SELECT id, 1, client_id, lane_id, 'reserve', estimate_micros, estimate_micros, day, model, catalogue_version
  FROM wanted WHERE id IN (SELECT id FROM job)
)
SELECT count(*) FROM job
"""


@dataclass(frozen=True, slots=True)
class NewJob:
    """One video to accept. Hashes are hex; `params` are camelCase as on the wire; `run_at` is aware or None (now)."""

    id: UUID
    client_id: UUID
    lane_id: UUID
    credential_id: UUID
    storyboard_id: str | None
    scene_id: str | None
    kind: str
    server: str | None
    model: str
    requested_model: str
    adjusted: dict[str, Any] | None
    prompt: str
    params: dict[str, Any]
    caller_metadata: dict[str, Any] | None
    webhook_url: str | None
    body_hash: str
    fingerprint: str
    inputs_hash: str | None
    trace_id: str | None
    simulated: bool
    priority: int
    run_at: datetime | None
    expires_at: datetime | None
    estimate_micros: int
    catalogue_version: str
    face: str | None = None
    end_user_id: str | None = None
    inputs: tuple[NewInput, ...] = ()


class IdTaken(Exception):
    """A job id that is in use for another request, or by another client."""

    def __init__(self, job_id: UUID) -> None:
        super().__init__(f"the job id {job_id} is taken")
        self.job_id = job_id


async def existing(conn: Executor, client_id: UUID, bodies: dict[UUID, str]) -> dict[UUID, VideoJob]:
    """Those of the ids (each with its body's hash, hex) that this client has sent before with the same body.

    Raises IdTaken for an id in any other use.
    """
    rows = [VideoJob.of(row) for row in await conn.fetch(_EXISTING, list(bodies))] if bodies else []
    for row in rows:
        if row.client_id != client_id or row.body_hash.hex() != bodies[row.id]:
            raise IdTaken(row.id)
    return {row.id: row for row in rows}


async def accept(
    conn: Executor, jobs: Sequence[NewJob], budget_micros: int | None, *, already_paid: bool = False
) -> list[Budget]:
    """Write all of it, in the caller's transaction, whose client is locked and whose ids `existing` has not found.

    Returns the budgets that are nearly spent by it. Raises OverBudget where one cannot bear it (`budget_micros` is the
    installation's for a day, None for no limit; what is already paid is refused by none, but counts in all), IdTaken
    where another client was quicker.
    """
    days = {job.id: ledger.utc_day(job.run_at) for job in jobs}
    reserves = [Reserve(job.client_id, job.lane_id, days[job.id], job.estimate_micros) for job in jobs]
    nearly_spent = [] if already_paid else await ledger.check_budgets(conn, reserves, budget_micros)
    tags = await _tags(conn, jobs)
    rows = [_row(job, tags.get(job.id), days[job.id]) | {"place": place} for place, job in enumerate(jobs)]
    count = await conn.fetchval(_ACCEPT, rows)
    if count != len(jobs):
        raise IdTaken(jobs[0].id)
    await _keep_inputs(conn, jobs)
    return nearly_spent


async def _tags(conn: Executor, jobs: Sequence[NewJob]) -> dict[UUID, float]:
    """Places in the fair order for what is due now; what starts later gets its place when it becomes due."""
    due = [job for job in jobs if job.run_at is None]
    tags: dict[UUID, float] = {}
    for lane_id, client_id, priority in sorted({(job.lane_id, job.client_id, job.priority) for job in due}):
        group = [job.id for job in due if (job.lane_id, job.priority) == (lane_id, priority)]
        places = await next_tags(conn, lane_id, client_id, priority, len(group))
        tags |= dict(zip(group, places, strict=True))
    return tags


def _row(job: NewJob, tag: float | None, day: date) -> dict[str, Any]:
    row = {name: value for name, value in asdict(job).items() if name != "inputs"}
    for name in ("id", "client_id", "lane_id", "credential_id"):
        row[name] = str(row[name])
    for name in ("run_at", "expires_at"):
        row[name] = row[name].isoformat() if row[name] else None
    return row | {"tag": tag, "day": day.isoformat()}


async def _keep_inputs(conn: Executor, jobs: Sequence[NewJob]) -> None:
    by_client: dict[UUID, dict[UUID, tuple[NewInput, ...]]] = {}
    for job in jobs:
        if job.inputs:
            by_client.setdefault(job.client_id, {})[job.id] = job.inputs
    for client_id, inputs in by_client.items():
        await images.give(conn, client_id, inputs)
