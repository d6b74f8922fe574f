"""What every kind does with a video that goes well."""

import pytest

from providers.base import InputRole, MediaInput, RemoteStatus
from providers.errors import Gone


async def test_a_video_is_submitted_once_polled_and_downloaded(case):
    prompt = f"a cat by {case.name}"
    provider_id = await case.submit(prompt)
    running = await case.poll(provider_id)
    case.simulator.advance(101)
    done = await case.poll(provider_id)
    data = await case.bytes_of(done)

    assert running.status in (RemoteStatus.QUEUED, RemoteStatus.RUNNING)
    assert (running.provider_id, done.status) == (provider_id, RemoteStatus.COMPLETED)
    assert data[4:8] == b"ftyp"
    assert case.submissions(prompt) == 1


async def test_what_was_asked_for_arrives_at_the_provider(case):
    await case.submit("a tall cat", seconds=8, **tall(case))
    line = case.simulator.books()["submissions"][0]

    assert (line["prompt"], line["seconds"], line["size"]) == ("a tall cat", 8, "720x1280")
    assert line["label"]


def tall(case):
    return {"size": "720x1280"} if case.name == "openai" else {"aspect_ratio": "9:16"}


async def test_a_first_frame_travels_with_the_submission(case):
    picture = MediaInput(InputRole.FIRST_FRAME, "image/png", b"\x89PNG" + bytes(200_000))
    provider_id = await case.submit("a cat from a picture", inputs=(picture,))
    case.simulator.advance(101)

    assert (await case.bytes_of(await case.poll(provider_id)))[4:8] == b"ftyp"


async def test_a_large_result_is_the_same_bytes_each_time(case):
    case.simulator.change(payload_bytes=3_000_000)
    video = await case.finished("a large cat")
    first, second = await case.bytes_of(video), await case.bytes_of(video)

    assert len(first) >= 3_000_000
    assert first == second


async def test_the_providers_copy_can_be_removed_twice(case):
    video = await case.finished()
    await case.provider.delete(case.account, video)
    await case.provider.delete(case.account, video)

    if case.name != "vertex-inline":
        with pytest.raises(Gone):
            await case.bytes_of(video)


async def test_a_job_nobody_knows_is_gone(case):
    known = await case.submit()
    case.simulator.forget()

    with pytest.raises(Gone):
        await case.poll(known)


async def test_a_good_key_is_told_from_a_bad_one_for_free(case):
    await case.provider.check(case.account)

    assert case.simulator.books()["accepted"] == 0


async def test_abilities_are_kept(case):
    abilities = case.provider.abilities(case.account)
    provider_id = await case.submit("a cat to be found")
    cancelled = await case.provider.cancel(case.account, provider_id)

    assert cancelled is abilities.can_cancel
    assert abilities.can_list is (case.name == "openai")
    assert abilities.watches_prefix is (case.name == "vertex")
    assert abilities.labels_come_back is (case.name == "omni")


async def test_a_lost_submission_is_found_by_listing(case_of):
    case = case_of("openai")
    ids = [await case.submit(f"cat {number}") for number in range(5)]
    first = await case.provider.list_recent(case.account, limit=3)
    second = await case.provider.list_recent(case.account, first.cursor, limit=3)

    assert [video.provider_id for video in [*first.videos, *second.videos]] == ids[::-1]
    assert second.cursor is None
    assert first.server_time is not None
    assert first.videos[0].prompt == "cat 4"
    assert abs((first.videos[0].created_at - first.server_time).total_seconds()) < 5


async def test_the_providers_clock_can_be_told_from_ours(case_of):
    case = case_of("openai")
    case.simulator.change(skew_s=3600)
    await case.submit()
    page = await case.provider.list_recent(case.account)

    assert abs((page.videos[0].created_at - page.server_time).total_seconds()) < 5


async def agree() -> None:
    return


async def test_a_lost_submission_is_found_under_its_own_prefix(case_of):
    case = case_of("vertex")
    request = case.request("a cat in a bucket")
    await case.provider.submit(case.account, request, agree)
    before = await case.provider.find_output(case.account, request.output_prefix)
    case.simulator.advance(101)
    found = await case.provider.find_output(case.account, request.output_prefix)

    assert before is None
    assert found.urls[0].startswith(request.output_prefix)
    assert await case.provider.find_output(case.account, "gs://our-bucket/reelwork/other/") is None


async def test_the_thumbnail_comes_where_the_dialect_has_one(case):
    video = await case.finished()

    if case.name == "openai":
        async with case.provider.download(case.account, video, "thumbnail") as download:
            assert download.content_type == "image/webp"
    else:
        with pytest.raises(Gone):
            async with case.provider.download(case.account, video, "thumbnail"):
                pass


async def test_omni_cancels_a_running_video_and_not_one_that_ended(case_of):
    case = case_of("omni")
    running, ended = await case.submit("one"), (await case.finished("two")).provider_id

    assert not await case.provider.cancel(case.account, ended)
    running = await case.submit("three")
    assert await case.provider.cancel(case.account, running)
    assert (await case.poll(running)).status is RemoteStatus.CANCELLED


async def test_one_service_account_asks_for_one_token(case_of):
    case = case_of("vertex")
    for number in range(3):
        await case.submit(f"cat {number}")

    assert case.simulator.books(brief=True)["requests"]["oauth.token"] == 1


async def test_a_server_that_stops_what_is_deleted_cancels(case_of):
    case = case_of("gpu")
    case.simulator.change(delete_aborts=True)
    provider_id = await case.submit()

    assert case.provider.abilities(case.account).can_cancel
    assert await case.provider.cancel(case.account, provider_id)
    assert case.simulator.books()["in_flight"] == 0
