"""Lost answers: who is still looked for, whose id is whose, and what is given back."""

import asyncio

import pytest

from db import steering, submissions, transitions
from db.connection import Database, transaction
from db.retry import UniqueViolation
from tests.integration.db.sessions import session, until_waiting
from tests.integration.db.world import World, hold, sub

FINGERPRINT = "ab" * 32
BYTES = bytes.fromhex(FINGERPRINT)


async def test_only_videos_whose_fate_is_open_are_looked_for(world: World) -> None:
    account = await world.account()
    item = await world.submitting(account, fingerprint=FINGERPRINT)
    twin = await world.submitting(account, fingerprint=FINGERPRINT)
    other_lane = await world.unknown(await world.account(), fingerprint=FINGERPRINT)
    for lost in (item, twin):
        assert await transitions.outcome_unknown(world.pool, hold(lost), sub(lost), code="timeout", message="?")
    assert other_lane.lane_id != account.lane

    async with transaction(world.pool) as conn:
        both = await submissions.unknown_of(conn, account.lane, BYTES)
        await submissions.adopt(conn, sub(item), "video_1")
        left = await submissions.unknown_of(conn, account.lane, BYTES)

    assert [lost.id for lost in both] == [sub(item), sub(twin)]
    assert [lost.id for lost in left] == [sub(twin)], "what was found is not matched with a second listed video"


async def test_a_watched_or_discarded_submission_is_not_matched_with_a_listed_video(world: World) -> None:
    account = await world.account()
    watched = await world.unknown(account, fingerprint=FINGERPRINT)
    assert await transitions.watch_output(world.pool, hold(watched), await world.now())
    discarded = await world.unknown(account, fingerprint=FINGERPRINT)
    assert await transitions.watch_output(world.pool, hold(discarded), await world.now())
    assert await steering.cancel_now(world.pool, discarded.id, discard=True)

    assert await submissions.unknown_of(world.pool, account.lane, BYTES) == []


async def test_a_call_under_way_is_live_until_its_answer_or_its_deadline(world: World) -> None:
    account = await world.account()
    item = await world.submitting(account, fingerprint=FINGERPRINT)

    assert await submissions.has_live(world.pool, account.lane, BYTES)
    assert not await submissions.has_live(world.pool, account.lane, b"another")
    assert await world.named(item, "video_1")
    assert not await submissions.has_live(world.pool, account.lane, BYTES)

    silent = await world.submitting(account, fingerprint=FINGERPRINT)
    await world.pool.execute("UPDATE reelwork.submissions SET deadline_at = now() WHERE id = $1", sub(silent))
    assert not await submissions.has_live(world.pool, account.lane, BYTES)


async def test_the_books_know_the_ids_of_their_lane_and_how_they_were_learned(world: World) -> None:
    account = await world.account()
    own, inferred = await world.generating(account), await world.unknown(account)
    await world.infer(inferred, "video_inferred")

    own_id = f"video_{own.id.hex}"
    known = await submissions.known(world.pool, account.lane, [own_id, "video_inferred", "video_of_a_stranger"])

    assert {(one.provider_id, one.inferred) for one in known} == {(own_id, False), ("video_inferred", True)}


async def test_a_calls_own_answer_takes_the_id_from_a_sibling_that_only_inferred_it(world: World) -> None:
    account = await world.account()
    guessed = await world.unknown(account, fingerprint=FINGERPRINT)
    await world.infer(guessed, "video_1")
    guessed = await world.item(guessed.id)
    answered = await world.submitting(account, fingerprint="cd" * 32)

    assert await submissions.give_back(world.pool, account.lane, "video_1", sub(answered))
    assert await world.named(answered, "video_1")

    row, submission = await world.row(guessed.id), await world.submission(sub(guessed))
    assert (row.state, row.owner, row.provider_job_id, row.attempts_made) == ("submitting", None, None, 0)
    assert (submission.outcome, submission.provider_id, submission.inferred) == ("unknown", None, False)
    assert not await transitions.finished(world.pool, hold(guessed), {"url": "not its own"})
    assert (await world.told(guessed.id))[-1] == "id_given_back"
    assert guessed.id in await world.adopted()


async def test_an_id_that_a_call_itself_was_answered_is_never_given_back(world: World) -> None:
    account = await world.account()
    first = await world.submitting(account)
    assert await world.named(first, "video_1")
    second = await world.submitting(account)

    assert not await submissions.give_back(world.pool, account.lane, "video_1", sub(second))

    assert await world.states([first.id]) == ["generating"]


async def test_a_sibling_that_already_has_the_video_keeps_it(world: World) -> None:
    account = await world.account()
    guessed = await world.unknown(account, fingerprint=FINGERPRINT)
    await world.infer(guessed, "video_1")
    assert await transitions.finished(world.pool, hold(guessed), {"url": "u"})
    answered = await world.submitting(account)

    assert not await submissions.give_back(world.pool, account.lane, "video_1", sub(answered))

    assert (await world.submission(sub(guessed))).provider_id == "video_1"
    assert await world.states([guessed.id]) == ["collecting"]


async def test_recovery_of_one_fingerprint_goes_one_at_a_time(world: World, database: Database) -> None:
    async with session(database) as other:
        async with other.transaction():
            await submissions.lock_fingerprint(other, BYTES)
            async with transaction(world.pool) as conn:
                await submissions.lock_fingerprint(conn, b"another")
            second = asyncio.ensure_future(locked_in_turn(world))
            await until_waiting(world.pool, 1)
            assert not second.done()
        await second


async def locked_in_turn(world: World) -> None:
    async with transaction(world.pool) as conn:
        await submissions.lock_fingerprint(conn, BYTES)


async def test_clean_looks_and_a_proven_listing_are_counted(world: World) -> None:
    account = await world.account()
    lost = await world.unknown(account, fingerprint=FINGERPRINT)

    for _ in range(2):
        await submissions.looked_clean(world.pool, sub(lost))
    await submissions.listing_proven(world.pool, account.lane)

    (found,) = await submissions.unknown_of(world.pool, account.lane, BYTES)
    assert found.clean_looks == 2
    assert (await world.item(lost.id)).listing_proven


async def test_a_listing_that_names_an_id_twice_is_refused_the_second_time(world: World) -> None:
    account = await world.account()
    first, second = await world.unknown(account), await world.unknown(account)
    await submissions.adopt(world.pool, sub(first), "video_1")

    with pytest.raises(UniqueViolation):
        await submissions.adopt(world.pool, sub(second), "video_1")
