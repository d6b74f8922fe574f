"""What the three dialects are told and how their answers are read, quirk by quirk."""

import base64
import json

import pytest

from providers import omni_wire, openai_wire, vertex_wire
from providers.answers import Answer
from providers.base import InputRole, MediaInput, RemoteStatus, VideoRequest

BASE = "https://gateway.example/v1"
OPERATION = "projects/p/locations/l/publishers/google/models/m/operations/1"


@pytest.fixture
def wanted():
    def request(**values):
        return VideoRequest(**({"model": "m", "prompt": "a cat", "label": "sub-1", "job_id": "job-1"} | values))

    return request


def image(role, letter=b"i"):
    return MediaInput(role, "image/png", letter)


def test_a_form_holds_only_what_was_asked_for(wanted):
    assert openai_wire.form_of(wanted()) == {"prompt": "a cat", "model": "m"}
    assert openai_wire.form_of(wanted(seconds=8.0, size="1280x720", seed=0, audio=False, fps=16)) == {
        **{"prompt": "a cat", "model": "m", "seconds": "8", "size": "1280x720"},
        **{"seed": "0", "generate_sound": "false", "fps": "16"},
    }


def test_the_first_frame_is_the_input_reference(wanted):
    files = openai_wire.files_of(wanted(inputs=(image(InputRole.FIRST_FRAME),)))

    assert files == {"input_reference": ("first_frame.png", "image/png", b"i")}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("queued", RemoteStatus.QUEUED),
        ("in_progress", RemoteStatus.RUNNING),
        ("processing", RemoteStatus.RUNNING),
        ("completed", RemoteStatus.COMPLETED),
        ("failed", RemoteStatus.FAILED),
        ("cancelled", RemoteStatus.CANCELLED),
        ("thinking_hard", RemoteStatus.RUNNING),
        ("", RemoteStatus.RUNNING),
        ("expired", RemoteStatus.FAILED),
        ("rejected_by_policy", RemoteStatus.FAILED),
    ],
)
def test_a_status_nobody_knows_is_running_unless_it_sounds_like_a_failure(word, status):
    assert openai_wire.status_of(word) is status


def test_a_gateways_nulls_and_long_ids_are_taken():
    identifier = "video_" + "bGl0ZWxsbTpjdXN0b20=" * 20
    table = {"id": identifier, "status": "processing", "created_at": None, "progress": None, "seconds": 8}
    video = openai_wire.video_of(table, BASE)

    assert (video.provider_id, video.progress, video.created_at, video.seconds) == (identifier, None, None, "8")
    assert openai_wire.video_url(BASE, "a/b=") == f"{BASE}/videos/a%2Fb%3D"


def test_a_result_is_sought_at_the_server_and_then_where_it_says():
    table = {"id": "v", "status": "completed", "url": "https://cloud.example/v.mp4", "urls": ["https://b.example/v"]}
    result = openai_wire.video_of(table, BASE).result

    assert result.urls == (f"{BASE}/videos/v/content", "https://cloud.example/v.mp4", "https://b.example/v")
    assert result.thumbnail_urls == (f"{BASE}/videos/v/content?variant=thumbnail",)


def test_a_failed_video_in_the_body_of_an_error_is_a_verdict():
    body = {"id": "v", "object": "video", "status": "failed", "error": {"code": 500, "message": "out of memory"}}
    video = openai_wire.failed_video(Answer(500, {}, json.dumps(body).encode()), BASE, "asked")

    assert (video.status, video.error_code, video.error_message) == (
        *(RemoteStatus.FAILED, "provider_failed"),
        "out of memory",
    )
    assert video.provider_id == "asked"
    assert openai_wire.failed_video(Answer(500, {}, b'{"error":{"message":"no"}}'), BASE, "v") is None
    assert openai_wire.failed_video(Answer(502, {}, b"<html>"), BASE, "v") is None


