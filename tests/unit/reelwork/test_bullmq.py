"""What is read from a BullMQ queue, as its versions 5 and 6 have really written it, and what becomes of each job."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import fakeredis
import pytest

from reelwork.bullmq.orders import Choices, Order, orders_for
from reelwork.bullmq.queue import NoSuchQueue, OldJob, OldQueue, read_queue

NAME = "video-generation"
IDS = {n: f"0b9ff4b6-0000-4000-8000-00000000000{n}" for n in range(1, 9)}


def filled(version: str) -> fakeredis.FakeRedis:
    """A Redis as a BullMQ of that version has left it (tests/contract/bullmq/node/write.mjs)."""
    recorded: dict[str, Any] = json.loads((Path(__file__).parent / f"bullmq_{version}.json").read_text())
    connection = fakeredis.FakeRedis(decode_responses=True)
    for key, value in recorded.items():
        match value:
            case dict():
                connection.hset(key, mapping=value)
            case [[_, _], *_]:
                connection.zadd(key, dict(value))
            case list():
                connection.rpush(key, *value)
            case str():
                connection.set(key, value)
    return connection


@pytest.fixture(params=["5", "6"])
def connection(request: pytest.FixtureRequest) -> Iterator[fakeredis.FakeRedis]:
    with filled(request.param) as opened:
        yield opened


@pytest.fixture
def queue(connection: fakeredis.FakeRedis) -> OldQueue:
    return read_queue(connection, "bull", NAME)


def by_scene(orders: list[Order]) -> dict[str, Order]:
    return {order.job.data["sceneId"].removeprefix("scene-"): order for order in orders}


def soon(queue: OldQueue) -> OldQueue:
    """The same queue, its delayed jobs due in an hour from now."""
    due_at = datetime.now(UTC) + timedelta(hours=1)
    jobs = tuple(replace(job, due_at=due_at) if job.state == "delayed" else job for job in queue.jobs)
    return replace(queue, jobs=jobs)


def one(queue: OldQueue, **changes: Any) -> Order:
    """What becomes of a single waiting job with these changes."""
    job = OldJob("7", "waiting", {"provider": "sora", "prompt": "a pier", **changes.pop("data", {})}, **changes)
    (order,) = orders_for(replace(queue, jobs=(job,)), Choices())
    return order


def test_both_versions_are_read_to_the_same_jobs_in_the_order_in_which_they_would_run(queue: OldQueue) -> None:
    found = [(job.data["sceneId"], job.state) for job in queue.jobs]

    assert found == [
        ("scene-3", "active"),
        ("scene-4", "waiting"),
        ("scene-5", "waiting"),
        ("scene-8", "waiting"),
        ("scene-7", "prioritized"),
        ("scene-2", "delayed"),
        ("scene-6", "delayed"),
        ("scene-1", "failed"),
    ]
    assert (queue.is_paused, queue.schedulers) == (True, 1)


def test_a_delayed_job_keeps_its_time_and_a_failed_one_its_reason(queue: OldQueue) -> None:
    jobs = {job.data["sceneId"]: job for job in queue.jobs}

    delayed, failed = jobs["scene-6"], jobs["scene-1"]
    assert delayed.due_at is not None
    assert delayed.due_at.timestamp() * 1000 == pytest.approx(int(delayed.timestamp_ms) + 7_200_000, abs=2)
    assert (failed.failed_reason, failed.attempts_made) == ("refused by moderation", 1)


def test_what_waits_is_created_and_what_the_provider_has_is_adopted(queue: OldQueue) -> None:
    orders = by_scene(orders_for(soon(queue), Choices()))

    assert {scene: order.action for scene, order in orders.items()} == {
        **{"3": "skip", "4": "create", "5": "create", "8": "skip", "7": "create", "2": "adopt", "6": "create"},
        "1": "skip",
    }
    assert orders["2"].provider_job_id == "video_7"
    assert "moderation" in str(orders["1"].why)
    assert "scheduler" in str(orders["8"].why)


def test_a_request_says_what_the_job_said(queue: OldQueue) -> None:
    orders = by_scene(orders_for(soon(queue), Choices()))

    request = orders["4"].request
    assert request is not None
    assert request.wire() == {
        "jobId": IDS[4],
        "storyboardId": "film-1",
        "sceneId": "scene-4",
        "provider": "sora",
        "model": "sora-2",
        "prompt": "a pier 4",
        "size": "1280x720",
        "duration": 4.0,
        "metadata": {"bullmqJobId": IDS[4]},
    }
    assert orders["4"].left_out == ("userId",)
    assert orders["5"].left_out == ("title", "userId")
    assert orders["7"].request is not None
    assert orders["7"].request.priority == 3


def test_only_what_is_still_to_be_made_keeps_its_delay(queue: OldQueue) -> None:
    orders = by_scene(orders_for(soon(queue), Choices()))

    assert [order.request.run_at is None for order in (orders["6"], orders["2"]) if order.request] == [False, True]


def test_failed_and_active_jobs_come_along_only_where_that_is_asked_for(queue: OldQueue) -> None:
    orders = by_scene(orders_for(queue, Choices(retry_failed=True, include_active=True)))

    assert (orders["1"].action, orders["3"].action) == ("create", "create")
    assert "paid twice" in str(orders["3"].why)


def test_an_id_that_is_no_uuid_becomes_one_that_is_the_same_at_every_run(queue: OldQueue) -> None:
    first, second = (by_scene(orders_for(queue, Choices()))["5"] for _ in range(2))

    assert first.job.id == "5"
    assert UUID(first.job_id).version == 5
    assert first.job_id == second.job_id
    assert first.job_id != one(queue).job_id


def test_a_provider_key_is_taken_along_and_shown_by_nothing(queue: OldQueue) -> None:
    orders = orders_for(queue, Choices(retry_failed=True, include_active=True))

    keys = {order.provider_key for order in orders if order.action != "skip"}
    assert keys == {f"sk-canary-of-customer-{n}" for n in range(1, 8)}
    assert "sk-canary" not in repr((queue, orders))


@pytest.mark.parametrize("place", ["progress", "result"])
def test_the_providers_id_is_found_wherever_the_old_worker_left_it(queue: OldQueue, place: str) -> None:
    operation = "projects/p/locations/l/publishers/google/models/veo/operations/1"

    assert one(queue, **{place: {"operationName": operation}}).provider_job_id == operation
    assert one(queue, data={"operationName": operation}).action == "adopt"


def test_a_field_of_the_applications_own_can_name_it(queue: OldQueue) -> None:
    job = OldJob("7", "waiting", {"provider": "sora", "prompt": "a pier", "soraId": "video_9"})

    (order,) = orders_for(replace(queue, jobs=(job,)), Choices(provider_id_fields=["soraId"]))

    assert (order.action, order.provider_job_id, order.left_out) == ("adopt", "video_9", ())


def test_spellings_of_older_applications_are_understood(queue: OldQueue) -> None:
    request = one(queue, data={"provider": "OpenAI", "duration": "8s", "scene": {"n": 1}, "size": None}).request

    assert request is not None
    assert (request.provider, request.duration, request.scene, request.size) == ("sora", 8.0, None, None)


def test_data_that_is_no_request_is_left_alone_with_its_reason(queue: OldQueue) -> None:
    order = one(queue, data={"fps": "fast"})

    assert order.action == "skip"
    assert "fps" in str(order.why)


def test_two_jobs_with_one_job_id_are_one_video(queue: OldQueue) -> None:
    data = {"jobId": IDS[1], "provider": "sora", "prompt": "a pier"}
    twins = (OldJob("1", "waiting", data), OldJob("2", "waiting", data))

    first, second = orders_for(replace(queue, jobs=twins), Choices())

    assert (first.action, second.action, second.why) == ("create", "skip", "has the same jobId as 1")


def test_a_queue_that_is_not_there_is_told_from_an_empty_one(connection: fakeredis.FakeRedis) -> None:
    with pytest.raises(NoSuchQueue, match="found here: video-generation"):
        read_queue(connection, "bull", "videos")
