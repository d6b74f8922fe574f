"""What a create's body may hold, and how all of its faults come back at once."""

from typing import Any

import pytest

from app.bodies import LaneBody, ResolveBody, VideoBody
from app.problems import FieldError
from app.validation import check

LEAST = {"storyboardId": "story", "provider": "sora", "scene": "a harbour at dawn"}


def paths(errors: list[FieldError]) -> set[str]:
    return {error.path for error in errors}


def test_an_empty_body_names_every_required_member_at_once() -> None:
    body, errors = check({}, VideoBody)

    assert body is None
    assert paths(errors) == {"storyboardId", "provider", "scene"}


def test_free_text_and_a_structured_scene_are_the_same_thing() -> None:
    text, _ = check(LEAST, VideoBody)
    structured, _ = check(LEAST | {"scene": {"description": "a harbour at dawn"}}, VideoBody)

    assert text == structured


def test_one_character_and_a_list_of_one_are_the_same_thing() -> None:
    ana = {"name": "Ana", "description": "a keeper"}
    single, _ = check(LEAST | {"character": ana}, VideoBody)
    listed, _ = check(LEAST | {"character": [ana]}, VideoBody)

    assert single == listed


def test_a_prompt_of_ones_own_needs_no_scene() -> None:
    body, errors = check({"storyboardId": "s", "provider": "veo", "prompt": "Exactly this."}, VideoBody)

    assert body is not None
    assert not errors


@pytest.mark.parametrize(
    ("member", "value", "path"),
    [
        ("secnds", 4, "secnds"),
        ("jobId", "not-a-uuid", "jobId"),
        ("seconds", 0, "seconds"),
        ("seconds", "long", "seconds"),
        ("size", "large", "size"),
        ("aspectRatio", "wide", "aspectRatio"),
        ("presetKey", "no-such-look", "presetKey"),
        ("priority", 5, "priority"),
        ("inputs", [{"role": "first_frame", "url": "http://plain.example/a.png"}], "inputs.0.url"),
        ("inputs", [{"role": "hero", "url": "https://a.example/a.png"}], "inputs.0.role"),
        ("runAt", "2030-01-01T00:00:00", "runAt"),
        ("expiresAt", "2001-01-01T00:00:00Z", "expiresAt"),
        ("webhookUrl", "ftp://a.example", "webhookUrl"),
        ("scene", {"title": "no description"}, "scene"),
        ("character", {"wardrobe": "a coat"}, "character.0"),
        ("prompt", "  ", "prompt"),
    ],
)
def test_a_wrong_member_is_named_by_its_path(member: str, value: Any, path: str) -> None:
    body, errors = check(LEAST | {member: value}, VideoBody)

    assert body is None
    assert path in paths(errors)


def test_no_sentence_repeats_what_was_sent() -> None:
    _, errors = check(LEAST | {"apiKey": "sk-canary-1", "seconds": "sk-canary-2", "size": "sk-canary-3"}, VideoBody)

    assert len(errors) == 3
    assert not any("sk-canary" in error.message for error in errors)


def test_duration_is_another_name_for_seconds_and_must_agree_with_it() -> None:
    agreeing, _ = check(LEAST | {"seconds": 8, "duration": 8}, VideoBody)
    _, errors = check(LEAST | {"seconds": 8, "duration": 4}, VideoBody)
    alone, _ = check(LEAST | {"duration": 4}, VideoBody)

    assert agreeing is not None
    assert agreeing.length_s == 8
    assert paths(errors) == {"duration"}
    assert alone is not None
    assert alone.length_s == 4


def test_adopting_needs_the_providers_id_and_nothing_else_takes_one() -> None:
    assert check({"action": "adopt", "providerJobId": "video_1"}, ResolveBody)[0] is not None
    assert check({"action": "adopt"}, ResolveBody)[0] is None
    assert check({"action": "fail", "providerJobId": "video_1"}, ResolveBody)[0] is None


def test_a_lanes_patch_knows_which_members_were_sent() -> None:
    body, _ = check({"ratePerMinute": None, "paused": True}, LaneBody)

    assert body is not None
    assert body.model_fields_set == {"rate_per_minute", "paused"}
