"""A small world in a database: clients, lanes, credentials, workers and videos, made as the faces make them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from db import accept, claims, clients, lane_settings, submissions, transitions, work, workers
from db.accept import NewJob
from db.claims import Claim, LaneDefaults
from db.connection import Pool, transaction
from db.credentials import NewCredential, find_or_keep
from db.crypto import Sealer
from db.lane_settings import NewLane
from db.states import JobState
from db.tables import Lane, Submission, VideoJob, Worker
from db.tables.accounts import DEFAULT_CLIENT
from db.transitions import Hold, Stored
from db.work import WorkItem

PRICE = 400_000
"""What one video of these tests costs, in millionths of a dollar."""

LIMITS = LaneDefaults(
    rate_per_minute=10,
    max_in_flight=10,
    generation_timeout=timedelta(minutes=30),
    submit_timeout=timedelta(seconds=60),
)
FREE = replace(LIMITS, rate_per_minute=0, max_in_flight=0)
"""No limit of any kind."""

PATIENCE = timedelta(minutes=30)
VIDEO = Stored("v/1/video.mp4", "v/1/poster.webp", 1000, "ab" * 32, "video/mp4", 1280, 720, 4.0, 24.0)

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose video it is and where it waits."""

    client: UUID
    lane: UUID
    credential: UUID


