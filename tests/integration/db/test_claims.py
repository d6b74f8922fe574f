"""Which videos start now: what rate, cap, pause, breaker and the videos themselves allow."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from db import claims, installation, rescue, steering, transitions
from db.states import JobState, Outcome
from db.transitions import Hold, Refusal
from tests.integration.db.world import FREE, LIMITS, World, hold, sub

SECOND = timedelta(seconds=1)


async def test_a_claim_starts_the_oldest_and_writes_the_intent_of_each(world: World) -> None:
    account = await world.account()
    jobs = await world.jobs(account, 3)
    worker = await world.worker()

    got = await world.claim(account.lane, worker, places=2)

    assert set(got.job_ids) == set(jobs[:2])
    assert got.more
    item = await world.item(jobs[0])
    submission = await world.submission(item.submission_id)
    assert (item.state, item.epoch, submission.job_id, submission.worker) == ("submitting", 1, jobs[0], worker)
    assert submission.deadline_at - submission.intent_at == LIMITS.submit_timeout
    assert submission.label == f"rw-{submission.id}"
    assert await world.told(jobs[0]) == ["created", "claimed"]


async def test_a_rate_of_ten_starts_ten_in_61_seconds(world: World) -> None:
    account = await world.account()
    await world.jobs(account, 25)
    limits = replace(LIMITS, max_in_flight=0)
    started_at = await world.now()

    first = await world.claim(account.lane, limits=limits)
    second = await world.claim(account.lane, limits=limits)
    await world.ages(60 * SECOND)
    third = await world.claim(account.lane, limits=limits)
    await world.ages(2 * SECOND)
    fourth = await world.claim(account.lane, limits=limits)

    assert [len(got.job_ids) for got in (first, second, third, fourth)] == [10, 0, 0, 10]
    assert first.held_back
    assert second.next_start_at is not None
    assert 61 <= (second.next_start_at - started_at).total_seconds() < 71


async def test_a_rate_above_600_a_minute_starts_a_tenth_in_6_2_seconds(world: World) -> None:
    account = await world.account(rate_per_minute=1009)
    await world.jobs(account, 250)
    limits = replace(LIMITS, max_in_flight=0)

    first = await world.claim(account.lane, limits=limits, places=1000)
    await world.ages(6 * SECOND)
    second = await world.claim(account.lane, limits=limits, places=1000)
    await world.ages(0.3 * SECOND)
    third = await world.claim(account.lane, limits=limits, places=1000)

    assert [len(got.job_ids) for got in (first, second, third)] == [100, 0, 100]


async def test_a_start_stamped_anew_is_counted_where_it_left(world: World) -> None:
    account = await world.account(rate_per_minute=1009, max_in_flight=0)
    await world.jobs(account, 150)
    first = await world.claim(account.lane, places=1000)
    late = await world.item(first.job_ids[0])
    await world.ages(4 * SECOND)

    stamped = await transitions.stamped_anew(world.pool, hold(late), sub(late), LIMITS.submit_timeout)
    await world.ages(2.5 * SECOND)
    second = await world.claim(account.lane, places=1000)

    assert (stamped, len(first.job_ids), len(second.job_ids)) == (True, 100, 50)
    again = await world.submission(late.submission_id)
    assert again.deadline_at - again.intent_at == LIMITS.submit_timeout
    held = await world.pool.fetchval(
        "SELECT count(*) FROM reelwork.submissions WHERE intent_at > now() - interval '6.2 seconds'"
    )
    assert held == 51


async def test_a_start_is_stamped_anew_only_while_it_may_start(world: World) -> None:
    account = await world.account()
    item = await world.submitting(account)

    async def stamped(held: Hold) -> bool:
        return await transitions.stamped_anew(world.pool, held, sub(item), LIMITS.submit_timeout)

    others = await stamped(Hold(item.id, item.epoch + 1))
    await world.set_lane(account.lane, paused=True)
    on_pause = await stamped(hold(item))
    await world.set_lane(account.lane, paused=False)
    in_time = await stamped(hold(item))
    await world.ages(5.5 * SECOND)
    too_late = await stamped(hold(item))

    assert (others, on_pause, in_time, too_late) == (False, False, True, False)


async def test_the_next_start_is_when_enough_intents_have_left_the_window(world: World) -> None:
    account = await world.account(max_in_flight=0)
    await world.jobs(account, 20)
    await world.claim(account.lane)
    await world.pool.execute(
        "UPDATE reelwork.submissions s SET intent_at = now() - make_interval(secs => n) FROM "
        "(SELECT id, row_number() OVER (ORDER BY id) AS n FROM reelwork.submissions) r WHERE r.id = s.id"
    )
    await world.set_lane(account.lane, rate_per_minute=4)  # lowered: the seven oldest of ten have to leave first
    now = await world.now()

    got = await world.claim(account.lane)

    assert got.next_start_at is not None
    assert (got.next_start_at - now).total_seconds() == pytest.approx(61 - 4, abs=0.9)


async def test_a_start_that_was_given_back_does_not_count_against_the_rate(world: World) -> None:
    account = await world.account(rate_per_minute=1)
    first = await world.submitting(account)
    refusal = Refusal(Outcome.NOT_SENT, timedelta(0), "started_late", "too late", counts=False)

    assert (await world.claim(account.lane)).job_ids == ()
    assert await transitions.requeued(world.pool, hold(first), sub(first), refusal)

    assert (await world.claim(account.lane)).job_ids == (first.id,)


async def test_a_refused_start_counts_against_the_rate_but_not_against_the_cap(world: World) -> None:
    account = await world.account(rate_per_minute=2, max_in_flight=1)
    first = await world.submitting(account)
    refusal = Refusal(Outcome.NOT_ACCEPTED, timedelta(0), "too_many", "429")
    assert await transitions.requeued(world.pool, hold(first), sub(first), refusal)

    assert (await world.claim(account.lane)).job_ids == (first.id,)
    again = await world.item(first.id)
    assert await transitions.requeued(world.pool, hold(again), sub(again), refusal)

    assert (await world.claim(account.lane)).job_ids == ()


async def test_the_cap_counts_what_is_at_the_provider_and_not_what_is_collected(world: World) -> None:
    account = await world.account(max_in_flight=2)
    await world.generating(account)
    await world.collecting(account)
    await world.jobs(account, 5)

    got = await world.claim(account.lane)

    assert len(got.job_ids) == 1
    assert got.held_back and got.next_start_at is None and not got.more


async def test_a_video_in_review_holds_its_place_until_the_generation_timeout(world: World) -> None:
    account = await world.account(max_in_flight=1)
    await world.in_review(account)
    waiting = await world.job(account)

    assert (await world.claim(account.lane)).job_ids == ()
    await world.ages(LIMITS.generation_timeout)

    assert (await world.claim(account.lane)).job_ids == (waiting,)


async def test_without_limits_all_places_are_filled_and_more_is_told(world: World) -> None:
    account = await world.account()
    await world.jobs(account, 30)

    first = await world.claim(account.lane, places=20, limits=FREE)
    second = await world.claim(account.lane, places=20, limits=FREE)

    assert (len(first.job_ids), first.more, first.held_back) == (20, True, False)
    assert (len(second.job_ids), second.more, second.held_back) == (10, False, False)


async def test_a_lanes_own_settings_go_before_the_environments(world: World) -> None:
    account = await world.account(rate_per_minute=3, max_in_flight=0)
    await world.jobs(account, 5)

    assert len((await world.claim(account.lane)).job_ids) == 3


HOLDS: dict[str, dict[str, Any]] = {
    "paused": {"paused": True},
    "told to wait": {"blocked_until": "future"},
    "breaker open": {"breaker": "open", "breaker_until": "future"},
    "breaker open for good": {"breaker": "open"},
}


@pytest.mark.parametrize("settings", HOLDS.values(), ids=HOLDS.keys())
async def test_nothing_starts_on_a_lane_that_is_held(world: World, settings: dict[str, Any]) -> None:
    later = await world.now() + 10 * SECOND
    account = await world.account(**{key: later if value == "future" else value for key, value in settings.items()})
    await world.job(account)

    assert await claims.startable_lanes(world.pool) == []
    assert await world.claim(account.lane) == claims.Claim()


@pytest.mark.parametrize("settings", [{"blocked_until": "past"}, {"breaker": "open", "breaker_until": "past"}])
async def test_a_lane_starts_again_when_its_time_has_come(world: World, settings: dict[str, Any]) -> None:
    earlier = await world.now() - SECOND
    account = await world.account(**{key: earlier if value == "past" else value for key, value in settings.items()})
    job = await world.job(account)

    assert await claims.startable_lanes(world.pool) == [account.lane]
    assert (await world.claim(account.lane)).job_ids == (job,)


async def test_the_pause_of_all_stops_every_lane(world: World) -> None:
    account = await world.account()
    job = await world.job(account)
    await installation.pause(world.pool, "too expensive")

    assert await claims.startable_lanes(world.pool) == []
    assert (await world.claim(account.lane)).job_ids == ()
    await installation.resume(world.pool)

    assert (await world.claim(account.lane)).job_ids == (job,)


async def test_only_lanes_with_due_rows_are_startable(world: World) -> None:
    due, later, empty = [await world.account() for _ in range(3)]
    await world.jobs(due, 2)
    await world.job(later, run_at=await world.now() + 60 * SECOND)

    assert await claims.startable_lanes(world.pool) == [due.lane]
    assert empty.lane != due.lane


async def test_a_scheduled_video_starts_when_it_is_due_and_not_before(world: World) -> None:
    account = await world.account()
    job = await world.job(account, run_at=await world.now() + 60 * SECOND)

    assert await claims.tag_due(world.pool) == 0
    assert (await world.claim(account.lane)).job_ids == ()
    await world.ages(61 * SECOND)
    assert await claims.tag_due(world.pool) == 1

    assert (await world.claim(account.lane)).job_ids == (job,)


async def test_a_video_past_its_expiry_is_failed_at_no_cost_and_never_started(world: World) -> None:
    account = await world.account()
    late = await world.job(account, expires_at=await world.now() - SECOND)
    in_time = await world.job(account, expires_at=await world.now() + 60 * SECOND)

    assert (await world.claim(account.lane)).job_ids == (in_time,)
    assert await rescue.expire_queued(world.pool) == 1

    row = await world.row(late)
    assert (row.state, row.error_code, row.cost_micros) == ("failed", "expired", 0)


async def test_a_video_whose_end_was_asked_for_is_not_started_again(world: World) -> None:
    account = await world.account()
    item = await world.submitting(account)
    assert await steering.ask_cancel(world.pool, item.id, (JobState.SUBMITTING,), discard=False)
    refusal = Refusal(Outcome.NOT_ACCEPTED, timedelta(0), "busy", "503")
    assert await transitions.requeued(world.pool, hold(item), sub(item), refusal)

    assert (await world.claim(account.lane)).job_ids == ()


async def test_an_identical_request_waits_while_the_fate_of_the_first_is_being_learned(world: World) -> None:
    account = await world.account()
    lost = await world.unknown(account, fingerprint="aa" * 32)
    twin = await world.job(account, fingerprint="aa" * 32)
    other = await world.job(account)

    assert (await world.claim(account.lane)).job_ids == (other,)
    refusal = Refusal(Outcome.ABSENT, timedelta(0), "not_accepted", "proven absent")
    assert await transitions.requeued(world.pool, hold(lost), sub(lost), refusal)

    assert set((await world.claim(account.lane)).job_ids) == {lost.id, twin}


async def found_by_its_output(world: World, lost: Any) -> None:
    assert await transitions.watch_output(world.pool, hold(lost), await world.now() + 60 * SECOND)
    assert await transitions.finished(world.pool, hold(lost), {"url": "gs://bucket/video.mp4"})


async def failed_at_its_deadline(world: World, lost: Any) -> None:
    ending = transitions.Ending(JobState.FAILED, (JobState.SUBMITTING,), "submit_deadline", "too late")
    assert await transitions.end(world.pool, hold(lost), ending)


async def discarded_while_watched(world: World, lost: Any) -> None:
    assert await transitions.watch_output(world.pool, hold(lost), await world.now() + 60 * SECOND)
    assert await steering.cancel_now(world.pool, lost.id, discard=True)


@pytest.mark.parametrize("fate", [found_by_its_output, failed_at_its_deadline, discarded_while_watched])
async def test_a_request_waits_for_no_twin_whose_fate_nobody_is_learning_any_more(
    world: World, fate: Callable[[World, Any], Awaitable[None]]
) -> None:
    account = await world.account()
    await fate(world, await world.unknown(account, fingerprint="aa" * 32))
    twin = await world.job(account, fingerprint="aa" * 32)

    assert (await world.claim(account.lane)).job_ids == (twin,)


async def test_priority_goes_before_the_fair_order(world: World) -> None:
    account = await world.account()
    ordinary = await world.jobs(account, 3)
    urgent = await world.job(account, priority=0)
    idle = await world.job(account, priority=4)

    first = await world.claim(account.lane, places=1)
    rest = await world.claim(account.lane, places=3)

    assert first.job_ids == (urgent,)
    assert set(rest.job_ids) == set(ordinary)
    assert (await world.claim(account.lane)).job_ids == (idle,)
