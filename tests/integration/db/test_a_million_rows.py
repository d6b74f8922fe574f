"""The statements that run often find their rows by an index, however many videos have ended."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from db import (
    claims,
    copies,
    create_calls,
    images,
    ledger,
    queue_figures,
    reads,
    rescue,
    retention,
    steering,
    submissions,
    transitions,
    work,
    workers,
)
from db.connection import Database, Executor, connect
from db.fairness import next_tags
from db.lane_settings import standings
from db.queue_figures import StallPolicy
from db.reads import OLDEST, Filter
from db.retention import Kept
from db.states import JobState
from db.transitions import Hold
from devstack.engines.databases import DatabaseMaker
from tests.integration.db.million import Crowd, fill
from tests.integration.db.plans import Plans
from tests.integration.db.world import FREE, LIMITS, PATIENCE, VIDEO

Call = Callable[[Executor], Awaitable[Any]]

_MOST_ROWS = 20_000
"""Rows of a big table that one statement may look at: fewer than have not ended."""
_TIMES = 7
"""Calls on one connection: after five, PostgreSQL may settle on one plan for all values."""
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_KEPT = Kept(_HOUR, 100, _DAY, 500)
_STALL = StallPolicy(after=timedelta(minutes=1), generation_timeout=LIMITS.generation_timeout, max_in_flight=10)


def _loops(crowd: Crowd) -> dict[str, Call]:
    """What every worker asks each second or few, and what clean-up asks each minute."""
    return {
        "place what became due": claims.tag_due,
        "startable lanes": claims.startable_lanes,
        "claim": lambda conn: claims.claim(conn, crowd.lane, crowd.worker, 20, FREE),
        "claim under limits": lambda conn: claims.claim(conn, crowd.lane, crowd.worker, 20, LIMITS),
        "items": lambda conn: work.items(conn, [crowd.present(n) for n in range(50)], crowd.worker),
        "owned": lambda conn: workers.owned(conn, crowd.worker),
        "readopt": lambda conn: workers.readopt(conn, crowd.worker, [crowd.present(401)]),
        "adopt": lambda conn: workers.adopt(conn, crowd.worker, 500),
        "release": lambda conn: workers.release(conn, crowd.worker, []),
        "copies to remove": lambda conn: copies.take(conn, 20),
        "creates to forget": lambda conn: create_calls.forget(conn, 1000),
        "forget": lambda conn: workers.forget(conn, _DAY),
        "images to forget": lambda conn: images.forget(conn, 50),
        "expire queued": rescue.expire_queued,
        "cancel requeued": steering.cancel_requeued,
        "progress": lambda conn: transitions.progress(conn, [(crowd.present(n), 1, n % 90) for n in range(60, 260)]),
        "trim progress": lambda conn: retention.trim_progress(conn, _KEPT, 1000),
        "trim events": lambda conn: retention.trim_events(conn, timedelta(days=30), 1000),
        "trim the oldest events": lambda conn: retention.trim_events(conn, timedelta(days=11), 1000),
        "old rows": lambda conn: retention.old_rows(conn, timedelta(days=11), 50),
        "old videos": lambda conn: retention.old_videos(conn, timedelta(days=11), 50),
        "half deleted": lambda conn: retention.half_deleted(conn, 50),
        "discarded": lambda conn: retention.discarded(conn, _HOUR, 50),
        "wants files": lambda conn: retention.wants_files(conn, crowd.past(500_000)),
    }


def _steps(crowd: Crowd) -> dict[str, Call]:
    """What moves one video, and what recovery asks for one."""
    submitting, generating, collecting = (Hold(crowd.present(n), 1) for n in (10, 100, 950))
    fingerprint = bytes.fromhex("ff" + f"{10:062x}")
    submission = crowd.submission(10)
    return {
        "images to send": lambda conn: images.of_job(conn, crowd.present(10)),
        "accepted": lambda conn: transitions.accepted(
            conn, submitting, submission_id=submission, provider_id="video_new", patience=PATIENCE
        ),
        "unknown": lambda conn: transitions.outcome_unknown(conn, submitting, submission, code="lost", message="?"),
        "finished": lambda conn: transitions.finished(conn, generating, {}),
        "again": lambda conn: transitions.again(conn, generating, wait=PATIENCE, code="failed", message="?"),
        "stored": lambda conn: transitions.stored(conn, collecting, VIDEO, 400_000),
        "is one live": lambda conn: submissions.has_live(conn, crowd.lane, fingerprint),
        "what is unknown": lambda conn: submissions.unknown_of(conn, crowd.lane, fingerprint),
        "known ids": lambda conn: submissions.known(conn, crowd.lane, [f"video_{n}" for n in range(200)]),
        "id given back": lambda conn: submissions.give_back(conn, crowd.lane, "video_now_101", submission),
    }


def _faces(crowd: Crowd) -> dict[str, Call]:
    """What callers and operators ask."""
    everyone, ended = Filter(), Filter(client_id=crowd.client, states=(JobState.COMPLETED,))
    return {
        "one video": lambda conn: reads.job(conn, crowd.past(500_000), crowd.client),
        "its timeline": lambda conn: reads.events(conn, crowd.past(500_000)),
        "storyboard": lambda conn: reads.storyboard(conn, crowd.storyboard, None),
        "newest of all": lambda conn: reads.page(conn, everyone, 50),
        "newest of one's own": lambda conn: reads.page(conn, Filter(client_id=crowd.client), 50),
        "oldest of all": lambda conn: reads.page_ascending(conn, Filter(after=OLDEST), 50),
        "oldest of one's own": lambda conn: reads.page_ascending(conn, Filter(crowd.client, after=OLDEST), 50),
        "a page of what ended": lambda conn: reads.page(conn, ended, 50),
        "in review": lambda conn: reads.page(conn, Filter(states=(JobState.NEEDS_REVIEW,)), 50),
        "a storyboard's page": lambda conn: reads.page(conn, Filter(storyboard_id=crowd.storyboard), 50),
        "whose id": lambda conn: reads.owner_of_provider_id(conn, crowd.lane, "video_now_101"),
        "place in the order": lambda conn: next_tags(conn, crowd.lane, crowd.client, 2, 1),
        "latest failures": lambda conn: queue_figures.failures(conn, 50),
        "is it stalled": lambda conn: queue_figures.is_stalled(conn, _STALL),
    }


_GROW = {"queue figures": 30_000, "lanes": 30_000, "ended": 1_100_000, "budget": 200_000}
"""What counts rows by its nature, by an index, and how many rows that may be."""


def _counts() -> dict[str, Call]:
    return {
        "queue figures": queue_figures.stats,
        "lanes": lambda conn: standings(conn, 1800.0),
        "ended": queue_figures.ended,
        "budget": lambda conn: ledger.committed(conn, ledger.utc_day()),
    }


async def _looked_at(plans: Plans, calls: dict[str, Call]) -> list[str]:
    """Make each call in a transaction that is rolled back; returns what its statements did that they should not."""
    found: set[str] = set()
    for name, call in calls.items():
        for _ in range(_TIMES):
            complaints = await plans.of(call, _GROW.get(name, _MOST_ROWS))
            found |= {f"{name}: {complaint}" for complaint in complaints}
    return sorted(found)


async def test_hot_statements_find_their_rows_by_an_index_among_a_million(
    database_maker: DatabaseMaker, template_database: str
) -> None:
    url = database_maker.create(template_database)
    crowd = await fill(url)
    connection = await connect(Database(url))
    plans = await Plans.told_by(connection)

    calls = _loops(crowd) | _steps(crowd) | _faces(crowd) | _counts()
    found = await _looked_at(plans, calls)

    await connection.close()
    database_maker.drop(url)
    assert found == []
