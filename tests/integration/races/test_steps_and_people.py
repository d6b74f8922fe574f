"""What people and a worker do to one video at the same moment, in every state: one outcome, one sum, one story."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import product
from uuid import UUID

import httpx
import pytest

from db import steering, submissions, transitions
from db.connection import Database
from db.retry import contended
from db.states import ENDED, JobState, Outcome
from db.transitions import Ending, Refusal
from db.work import WorkItem
from tests.integration.db.sessions import locked_job
from tests.integration.db.world import FREE, PATIENCE, PRICE, VIDEO, Account, World, hold, sub

LATER = timedelta(0)
SUBMITTING, GENERATING, COLLECTING = (JobState.SUBMITTING,), (JobState.GENERATING,), (JobState.COLLECTING,)
_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'
"""

Maker = Callable[[World, Account], Awaitable[WorkItem]]
Step = Callable[[World, WorkItem], Awaitable[bool]]
"""A worker's step on a video that it holds; True where it was taken."""


async def named(world: World, item: WorkItem) -> bool:
    return await world.named(item, f"video_{item.id.hex}")


async def inferred(world: World, item: WorkItem) -> bool:
    await submissions.adopt(world.pool, sub(item), f"video_{item.id.hex}")
    return await world.named(item, f"video_{item.id.hex}", inferred=True)


async def busy(world: World, item: WorkItem) -> bool:
    return await transitions.requeued(
        world.pool, hold(item), sub(item), Refusal(Outcome.NOT_ACCEPTED, LATER, "busy", "503")
    )


async def absent(world: World, item: WorkItem) -> bool:
    return await transitions.requeued(world.pool, hold(item), sub(item), Refusal(Outcome.ABSENT, LATER, "absent", "?"))


async def rejected(world: World, item: WorkItem) -> bool:
    ending = Ending(JobState.FAILED, SUBMITTING, "moderation", "no", outcome=Outcome.REJECTED)
    return await transitions.end(world.pool, hold(item), ending)


async def review(world: World, item: WorkItem) -> bool:
    return await transitions.review(world.pool, hold(item), from_states=SUBMITTING, code="unknown", message="?")


async def finished(world: World, item: WorkItem) -> bool:
    return await transitions.finished(world.pool, hold(item), {"url": "http://127.0.0.1:9/file"})


async def again(world: World, item: WorkItem) -> bool:
    return await transitions.again(world.pool, hold(item), wait=LATER, code="broken", message="500")


async def failed_free(world: World, item: WorkItem) -> bool:
    return await transitions.end(world.pool, hold(item), Ending(JobState.FAILED, GENERATING, "broken", "500"))


async def timed_out(world: World, item: WorkItem) -> bool:
    ending = Ending(JobState.FAILED, GENERATING, "generation_timeout", "late", cost_micros=PRICE)
    return await transitions.end(world.pool, hold(item), ending)


async def stored(world: World, item: WorkItem) -> bool:
    return await transitions.stored(world.pool, hold(item), VIDEO, PRICE)


async def expired(world: World, item: WorkItem) -> bool:
    ending = Ending(JobState.FAILED, COLLECTING, "asset_expired", "gone", cost_micros=PRICE)
    return await transitions.end(world.pool, hold(item), ending)


async def claimed(world: World, item: WorkItem) -> bool:
    return item.id in (await world.claim(item.lane_id, limits=FREE)).job_ids


PEOPLE = {
    "cancel": ("POST", "/api/video/{}/cancel", None),
    "discard": ("POST", "/api/video/{}/cancel?discard=true", None),
    "retry": ("POST", "/api/admin/queue/retry/{}", None),
    "delete": ("DELETE", "/api/video/{}", None),
    "resubmit": ("POST", "/api/admin/jobs/{}/resolve", {"action": "resubmit"}),
    "fail": ("POST", "/api/admin/jobs/{}/resolve", {"action": "fail"}),
}


async def queued_again(world: World, account: Account) -> WorkItem:
    item = await world.submitting(account)
    assert await busy(world, item)
    return item


async def cancelled(world: World, account: Account) -> WorkItem:
    item = await queued_again(world, account)
    assert await steering.cancel_now(world.pool, item.id, discard=False)
    return item


async def waited_for_again(world: World, account: Account) -> WorkItem:
    item = await world.generating(account)
    assert await timed_out(world, item)
    assert await steering.retry_where_the_money_is(world.pool, item.id, JobState.GENERATING, PATIENCE)
    await world.adopted()
    return await world.item(item.id)


def after(state: Maker, step: Step) -> Maker:
    """A video in that state on which that step was taken."""

    async def make(world: World, account: Account) -> WorkItem:
        item = await state(world, account)
        assert await step(world, item)
        return item

    return make