def test_moderation_after_acceptance_is_told_from_other_failures():
    body = {"id": "v", "status": "failed", "error": {"code": "moderation_blocked", "message": "blocked"}}
    video = openai_wire.video_of(body, BASE)

    assert (video.moderated, video.error_code, video.charged) == (True, "content_filtered", None)


def test_a_prediction_says_all_that_was_asked_for(wanted):
    request = wanted(
        seconds=8,
        aspect_ratio="9:16",
        resolution="1080p",
        seed=7,
        negative_prompt="blur",
        audio=False,
        output_prefix="gs://b/p/",
        inputs=(image(InputRole.FIRST_FRAME, b"1"), image(InputRole.LAST_FRAME, b"2")),
    )
    body = vertex_wire.prediction_of(request)

    assert body["parameters"] == {
        **{"sampleCount": 1, "storageUri": "gs://b/p/", "durationSeconds": 8, "aspectRatio": "9:16"},
        **{"resolution": "1080p", "seed": 7, "negativePrompt": "blur", "generateAudio": False},
    }
    frames = [body["instances"][0][name]["bytesBase64Encoded"] for name in ("image", "lastFrame")]
    assert [base64.b64decode(frame) for frame in frames] == [b"1", b"2"]
    assert body["labels"] == {"job": "job-1", "submission": "sub-1"}


def test_references_are_assets(wanted):
    body = vertex_wire.prediction_of(wanted(inputs=(image(InputRole.REFERENCE), image(InputRole.REFERENCE))))

    assert [entry["referenceType"] for entry in body["instances"][0]["referenceImages"]] == ["asset", "asset"]
    assert "storageUri" not in body["parameters"]


@pytest.mark.parametrize(
    ("table", "status", "code", "moderated", "charged"),
    [
        ({"name": OPERATION}, RemoteStatus.RUNNING, None, False, None),
        ({"done": False}, RemoteStatus.RUNNING, None, False, None),
        (
            {"done": True, "response": {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["58061214"]}},
            *(RemoteStatus.FAILED, "content_filtered", True, False),
        ),
        ({"done": True, "response": {}}, RemoteStatus.FAILED, "no_output", False, None),
        (
            {"done": True, "error": {"code": 3, "message": "violates our usage guidelines"}},
            *(RemoteStatus.FAILED, "content_filtered", True, None),
        ),
        (
            {"done": True, "error": {"code": 3, "message": "bad aspect"}},
            *(RemoteStatus.FAILED, "invalid_request", False, None),
        ),
        ({"done": True, "error": {"code": 8}}, RemoteStatus.FAILED, "provider_overloaded", False, None),
        ({"done": True, "error": {"code": 13}}, RemoteStatus.FAILED, "provider_internal", False, None),
        ({"done": True, "error": {"code": 14}}, RemoteStatus.FAILED, "provider_overloaded", False, None),
        ({"done": True, "error": {"code": 7}}, RemoteStatus.FAILED, "permission_denied", False, None),
        ({"done": True, "error": {"code": 99}}, RemoteStatus.FAILED, "provider_failed", False, None),
        ({"done": True, "error": {"code": 1}}, RemoteStatus.CANCELLED, "cancelled", False, None),
    ],
)
def test_an_operation_is_read(table, status, code, moderated, charged):
    video = vertex_wire.operation_of(table, OPERATION)

    assert (video.status, video.error_code, video.moderated, video.charged) == (status, code, moderated, charged)


def test_an_interaction_runs_in_the_background_and_carries_our_labels(wanted):
    request = wanted(seconds=8, aspect_ratio="16:9", resolution="720p", seed=7, callback_url="https://us.example/hooks")
    body = omni_wire.interaction_of(request)

    assert (body["background"], body["store"], body["input"]) == (True, True, "a cat")
    assert body["response_format"] == {
        **{"type": "video", "aspect_ratio": "16:9", "resolution": "720p", "duration": "8s", "delivery": "uri"}
    }
    assert body["generation_config"] == {"video_config": {"task": "text_to_video"}, "seed": 7}
    assert body["labels"] == body["webhook_config"]["user_metadata"] == {"job": "job-1", "submission": "sub-1"}
    assert "webhook_config" not in omni_wire.interaction_of(wanted())


