"""A lost submission is looked for in the provider's listing: never a sibling's video, never a second payment on a
listing that would not have shown the first."""

import asyncio

from tests.stack.installation import Installation
from tests.stack.waiting import until

LATER = ["a second cat", "a third cat"]
UNKNOWN = "SELECT count(*) FROM reelwork.submissions WHERE outcome = 'unknown'"


async def provider_ids(installation: Installation) -> set[str]:
    rows = await installation.pool.fetch(
        "SELECT provider_job_id FROM reelwork.video_jobs WHERE provider_job_id IS NOT NULL"
    )
    return {row["provider_job_id"] for row in rows}


async def arrived(installation: Installation, count: int) -> bool:
    return int(installation.simulator.books(brief=True)["submissions_arrived"]) == count


async def told(installation: Installation, kind: str) -> int:
    count: int = await installation.pool.fetchval("SELECT count(*) FROM reelwork.job_events WHERE type = $1", kind)
    return count


async def test_a_server_that_hides_prompts_proves_no_absence_with_what_it_shows(installation: Installation) -> None:
    installation.quick_listing()
    installation.simulator.change(hide_prompts=True)
    await installation.submit(["a lost cat [sim:submit=hang-up-after]"])
    installation.start_worker()
    await installation.submit(LATER)

    assert await installation.all_ended(150) == {"completed": 2, "needs_review": 1}, installation.logs()
    assert len(installation.paid()) == 3


async def test_one_video_that_hides_its_prompt_may_be_the_lost_one(installation: Installation) -> None:
    installation.quick_listing()
    await installation.submit(["a lost cat [sim:submit=hang-up-after] [sim:hidden-prompt]"])
    installation.start_worker()
    await installation.submit(LATER)

    assert await installation.all_ended(150) == {"completed": 2, "needs_review": 1}, installation.logs()
    assert len(installation.paid()) == 3


async def test_a_listing_that_lags_is_waited_for_also_by_a_clock_an_hour_ahead(installation: Installation) -> None:
    installation.quick_listing(delay_s=4)
    installation.simulator.change(listing_delay_s=3, skew_s=3600)
    await installation.submit(["a lost cat [sim:submit=500-after]"])
    installation.start_worker()
    await installation.submit(LATER)

    assert await installation.all_ended(150) == {"completed": 3}, installation.logs()
    assert len(installation.paid()) == 3


async def test_a_listed_video_waits_for_the_answer_of_a_living_twin(installation: Installation) -> None:
    installation.quick_listing(delay_s=0)
    installation.settings["SUBMIT_TIMEOUT_SECONDS"] = "30"
    installation.simulator.change(generation_s=8)
    installation.simulator.add_fault("submit=slow-after,window=6,times=1")
    installation.simulator.add_fault("submit=500-after,skip=1,times=1")
    await installation.submit(["twins"])
    installation.start_worker()
    await until(lambda: arrived(installation, 1), 120, "the twin's call at the provider")
    await asyncio.sleep(1.1)  # a listing tells times in seconds
    await installation.submit(["twins"])

    assert await installation.all_ended(150) == {"completed": 2}, installation.logs()
    assert (len(installation.paid()), len(await provider_ids(installation))) == (2, 2)
    assert await told(installation, "id_given_back") == 0


async def test_requests_like_a_lost_one_wait_until_it_is_found(installation: Installation) -> None:
    installation.quick_listing(delay_s=4)
    installation.simulator.add_fault("submit=500-after,times=1")
    (lost,) = await installation.submit(["triplets"])
    installation.start_worker()

    async def is_unknown() -> bool:
        return bool(await installation.pool.fetchval(UNKNOWN))

    await until(is_unknown, 120, "a lost answer")
    (later,) = await installation.submit(["triplets"])

    assert await installation.all_ended(150) == {"completed": 2}, installation.logs()
    found = next(event["id"] for event in await installation.timeline(lost) if event["type"] == "submitted")
    claimed = next(event["id"] for event in await installation.timeline(later) if event["type"] == "claimed")
    assert found < claimed
    assert len(await provider_ids(installation)) == 2


async def test_one_video_found_for_two_lost_requests_goes_to_one_and_the_other_is_sent_again(
    installation: Installation,
) -> None:
    installation.quick_listing()
    installation.simulator.add_fault("submit=hang-up,times=1,prompt=twins")
    installation.simulator.add_fault("submit=hang-up-after,skip=1,times=1,prompt=twins")
    await installation.submit(["twins"] * 2)
    installation.start_worker()
    await installation.submit(LATER)

    assert await installation.all_ended(150) == {"completed": 4}, installation.logs()
    assert sorted(installation.paid()) == [*LATER, "twins", "twins"]
    assert len(await provider_ids(installation)) == 4


async def test_requests_that_differ_in_what_the_listing_hides_are_told_apart_by_a_person(
    installation: Installation,
) -> None:
    installation.quick_listing()
    for image in ("aa", "bb"):
        await installation.submit(["one pose [sim:submit=500-after]"], inputs_hash=image * 32)
    installation.start_worker()

    assert await installation.all_ended(150) == {"needs_review": 2}, installation.logs()
    assert len(installation.paid()) == 2


async def test_a_server_without_a_listing_is_polled_one_by_one_and_leaves_lost_answers_to_a_person(
    installation: Installation,
) -> None:
    installation.quick_listing()
    installation.simulator.add_fault("list=404")
    await installation.submit(["a lost cat [sim:submit=500-after]", *LATER])
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 2, "needs_review": 1}, installation.logs()


async def test_a_worker_killed_while_an_accepted_call_is_unanswered_pays_only_once(installation: Installation) -> None:
    installation.quick_listing()
    installation.settings |= {"LEASE_SECONDS": "4", "HEARTBEAT_SECONDS": "1"}
    installation.simulator.add_fault("submit=hang-after,window=60,times=1,prompt=taken")
    installation.simulator.add_fault("submit=hang,times=1,prompt=untaken")
    await installation.submit(["taken", "untaken"])
    first = installation.start_worker()
    await until(lambda: arrived(installation, 2), 120, "both calls at the provider")
    first.kill()
    await installation.submit(LATER)
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 4}, installation.logs()
    assert sorted(installation.paid()) == sorted([*LATER, "taken", "untaken"])
