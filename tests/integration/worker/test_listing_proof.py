"""What a provider's listing proves of a lost submission, on the real statements and with listings of every manner."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from db.connection import Database, open_pool
from db.work import WorkItem
from providers.base import ListPage, RemoteStatus, RemoteVideo
from tests.integration.db.world import Account, World
from worker.listing import Look, look_for

MINUTE = timedelta(minutes=1)


@dataclass
class Shown:
    """A provider that shows these pages, or its last one again and again; `ahead` is how far its clock is ahead."""

    pages: Sequence[Sequence[RemoteVideo]] = ()
    endless: bool = False
    ahead: timedelta = timedelta(0)
    read: int = field(default=0)

    async def list_recent(self, account: Any, cursor: str | None = None, limit: int = 100) -> ListPage:
        number = min(int(cursor or 0), len(self.pages) - 1)
        self.read += 1
        more = self.endless or number + 1 < len(self.pages)
        return ListPage(self.pages[number], str(number + 1) if more else None, datetime.now(UTC) + self.ahead)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_pool(Database(database_url), 4) as pool:
        yield World(pool)


async def look(world: World, item: WorkItem, shown: Shown) -> Look:
    tools: Any = SimpleNamespace(pool=world.pool, provider=lambda _: shown, account=lambda _: None)
    return await look_for(tools, await world.item(item.id))


def video_of(item: WorkItem, name: str | None = None) -> RemoteVideo:
    """The item's video as an honest listing shows it."""
    assert item.intent_at is not None
    return RemoteVideo(
        name or item.provider_job_id or "video_lost",
        RemoteStatus.RUNNING,
        "in_progress",
        created_at=item.intent_at,
        model=item.model,
        prompt=item.prompt,
        seconds="4",
        size="1280x720",
    )


async def lost_and_later(world: World, account: Account) -> tuple[WorkItem, WorkItem]:
    """A lost submission, and one made later whose id is known."""
    lost = await world.unknown(account)
    return lost, await world.generating(account)


def an_old_one(item: WorkItem) -> RemoteVideo:
    shown = video_of(item, "video_old")
    return replace(shown, created_at=(shown.created_at or datetime.now(UTC)) - 60 * MINUTE, prompt="an old cat")


async def test_a_later_video_of_ours_proves_that_the_lost_one_never_arrived(world: World) -> None:
    lost, later = await lost_and_later(world, await world.account())

    assert await look(world, lost, Shown([[video_of(later), an_old_one(lost)]])) is Look.ABSENT


async def test_its_own_video_is_found_by_a_clock_that_is_hours_off(world: World) -> None:
    lost, later = await lost_and_later(world, await world.account())
    off = timedelta(hours=-5)
    listed = [replace(one, created_at=one.created_at + off) for one in (video_of(later), video_of(lost))]  # type: ignore[operator]

    assert await look(world, lost, Shown([listed], ahead=off)) is Look.FOUND
    assert (await world.item(lost.id)).provider_id == "video_lost"


@pytest.mark.parametrize(
    "changed",
    [
        {"prompt": None},
        {"prompt": "a cat, as the server calls it"},
        {"model": "sora-2-2025-10-06"},
        {"seconds": "4000"},
        {"created_at": None},
        {"created_at": datetime(2001, 1, 1, tzinfo=UTC)},
    ],
)
async def test_a_listing_that_shows_ours_otherwise_than_it_was_asked_proves_nothing(
    world: World, changed: dict[str, Any]
) -> None:
    lost, later = await lost_and_later(world, await world.account())
    listed = [replace(one, **changed) for one in (video_of(later), video_of(lost))]

    for _ in range(4):
        assert await look(world, lost, Shown([listed])) is Look.NOT_YET


async def test_a_listing_that_does_not_reach_back_to_the_intent_proves_nothing(world: World) -> None:
    lost, later = await lost_and_later(world, await world.account())

    assert await look(world, lost, Shown([[video_of(later)]], endless=True)) is Look.NOT_YET


async def test_a_listing_from_the_oldest_on_is_read_to_its_end(world: World) -> None:
    lost, later = await lost_and_later(world, await world.account())
    shown = Shown([[an_old_one(lost), replace(an_old_one(lost), provider_id="video_older")], [video_of(lost)]])
    ascending = [replace(one, created_at=one.created_at - n * MINUTE) for n, one in enumerate(shown.pages[0])][::-1]  # type: ignore[operator]

    assert await look(world, lost, Shown([ascending, [video_of(lost), video_of(later)]])) is Look.FOUND


async def test_reading_ends_where_the_listing_is_older_than_the_intent(world: World) -> None:
    lost, later = await lost_and_later(world, await world.account())
    shown = Shown([[video_of(later), an_old_one(lost)], [an_old_one(lost)]])

    await look(world, lost, shown)

    assert shown.read == 1


async def test_an_earlier_video_of_ours_proves_it_after_three_clean_looks(world: World) -> None:
    account = await world.account()
    earlier = await world.generating(account)
    lost = await world.unknown(account)
    shown = Shown([[video_of(earlier), an_old_one(lost)]])

    assert [await look(world, lost, shown) for _ in range(3)] == [Look.NOT_YET, Look.NOT_YET, Look.ABSENT]


async def test_an_empty_listing_of_a_server_that_never_showed_ours_proves_nothing(world: World) -> None:
    lost = await world.unknown(await world.account())

    assert [await look(world, lost, Shown([[]])) for _ in range(4)] == [Look.NOT_YET] * 4


async def test_a_call_for_the_same_under_way_is_waited_for(world: World) -> None:
    account = await world.account()
    lost = await world.submitting(account, fingerprint="ab" * 32, prompt="twins")
    live = await world.submitting(account, fingerprint="ab" * 32, prompt="twins")
    await world.pool.execute("UPDATE reelwork.submissions SET outcome = 'unknown' WHERE id = $1", lost.submission_id)

    assert await look(world, lost, Shown([[video_of(live, "video_of_its_own")]])) is Look.LIVE
    assert (await world.item(lost.id)).provider_id is None
