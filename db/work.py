"""What a worker needs to know of the videos it holds: the row, its lane, its current submission, in one read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Executor

_ITEMS = """
SELECT j.id, j.epoch, j.state, j.attempt, j.client_id, j.kind, j.server, j.model, j.prompt, j.params, j.storyboard_id,
  j.scene_id, j.credential_id, j.lane_id, j.submission_id, j.provider_job_id, j.progress, j.refusals, j.poll_misses,
  j.collect_failures, j.wait_until, j.next_at, j.result, j.estimate_micros, j.attempts_made, j.created_at, j.run_at,
  j.cancel_requested_at, j.discard, j.simulated, j.inputs_hash, j.fingerprint, j.trace_id,
  j.error_code, j.error_message,
  l.base_url, l.project, l.location, l.output_uri, l.billing, l.policy, l.rate_per_minute, l.requests_per_second,
  l.clock_offset_s, l.listing_proven, l.breaker <> 'closed' OR l.error_streak > 0 AS lane_in_trouble, c.sealed,
  s.label, s.outcome, s.intent_at, s.deadline_at, s.provider_id, s.definite, s.answered_at, s.clean_looks,
  s.error_code AS answer_code, s.error_message AS answer_message,
  s.epoch AS submission_epoch, s.worker AS sender, now() AS read_at
FROM reelwork.video_jobs j
JOIN reelwork.lanes l ON l.id = j.lane_id
JOIN reelwork.credentials c ON c.id = j.credential_id
LEFT JOIN reelwork.submissions s ON s.id = j.submission_id
WHERE j.id = ANY ($1::uuid[]) AND j.owner = $2
"""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One video in a worker's hands, as the database showed it at `read_at`.

    `sealed` is the provider key as it is stored; `deadline_at` is when nothing of the submission may leave any more.
    """

    id: UUID
    epoch: int
    state: str
    attempt: int
    client_id: UUID
    kind: str
    server: str | None
    model: str
    prompt: str
    params: dict[str, Any]
    storyboard_id: str | None
    scene_id: str | None
    credential_id: UUID
    lane_id: UUID
    submission_id: UUID | None
    provider_job_id: str | None
    progress: int | None
    refusals: int
    poll_misses: int
    collect_failures: int
    wait_until: datetime | None
    next_at: datetime | None
    result: dict[str, Any] | None
    estimate_micros: int
    attempts_made: int
    created_at: datetime
    run_at: datetime | None
    cancel_requested_at: datetime | None
    discard: bool
    simulated: bool
    error_code: str | None
    error_message: str | None
    inputs_hash: bytes | None
    fingerprint: bytes
    trace_id: str | None
    base_url: str
    project: str | None
    location: str | None
    output_uri: str | None
    billing: str
    policy: str | None
    rate_per_minute: int | None
    requests_per_second: int | None
    clock_offset_s: float
    listing_proven: bool
    lane_in_trouble: bool
    sealed: bytes
    label: str | None
    outcome: str | None
    intent_at: datetime | None
    deadline_at: datetime | None
    provider_id: str | None
    definite: bool | None
    answered_at: datetime | None
    clean_looks: int | None
    answer_code: str | None
    answer_message: str | None
    submission_epoch: int | None
    sender: UUID | None
    read_at: datetime


async def items(conn: Executor, job_ids: list[UUID], owner: UUID) -> list[WorkItem]:
    """The rows of `job_ids` that this worker still owns; the others are silently left out."""
    return [WorkItem(**dict(row)) for row in await conn.fetch(_ITEMS, job_ids, owner)]
