"""A database that has been in use for a while: a million finished videos, some thousands queued and in flight."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import asyncpg

FINISHED = 1_000_000
QUEUED = 3_000
SCHEDULED = 20_000
BIG_TABLES = ("video_jobs", "submissions", "job_events", "ledger")

# Row n of the past belongs to client n % 20 and lane n % 5; four of them make a storyboard; a second apart.
_PAST = """
INSERT INTO reelwork.video_jobs
  (id, client_id, lane_id, credential_id, storyboard_id, scene_id, kind, model, requested_model, prompt, params,
   body_hash, fingerprint, state, epoch, tag, attempts_made, submission_id, provider_job_id, progress, estimate_micros,
   cost_micros, catalogue_version, video_key, created_at, started_at, completed_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, lpad((n % 20)::text, 32, '0')::uuid, lpad((n % 5)::text, 32, '0')::uuid,
  lpad((n % 5)::text, 32, '0')::uuid, 'storyboard-' || n / 80, 'scene', 'openai_videos', 'sora-2', 'sora-2',
  'a cat', '{"seconds": 4}', '\\x00', decode(lpad(to_hex(n), 64, '0'), 'hex'),
  CASE WHEN n % 50 = 0 THEN 'failed' WHEN n % 97 = 0 THEN 'cancelled' ELSE 'completed' END,
  1, n, 1, ('a' || lpad(to_hex(n), 31, '0'))::uuid, 'video_' || n, 100, 400000, 400000, '1', 'video/' || n,
  now() - make_interval(secs => $1 - n + 300), now() - make_interval(secs => $1 - n + 240),
  now() - make_interval(secs => $1 - n + 120)
FROM generate_series($2::int, $3::int) n
"""

# In flight: 50 submitting, 850 generating, 100 collecting, 20 in review; by four workers, one of whom is dead.
_PRESENT = """
INSERT INTO reelwork.video_jobs
  (id, client_id, lane_id, credential_id, kind, model, requested_model, prompt, params, body_hash, fingerprint, state,
   epoch, tag, owner, submission_id, provider_job_id, estimate_micros, catalogue_version, due_at, run_at, result)
SELECT ('f' || lpad(to_hex(n), 31, '0'))::uuid, lpad((n % 20)::text, 32, '0')::uuid, lpad((n % 5)::text, 32, '0')::uuid,
  lpad((n % 5)::text, 32, '0')::uuid, 'openai_videos', 'sora-2', 'sora-2', 'a cat', '{"seconds": 4}', '\\x00',
  decode('ff' || lpad(to_hex(n), 62, '0'), 'hex'),
  CASE WHEN n <= 50 THEN 'submitting' WHEN n <= 900 THEN 'generating' WHEN n <= 1000 THEN 'collecting'
    WHEN n <= 1020 THEN 'needs_review' ELSE 'queued' END,
  1, CASE WHEN n <= 1020 + $1 THEN 1000000 + n END,
  CASE WHEN n <= 1000 THEN lpad((n % 4)::text, 32, '0')::uuid END,
  CASE WHEN n <= 1020 THEN ('b' || lpad(to_hex(n), 31, '0'))::uuid END,
  CASE WHEN n BETWEEN 51 AND 1000 THEN 'video_now_' || n END, 400000, '1',
  CASE WHEN n > 1520 + $1 THEN now() + interval '1 day' WHEN n > 1020 THEN now() - interval '1 minute' END,
  CASE WHEN n > 1020 + $1 THEN now() + interval '1 day' END, '{}'
FROM generate_series(1, 1520 + $1::int + $2::int) n
"""

_SUBMISSIONS = """
INSERT INTO reelwork.submissions
  (id, job_id, lane_id, attempt, epoch, worker, fingerprint, label, intent_at, deadline_at, answered_at, provider_id,
   outcome, ended_at)
SELECT submission_id, id, lane_id, attempt, epoch, owner, fingerprint, 'rw-' || submission_id,
  coalesce(started_at, now()), coalesce(started_at, now()) + interval '1 minute', started_at, provider_job_id,
  CASE WHEN provider_job_id IS NOT NULL THEN 'accepted' WHEN state = 'needs_review' THEN 'review' END, completed_at
FROM reelwork.video_jobs WHERE submission_id IS NOT NULL
"""

_EVENTS = """
INSERT INTO reelwork.job_events (job_id, at, type, state, attempt)
SELECT id, created_at, 'created', 'queued', 1 FROM reelwork.video_jobs
UNION ALL
SELECT id, created_at, 'progress', 'generating', 1 FROM reelwork.video_jobs WHERE state = 'generating'
"""

_LEDGER = """
INSERT INTO reelwork.ledger
  (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, catalogue_version)
SELECT id, 1, client_id, lane_id, entry, 400000, CASE entry WHEN 'reserve' THEN 400000 ELSE 0 END, created_at::date, '1'
FROM reelwork.video_jobs, (VALUES ('reserve'), ('settle')) AS e (entry)
WHERE tag::int % 2 = 0 AND (entry = 'reserve' OR completed_at IS NOT NULL)
"""

_ACCOUNTS = """
INSERT INTO reelwork.clients (id, name)
SELECT lpad(n::text, 32, '0')::uuid, 'client ' || n FROM generate_series(0, 19) n;
INSERT INTO reelwork.lanes (id, kind, base_url, key_hash, key_last4)
SELECT lpad(n::text, 32, '0')::uuid, 'openai_videos', 'http://' || n, '\\x00', '' FROM generate_series(0, 4) n;
INSERT INTO reelwork.credentials (id, client_id, lane_id, source, sealed, last4)
SELECT lpad(n::text, 32, '0')::uuid, lpad(n::text, 32, '0')::uuid, lpad(n::text, 32, '0')::uuid, 'stored', '\\x00', ''
FROM generate_series(0, 4) n;
INSERT INTO reelwork.workers (id, host, pid, version, ended_at)
SELECT lpad(n::text, 32, '0')::uuid, 'host', n, '1', CASE WHEN n = 3 THEN now() END FROM generate_series(0, 3) n
"""

_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = 'reelwork' AND tablename = ANY ($1) AND indexname NOT LIKE 'pk\\_%' ORDER BY tablename
"""

# A table can only be unlogged after those that refer to it.
_LEANING = """
SELECT conrelid::regclass::text AS name FROM pg_constraint
WHERE contype = 'f' AND confrelid = 'reelwork.video_jobs'::regclass
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """A database with a million videos, and the names of some rows in it."""

    url: str
    lane: UUID = UUID(int=1)
    client: UUID = UUID(int=1)
    worker: UUID = UUID(int=1)
    storyboard: str = "storyboard-7000"

    @staticmethod
    def past(number: int) -> UUID:
        """The id of a finished video."""
        return UUID(int=number)

    @staticmethod
    def present(number: int) -> UUID:
        """The id of a video that has not ended: 1 … 50 submitting, … 900 generating, … 1000 collecting, then queued."""
        return UUID(f"f{number:031x}")

    @staticmethod
    def submission(number: int) -> UUID:
        """The submission of that video, where it has one."""
        return UUID(f"b{number:031x}")


async def fill(url: str) -> Crowd:
    """Fill a migrated, empty database as fast as one processor can: indexes last, nothing logged, nothing checked."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica; SET work_mem = '64MB'")
        unlogged = [row["name"] for row in await connection.fetch(_LEANING)] + [
            f"reelwork.{name}" for name in BIG_TABLES
        ]
        for table in unlogged:
            await connection.execute(f"ALTER TABLE {table} SET UNLOGGED")
        indexes = await connection.fetch(_INDEXES, list(BIG_TABLES))
        await connection.execute(";".join(f"DROP INDEX reelwork.{row['indexname']}" for row in indexes))
        await connection.execute(_ACCOUNTS)
        halves = (1, FINISHED // 2), (FINISHED // 2 + 1, FINISHED)
        await asyncio.gather(*(_execute(url, _PAST, FINISHED, *half) for half in halves))
        await connection.execute(_PRESENT, QUEUED, SCHEDULED)
        await asyncio.gather(*(_execute(url, statement) for statement in (_SUBMISSIONS, _EVENTS, _LEDGER)))
        await _build([row["indexdef"] for row in indexes], url)
        await asyncio.gather(*(_execute(url, f"VACUUM (ANALYZE) reelwork.{table}") for table in BIG_TABLES))
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    return Crowd(url)


async def _build(definitions: list[str], url: str) -> None:
    halves = definitions[::2], definitions[1::2]
    await asyncio.gather(*(_execute(url, "; ".join(half)) for half in halves))


async def _execute(url: str, statement: str, *arguments: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica; SET maintenance_work_mem = '128MB'")
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()