STATES: dict[str, tuple[Maker, list[Step]]] = {
    "queued": (queued_again, [claimed]),
    "submitting": (World.submitting, [named, busy, rejected]),
    "unknown": (World.unknown, [inferred, absent, review]),
    "generating": (World.generating, [finished, again, failed_free, timed_out]),
    "collecting": (World.collecting, [stored, expired]),
    "needs_review": (after(World.unknown, review), []),
    "failed free": (after(World.generating, failed_free), []),
    "timed out": (after(World.generating, timed_out), []),
    "expired": (after(World.collecting, expired), []),
    "waited for again": (waited_for_again, [finished, again, failed_free, timed_out]),
    "completed": (after(World.collecting, stored), []),
    "cancelled": (cancelled, []),
}
"""How a video comes there, as the worker that last held it sees it, and what that worker may do next."""


def moves(name: str) -> list[tuple[str | Step, str | Step]]:
    """All ordered pairs of what may happen, but those of a worker with itself."""
    everything: list[str | Step] = [*PEOPLE, *STATES[name][1]]
    return [pair for pair in product(everything, everything) if not (callable(pair[0]) and callable(pair[1]))]


@pytest.mark.parametrize("name", STATES)
async def test_two_at_once_have_one_outcome_one_sum_and_one_story(
    world: World, database: Database, client: httpx.AsyncClient, name: str
) -> None:
    for first, second in moves(name):
        item = await STATES[name][0](world, await world.account())
        before = len(await world.told(item.id))

        async def act(move: str | Step, item: WorkItem = item) -> bool:
            if callable(move):
                return await contended(lambda: move(world, item))
            method, path, body = PEOPLE[move]
            response = await client.request(method, path.format(item.id), json=body)
            assert response.status_code in (200, 202, 404, 409), response.text
            return response.is_success

        async with locked_job(database, item.id):
            acts = [asyncio.ensure_future(act(first))]
            await waiting_or_done(world, acts)
            acts.append(asyncio.ensure_future(act(second)))
            await waiting_or_done(world, acts)
        done = await asyncio.gather(*acts)

        story = f"{name}: {first} {second} {done}"
        await check_books(world, item.id, story)
        await check_story(world, item.id, before, done, story)


async def waiting_or_done(world: World, acts: list["asyncio.Future[bool]"]) -> None:
    """Each has met the lock, or has ended without it."""
    async with asyncio.timeout(30):
        while await world.pool.fetchval(_WAITING) + sum(act.done() for act in acts) < len(acts):
            await asyncio.sleep(0.002)


async def state_of(world: World, job_id: UUID) -> str:
    return await world.pool.fetchval("SELECT state FROM reelwork.video_jobs WHERE id = $1", job_id) or "gone"


async def check_books(world: World, job_id: UUID, story: str) -> None:
    """Each attempt is reserved once; every attempt but the last of a video that goes on has had its one verdict."""
    state, books = await state_of(world, job_id), await world.books(job_id)
    reserved = sorted(attempt for attempt, entry, _ in books if entry == "reserve")
    verdicts = sorted(attempt for attempt, entry, _ in books if entry in ("settle", "release"))
    has_ended = state in (*ENDED, "gone")

    assert reserved == list(range(1, len(reserved) + 1)), story
    assert verdicts in ([reserved] if has_ended else [reserved[:-1], reserved]), (story, state, books)
    for attempt in reserved:
        assert sum(delta for number, _, delta in books if number == attempt) in (0, PRICE), (story, books)
    if has_ended and state != "gone" and len(reserved) == 1:
        cost = await world.pool.fetchval("SELECT cost_micros FROM reelwork.video_jobs WHERE id = $1", job_id)
        assert sum(delta for _, _, delta in books) == cost, (story, books)


async def check_story(world: World, job_id: UUID, before: int, done: list[bool], story: str) -> None:
    """Each step that was taken has its line, the last line tells the state, and what ended was ended once."""
    state = await state_of(world, job_id)
    if state == "gone":
        assert await world.told(job_id) == [], story
        return
    rows = await world.pool.fetch("SELECT type, state FROM reelwork.job_events WHERE job_id = $1 ORDER BY id", job_id)
    lines = [row["type"] for row in rows[before:]]
    assert len(lines) == sum(done), (story, lines)
    assert [row["state"] for row in rows if row["state"]][-1] == state, (story, state, [dict(row) for row in rows])
    endings = [line for line in lines if line in ("completed", "failed", "cancelled")]
    assert len(endings) <= 1 + lines.count("retried"), (story, lines)
