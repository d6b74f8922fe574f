"""Lanes as callers and operators know them: found or made for an account, listed, and set."""

from dataclasses import dataclass, field
from uuid import UUID

from db.connection import Executor
from db.tables import Lane

_FIND_OR_MAKE = """
WITH found AS (
  SELECT id FROM reelwork.lanes WHERE kind = $1 AND base_url = $2 AND key_hash = ANY ($3::bytea[])
  ORDER BY created_at, id LIMIT 1
), made AS (
  INSERT INTO reelwork.lanes
    (id, kind, base_url, key_hash, key_last4, server, project, location, output_uri, billing, max_in_flight)
  SELECT gen_random_uuid(), $1, $2, ($3::bytea[])[1], $4, $5, $6, $7, $8, $9, $10
  WHERE NOT EXISTS (SELECT 1 FROM found)
  ON CONFLICT (kind, base_url, key_hash) DO NOTHING
  RETURNING id
)
SELECT id FROM found UNION ALL SELECT id FROM made
"""

_LIST = """
SELECT l.id, l.kind, l.base_url, l.server, l.key_last4, l.project, l.location, l.billing, l.rate_per_minute,
  l.max_in_flight, l.requests_per_second, l.budget_day_micros, l.budget_month_micros, l.policy, l.paused,
  l.pause_reason, l.blocked_until, l.blocked_reason, l.breaker,
  l.breaker_reason, l.breaker_until, l.error_streak, l.created_at, l.updated_at,
  (SELECT count(*) FROM reelwork.submissions s
    WHERE s.lane_id = l.id AND s.ended_at IS NULL AND s.intent_at > now() - make_interval(secs => $1)) AS in_flight,
  (SELECT count(*) FROM reelwork.video_jobs j WHERE j.lane_id = l.id AND j.state = 'queued') AS queued
FROM reelwork.lanes l
WHERE $2::uuid IS NULL OR l.id = $2
ORDER BY l.created_at, l.id
"""

_SET = """
UPDATE reelwork.lanes SET
  rate_per_minute = CASE WHEN 'rate_per_minute' = ANY ($2) THEN $3 ELSE rate_per_minute END,
  max_in_flight = CASE WHEN 'max_in_flight' = ANY ($2) THEN $4 ELSE max_in_flight END,
  requests_per_second = CASE WHEN 'requests_per_second' = ANY ($2) THEN $5 ELSE requests_per_second END,
  policy = CASE WHEN 'policy' = ANY ($2) THEN $6 ELSE policy END,
  paused = CASE WHEN 'paused' = ANY ($2) THEN $7 ELSE paused END,
  pause_reason = CASE WHEN 'paused' = ANY ($2) THEN CASE WHEN $7 THEN 'paused by an operator' END ELSE pause_reason END,
  budget_day_micros = CASE WHEN 'budget_day_micros' = ANY ($2) THEN $8 ELSE budget_day_micros END,
  budget_month_micros = CASE WHEN 'budget_month_micros' = ANY ($2) THEN $9 ELSE budget_month_micros END,
  updated_at = now()
WHERE id = $1
RETURNING id
"""

_CEILINGS = """
SELECT id, requests_per_second FROM reelwork.lanes WHERE id = ANY ($1::uuid[]) AND requests_per_second IS NOT NULL
"""

_RECOGNISE = "UPDATE reelwork.lanes SET key_hash = $2, updated_at = now() WHERE id = $1"


@dataclass(frozen=True, slots=True)
class NewLane:
    """The account a lane stands for. `key_hashes` are the key's fingerprints, the current one first."""

    kind: str
    base_url: str
    key_hashes: tuple[bytes, ...] = field(repr=False)
    key_last4: str = ""
    server: str | None = None
    project: str | None = None
    location: str | None = None
    output_uri: str | None = None
    billing: str = "per_video"
    max_in_flight: int | None = None


@dataclass(frozen=True, slots=True)
class LaneStanding:
    """A lane with what is on it: `in_flight` counts submissions at the provider, `queued` all that waits."""

    lane: Lane
    in_flight: int
    queued: int


@dataclass(frozen=True, slots=True)
class LaneChange:
    """New settings; only those named in `members` change, and None gives a setting back to the environment."""

    members: tuple[str, ...]
    rate_per_minute: int | None = None
    max_in_flight: int | None = None
    requests_per_second: int | None = None
    policy: str | None = None
    paused: bool = False
    budget_day_micros: int | None = None
    budget_month_micros: int | None = None


async def find_or_make(conn: Executor, lane: NewLane) -> UUID:
    """The lane of this account; the same for every caller with the same key, however often it is sealed anew."""
    values = (lane.server, lane.project, lane.location, lane.output_uri, lane.billing, lane.max_in_flight)
    key = (lane.kind, lane.base_url, list(lane.key_hashes), lane.key_last4)
    found: UUID | None = await conn.fetchval(_FIND_OR_MAKE, *key, *values)
    while found is None:
        # Another transaction made it after this statement's snapshot; the next snapshot shows it.
        found = await conn.fetchval(_FIND_OR_MAKE, *key, *values)
    return found


async def standings(conn: Executor, generation_timeout_s: float, lane_id: UUID | None = None) -> list[LaneStanding]:
    """All lanes, or the one, oldest first. After `generation_timeout_s` a submission no longer counts as in flight."""
    rows = await conn.fetch(_LIST, generation_timeout_s, lane_id)
    return [LaneStanding(Lane.of(row), row["in_flight"], row["queued"]) for row in rows]


async def change(conn: Executor, lane_id: UUID, wanted: LaneChange) -> bool:
    """Set what is named; False where there is no such lane."""
    limits = (wanted.rate_per_minute, wanted.max_in_flight, wanted.requests_per_second)
    budgets = (wanted.budget_day_micros, wanted.budget_month_micros)
    found = await conn.fetchval(_SET, lane_id, list(wanted.members), *limits, wanted.policy, wanted.paused, *budgets)
    return found is not None


async def ceilings(conn: Executor, lane_ids: list[UUID]) -> dict[UUID, int]:
    """The ceilings of requests a second that these lanes set themselves."""
    return {row["id"]: row["requests_per_second"] for row in await conn.fetch(_CEILINGS, lane_ids)}


async def recognise_by(conn: Executor, lane_id: UUID, key_hash: bytes) -> None:
    """Give a lane the fingerprint that its key has under a new ENCRYPTION_KEY."""
    await conn.execute(_RECOGNISE, lane_id, key_hash)
