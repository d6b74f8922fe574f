"""What tells one request from another: its body, what a provider's listing shows of it, and what it hides."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.bodies import VideoBody
from app.drafts import Draft, body_hash, compose, fingerprint, inputs_hash
from app.validation import check
from db.images import NewInput
from providers.catalogue import load_catalogue
from providers.wanted import WantedVideo

LANE = UUID(int=7)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def body(**members: Any) -> VideoBody:
    checked, errors = check({"storyboardId": "s", "provider": "veo", "scene": "a harbour"} | members, VideoBody)
    assert checked is not None, errors
    return checked


def draft(kind: str = "veo", **members: Any) -> Draft:
    asked = body(provider=kind, **members)
    wanted = WantedVideo(
        kind, seconds=asked.length_s, size=asked.size, audio=asked.audio, negative_prompt=asked.negative_prompt
    )
    bases = {"openai_videos": "http://127.0.0.1:9/v1"}
    plan = load_catalogue().plan(wanted, base_urls=bases, now=NOW)
    images = tuple(NewInput("image/png", "00", b"", image.role) for image in asked.inputs)
    return Draft(uuid4(), asked, compose(asked), plan, images, None)


def test_a_body_is_the_same_however_it_was_spelled_and_without_the_callers_id() -> None:
    assert body_hash(body(jobId=str(uuid4()))) == body_hash(body(scene={"description": "a harbour"}, priority=2))
    assert body_hash(body()) != body_hash(body(scene="another harbour"))
    assert body_hash(body()) != body_hash(body(metadata={"take": 2}))


@pytest.mark.parametrize("change", [{"scene": "a lighthouse"}, {"seconds": 4}, {"size": "1080x1920"}])
def test_what_a_listing_shows_is_in_the_fingerprint(change: dict[str, Any]) -> None:
    assert fingerprint(draft(**change), LANE) != fingerprint(draft(), LANE)
    assert fingerprint(draft(), LANE) == fingerprint(draft(), LANE)
    assert fingerprint(draft(), LANE) != fingerprint(draft(), UUID(int=8))


def test_what_a_listing_hides_is_in_a_hash_of_its_own() -> None:
    image = {"role": "first_frame", "url": "data:image/png;base64,AA=="}

    assert fingerprint(draft(negativePrompt="blur"), LANE) == fingerprint(draft(), LANE)
    assert inputs_hash(draft(negativePrompt="blur")) != inputs_hash(draft())
    assert inputs_hash(draft("sora", inputs=[image])) != inputs_hash(draft("sora"))


def test_a_request_that_hides_nothing_has_no_such_hash() -> None:
    assert inputs_hash(draft("sora", size="1280x720")) is None