@dataclass(frozen=True, slots=True)
class World:
    """Everything is made through `db`; rows are read back with plain statements."""

    pool: Pool

    async def client(self, weight: float = 1.0) -> UUID:
        made = await clients.make(self.pool, f"client {next(_numbers)}", weight)
        assert made is not None
        return made.id

    async def account(self, client: UUID = DEFAULT_CLIENT, lane: UUID | None = None, **settings: Any) -> Account:
        """A client's key on a lane: a new one with these columns set, or the one that is named."""
        if lane is None:
            key = b"key %d" % next(_numbers)
            new = NewLane("openai_videos", "http://127.0.0.1:1/v1", (key.ljust(32),))
            lane = await lane_settings.find_or_make(self.pool, new)
            await self.set_lane(lane, **settings)
        key = NewCredential(client, lane, "stored", "sk-a-key")
        return Account(client, lane, await find_or_keep(self.pool, Sealer([bytes(32)]), key))

    async def set_lane(self, lane: UUID, **settings: Any) -> None:
        for column, value in settings.items():
            await self.pool.execute(f"UPDATE reelwork.lanes SET {column} = $2 WHERE id = $1", lane, value)

    async def jobs(
        self, account: Account, number: int, *, budget_micros: int | None = None, **fields: Any
    ) -> list[UUID]:
        """Accept `number` videos in one transaction, as a storyboard is; their ids in its order."""
        new = [new_job(account, **fields) for _ in range(number)]
        async with transaction(self.pool) as conn:
            await clients.lock(conn, account.client)
            await accept.accept(conn, new, budget_micros)
        return [job.id for job in new]

    async def job(self, account: Account, **fields: Any) -> UUID:
        (job_id,) = await self.jobs(account, 1, **fields)
        return job_id

    async def worker(self) -> UUID:
        """A process that has just registered."""
        row = Worker(id=uuid4(), host="here", pid=1, version="0", capacity=100)
        await workers.register(self.pool, row)
        return row.id

    async def claim(
        self, lane: UUID, worker: UUID | None = None, places: int = 100, limits: LaneDefaults = LIMITS
    ) -> Claim:
        return await claims.claim(self.pool, lane, worker or await self.worker(), places, limits)

    async def item(self, job_id: UUID) -> WorkItem:
        """What the video's owner sees of it."""
        row = await self.row(job_id)
        assert row.owner is not None
        (found,) = await work.items(self.pool, [job_id], row.owner)
        return found

    async def submitting(self, account: Account, worker: UUID | None = None, **fields: Any) -> WorkItem:
        """A video that was accepted and claimed."""
        job_id = await self.job(account, **fields)
        got = await self.claim(account.lane, worker, limits=FREE)
        assert job_id in got.job_ids
        return await self.item(job_id)

    async def generating(self, account: Account, worker: UUID | None = None, **fields: Any) -> WorkItem:
        """A video that its provider has named `video_…`."""
        item = await self.submitting(account, worker, **fields)
        await self.named(item, f"video_{item.id.hex}")
        return await self.item(item.id)

    async def collecting(self, account: Account, worker: UUID | None = None, **fields: Any) -> WorkItem:
        """A video that its provider has finished."""
        item = await self.generating(account, worker, **fields)
        assert await transitions.finished(self.pool, hold(item), {"url": "http://127.0.0.1:1/file"})
        return await self.item(item.id)

    async def unknown(self, account: Account, worker: UUID | None = None, **fields: Any) -> WorkItem:
        """A video whose submission's answer was lost."""
        item = await self.submitting(account, worker, **fields)
        assert await transitions.outcome_unknown(
            self.pool, hold(item), sub(item), code="answer_lost", message="no answer"
        )
        return await self.item(item.id)

    async def in_review(self, account: Account, **fields: Any) -> UUID:
        """A video that waits for a person's decision."""
        item = await self.unknown(account, **fields)
        states = (JobState.SUBMITTING,)
        assert await transitions.review(self.pool, hold(item), from_states=states, code="unknown", message="?")
        return item.id

    async def named(self, item: WorkItem, provider_id: str, *, inferred: bool = False) -> bool:
        return await transitions.accepted(
            self.pool,
            hold(item),
            submission_id=sub(item),
            provider_id=provider_id,
            patience=PATIENCE,
            inferred=inferred,
        )

    async def infer(self, item: WorkItem, provider_id: str) -> None:
        """A listing named the video of a lost submission."""
        await submissions.adopt(self.pool, sub(item), provider_id)
        assert await self.named(item, provider_id, inferred=True)

    async def adopted(self) -> list[UUID]:
        """What a new worker takes over."""
        return await workers.adopt(self.pool, await self.worker(), 100)

    async def row(self, job_id: UUID) -> VideoJob:
        record = await self.pool.fetchrow("SELECT * FROM reelwork.video_jobs WHERE id = $1", job_id)
        assert record is not None
        return VideoJob.of(record)

    async def lane(self, lane_id: UUID) -> Lane:
        record = await self.pool.fetchrow("SELECT * FROM reelwork.lanes WHERE id = $1", lane_id)
        assert record is not None
        return Lane.of(record)

    async def submission(self, submission_id: UUID | None) -> Submission:
        record = await self.pool.fetchrow("SELECT * FROM reelwork.submissions WHERE id = $1", submission_id)
        assert record is not None
        return Submission.of(record)

    async def states(self, job_ids: list[UUID]) -> list[str]:
        """The states of these videos, in their order."""
        rows = await self.pool.fetch("SELECT id, state FROM reelwork.video_jobs WHERE id = ANY ($1)", job_ids)
        found = {row["id"]: row["state"] for row in rows}
        return [found[job_id] for job_id in job_ids]

    async def told(self, job_id: UUID) -> list[str]:
        """The verbs of the video's timeline."""
        rows = await self.pool.fetch("SELECT type FROM reelwork.job_events WHERE job_id = $1 ORDER BY id", job_id)
        return [row["type"] for row in rows]

    async def books(self, job_id: UUID) -> list[tuple[int, str, int]]:
        """The video's ledger lines: attempt, entry, what it adds to the day's spend."""
        rows = await self.pool.fetch(
            "SELECT attempt, entry, delta_micros FROM reelwork.ledger WHERE job_id = $1 ORDER BY id", job_id
        )
        return [(row["attempt"], row["entry"], row["delta_micros"]) for row in rows]

    async def ages(self, age: timedelta) -> None:
        """Let time pass for every submission and due row."""
        await self.pool.execute(
            "UPDATE reelwork.submissions SET intent_at = intent_at - $1::interval, deadline_at = deadline_at - $1", age
        )
        await self.pool.execute("UPDATE reelwork.video_jobs SET due_at = due_at - $1::interval", age)

    async def now(self) -> datetime:
        """The database's clock."""
        moment: datetime = await self.pool.fetchval("SELECT now()")
        return moment


def new_job(account: Account, **fields: Any) -> NewJob:
    """A request with a prompt, and so a fingerprint, of its own."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": uuid4(),
        "client_id": account.client,
        "lane_id": account.lane,
        "credential_id": account.credential,
        "storyboard_id": None,
        "scene_id": None,
        "kind": "openai_videos",
        "server": None,
        "model": "sora-2",
        "requested_model": "sora-2",
        "adjusted": None,
        "prompt": f"a cat, number {number}",
        "params": {"seconds": 4, "size": "1280x720"},
        "caller_metadata": None,
        "webhook_url": None,
        "body_hash": f"{number:064x}",
        "fingerprint": f"{number:064x}",
        "inputs_hash": None,
        "trace_id": None,
        "simulated": False,
        "priority": 2,
        "run_at": None,
        "expires_at": None,
        "estimate_micros": PRICE,
        "catalogue_version": "test",
    }
    return NewJob(**(values | fields))


def hold(item: WorkItem) -> Hold:
    return Hold(item.id, item.epoch)


def sub(item: WorkItem) -> UUID:
    """The submission under way."""
    assert item.submission_id is not None
    return item.submission_id
