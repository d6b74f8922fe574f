"""A create is sent again only when its answer was lost, and always with the id of the first time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from reelwork.client.creating import generate, generate_storyboard, submit
from reelwork.client.errors import BadRequest, ServerUnavailable
from reelwork.client.flow import Reply
from reelwork.models_requests import Character, Scene, VideoRequest
from tests.unit.reelwork.conftest import Driver

Replies = Callable[..., Reply]
ACCEPTED = {"jobId": "an-id", "status": "queued"}


def test_a_create_whose_answer_was_lost_is_sent_again_with_the_same_id(
    driver: Driver, reply: Replies, lost: ServerUnavailable
) -> None:
    driver.drive(generate("A fox", provider="sora"), [lost, lost, reply(ACCEPTED, 202)])

    bodies = [request.body for request in driver.requests]
    assert len(bodies) == 3
    assert bodies[0] == bodies[1] == bodies[2]
    assert UUID(bodies[0]["jobId"])


def test_a_create_lost_three_times_names_the_video_it_may_have_made(driver: Driver, lost: ServerUnavailable) -> None:
    with pytest.raises(ServerUnavailable, match="goes on as my-own-id") as raised:
        driver.drive(generate("A fox", provider="sora", job_id="my-own-id"), [lost, lost, lost])

    assert raised.value.answer_lost


def test_a_refused_connection_is_told_at_once(driver: Driver, refused: ServerUnavailable) -> None:
    with pytest.raises(ServerUnavailable):
        driver.drive(generate("A fox", provider="sora"), [refused])

    assert driver.pauses == []


@pytest.mark.parametrize("status", [400, 402, 409, 429, 500, 503])
def test_an_answered_create_is_never_sent_again(driver: Driver, reply: Replies, status: int) -> None:
    with pytest.raises(Exception, match="without a reason"):
        driver.drive(generate("A fox", provider="sora"), [reply({}, status)])

    assert len(driver.requests) == 1


def test_plain_text_is_sent_word_for_word(driver: Driver, reply: Replies) -> None:
    driver.drive(generate("A fox", provider="sora", seconds=4), [reply(ACCEPTED, 202)])

    (request,) = driver.requests
    assert request.body["prompt"] == request.body["scene"] == "A fox"
    assert request.body["storyboardId"] == "unsorted"
    assert request.body["seconds"] == 4


@pytest.mark.parametrize(
    "styling",
    [{"preset_key": "cinematic"}, {"character": Character(name="Ada")}, {"character": {"name": "Ada"}}],
)
def test_text_with_a_style_is_a_scene_to_compose_around(
    driver: Driver, reply: Replies, styling: dict[str, Any]
) -> None:
    driver.drive(generate("A fox", provider="sora", **styling), [reply(ACCEPTED, 202)])

    (request,) = driver.requests
    assert "prompt" not in request.body
    assert request.body["scene"] == "A fox"


def test_what_was_not_asked_for_is_not_sent(driver: Driver, reply: Replies) -> None:
    scene = Scene(description="A fox", camera="low")
    driver.drive(generate(scene, provider="veo", aspect_ratio="16:9"), [reply(ACCEPTED, 202)])

    (request,) = driver.requests
    assert request.body.keys() == {"storyboardId", "jobId", "provider", "aspectRatio", "scene"}
    assert request.body["scene"] == {"description": "A fox", "camera": "low"}


def test_a_misspelt_member_is_refused_before_anything_is_sent(driver: Driver) -> None:
    with pytest.raises(BadRequest, match=r"secnds: Extra inputs") as raised:
        driver.drive(generate("A fox", provider="sora", secnds=4), [])  # type: ignore[call-arg]

    assert [flaw.path for flaw in raised.value.errors] == ["secnds"]
    assert driver.requests == []


def test_a_time_without_a_zone_is_local(driver: Driver, reply: Replies) -> None:
    start = datetime(2030, 1, 1, 12)  # noqa: DTZ001
    driver.drive(submit(VideoRequest(scene="A fox", provider="sora", run_at=start)), [reply(ACCEPTED, 202)])

    sent = datetime.fromisoformat(driver.requests[0].body["runAt"])
    assert sent.tzinfo is not None
    assert sent == start.astimezone()


def test_the_providers_key_travels_in_its_header_and_shows_nowhere(driver: Driver, reply: Replies) -> None:
    driver.drive(generate("A fox", provider="sora", provider_key="sk-secret"), [reply(ACCEPTED, 202)])

    (request,) = driver.requests
    assert request.headers == {"X-Provider-Key": "sk-secret"}
    assert "sk-secret" not in repr(request)


def test_every_scene_of_a_storyboard_has_an_id_that_outlives_a_lost_answer(
    driver: Driver, reply: Replies, lost: ServerUnavailable
) -> None:
    scenes = [{"scene_id": "one", "scene": "A"}, {"sceneId": "two", "scene": "B"}]
    made = reply({"storyboardId": "tale", "jobs": [ACCEPTED, ACCEPTED]}, 202)

    driver.drive(generate_storyboard("tale", scenes, defaults={"provider": "omni"}), [lost, made])

    first, second = (request.body for request in driver.requests)
    assert first == second
    assert [scene["sceneId"] for scene in first["scenes"]] == ["one", "two"]
    assert len({scene["jobId"] for scene in first["scenes"]}) == 2
    assert first["defaults"] == {"provider": "omni"}


def test_each_scene_without_a_provider_gets_the_one_of_its_own_model(driver: Driver, reply: Replies) -> None:
    offered = [
        {"model": "veo-3.1", "provider": "veo", "pricePerSecondUsd": 0.4},
        {"model": "flash", "provider": "omni", "pricePerSecondUsd": 0.1},
    ]
    scenes = [{"scene": "A"}, {"scene": "B", "model": "veo-3.1"}, {"scene": "C", "provider": "sora"}]
    made = reply({"jobs": [ACCEPTED] * 3}, 202)

    driver.drive(generate_storyboard("tale", scenes), [reply({"models": offered}), made])

    sent = driver.requests[-1].body["scenes"]
    assert [(scene["provider"], scene.get("model")) for scene in sent] == [
        ("omni", "flash"),
        ("veo", "veo-3.1"),
        ("sora", None),
    ]


def test_a_flaw_in_a_scene_is_named_with_the_scenes_number(driver: Driver) -> None:
    with pytest.raises(BadRequest) as raised:
        driver.drive(generate_storyboard("tale", [{"scene": "A"}, {"scene": "B", "seconds": "long"}]), [])

    assert [flaw.path for flaw in raised.value.errors] == ["scenes.1.seconds"]