@pytest.mark.parametrize(
    ("role", "task"), [(InputRole.FIRST_FRAME, "image_to_video"), (InputRole.REFERENCE, "reference_to_video")]
)
def test_images_come_before_the_text_of_an_interaction(wanted, role, task):
    body = omni_wire.interaction_of(wanted(inputs=(image(role),)))

    assert [block["type"] for block in body["input"]] == ["image", "text"]
    assert body["generation_config"]["video_config"]["task"] == task


def interaction(status="completed", content=None, **more):
    steps = [] if content is None else [{"type": "model_output", "content": content}]
    echo = {"type": "user_input", "content": [{"type": "text", "text": "the caller's own words"}]}
    return {"id": "v1_1", "status": status, "steps": [echo, *steps], **more}


VIDEO_TOKENS = {"total_output_tokens": 9, "output_tokens_by_modality": [{"modality": "video", "tokens": 9}]}
REFUSAL = [{"type": "text", "text": "I cannot do that."}]


@pytest.mark.parametrize(
    ("table", "status", "raw", "code", "moderated", "charged"),
    [
        (interaction("in_progress"), RemoteStatus.RUNNING, "in_progress", None, False, None),
        (interaction("requires_action"), RemoteStatus.RUNNING, "requires_action", None, False, None),
        (interaction("something_new"), RemoteStatus.RUNNING, "something_new", None, False, None),
        (interaction("queued"), RemoteStatus.QUEUED, "queued", None, False, None),
        (interaction("cancelled"), RemoteStatus.CANCELLED, "cancelled", None, False, None),
        (interaction("incomplete"), RemoteStatus.FAILED, "incomplete", "incomplete", False, None),
        (interaction("budget_exceeded"), RemoteStatus.FAILED, "budget_exceeded", "budget_exceeded", False, None),
        (
            interaction("failed", errors=[{"code": "internal_error", "message": "oops"}]),
            *(RemoteStatus.FAILED, "failed", "internal_error", False, None),
        ),
        (
            interaction("failed", errors=[{"code": "safety", "message": "no"}]),
            *(RemoteStatus.FAILED, "failed", "content_filtered", True, None),
        ),
        (interaction(), RemoteStatus.RUNNING, omni_wire.WITHOUT_OUTPUT, None, False, None),
        (interaction(usage=VIDEO_TOKENS), RemoteStatus.RUNNING, omni_wire.WITHOUT_OUTPUT, None, False, True),
        (interaction(content=REFUSAL), RemoteStatus.FAILED, "completed", "content_filtered", True, False),
        (
            interaction(usage={"total_output_tokens": 0}),
            *(RemoteStatus.FAILED, "completed", "content_filtered", True, False),
        ),
    ],
)
def test_an_interaction_is_read(table, status, raw, code, moderated, charged):
    video = omni_wire.video_of(table)

    assert (video.status, video.raw_status, video.error_code) == (status, raw, code)
    assert (video.moderated, video.charged) == (moderated, charged)


def test_an_interaction_with_a_video_is_completed_wherever_it_lies():
    by_uri = omni_wire.video_of(interaction(content=[{"type": "video", "uri": "https://x.example/files/a"}]))
    inline = omni_wire.video_of(
        interaction(content=[{"type": "text", "text": "Here:"}, {"type": "video", "data": "A"}])
    )

    assert (by_uri.status, by_uri.result.urls) == (RemoteStatus.COMPLETED, ("https://x.example/files/a",))
    assert (inline.status, inline.result.inline) == (RemoteStatus.COMPLETED, True)
