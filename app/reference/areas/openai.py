"""OpenAI's Videos API."""

from app.answers import openai
from app.bodies import WishBody
from app.reference.areas import examples
from app.reference.areas.videos import BINARY, CREATE_CODES, DISCARD, STORED_HEADERS
from app.reference.headers import PROVIDER_KEY, RANGE
from app.reference.operations import FORM, JSON, Answer, Area, Operation, Query, Schema, Takes
from app.reference.schemas import in_snake_case

_IMAGE: Schema = {
    "description": "An image: a file of a form, or an object that names one.",
    "anyOf": [
        {"type": "object", "required": ["image_url"], "properties": {"image_url": {"type": "string"}}},
        {"type": "object", "required": ["file_id"], "properties": {"file_id": {"type": "string"}}},
        BINARY,
    ],
}
_WISH = in_snake_case(WishBody)
_CREATE: Schema = {
    "title": "OpenAIVideoCreate",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **_WISH,
        "seconds": {
            "type": ["string", "number"],
            "description": "Text in OpenAI's API; a number is understood too.",
        },
        "input_reference": _IMAGE,
        "first_frame": _IMAGE,
        "last_frame": _IMAGE,
        "reference": {"anyOf": [_IMAGE, {"type": "array", "items": _IMAGE}]},
    },
}
_POLLED = ("openai-poll-after-ms",)
_SHOWN = Answer("The Video object.", openai.OpenAIVideo, examples.OPENAI_VIDEO, headers=_POLLED)
_DELETED: openai.OpenAIVideoDeleted = {"id": examples.VIDEO_ID, "object": "video.deleted", "deleted": True}
_CANCELLING: openai.OpenAIVideoDeleted = {
    "id": examples.VIDEO_ID,
    "object": "video.deleted",
    "deleted": False,
    "status": "in_progress",
}
_MODEL: openai.OpenAIModel = {
    "id": "gemini-omni-1.2-flash",
    "object": "model",
    "created": 0,
    "owned_by": "omni",
}


def _refused(summary: str) -> Operation:
    return Operation(
        summary=summary, description="No kind of this server does it.", answers={}, codes=("unsupported_operation",)
    )


AREA = Area(
    "OpenAI's Videos API",
    "The same videos in OpenAI's words, for its SDKs and all that is built on them. Refusals have OpenAI's shape.",
    {
        ("POST", "/v1/videos"): Operation(
            summary="Ask for a video",
            description="The model's name chooses the kind. Beside OpenAI's parameters every member of "
            "POST /api/video/generate in snake case, which SDKs send as `extra_body`.",
            headers=(PROVIDER_KEY,),
            takes=Takes(
                _CREATE,
                {"model": "omni", "prompt": "A lamp goes out.", "seconds": "6", "aspect_ratio": "9:16"},
                media=(JSON, FORM),
            ),
            answers={200: _SHOWN},
            codes=(*CREATE_CODES, "invalid_form"),
        ),
        ("GET", "/v1/videos"): Operation(
            summary="A page of videos",
            query=(
                Query("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "How many."),
                Query("order", {"enum": ["asc", "desc"], "default": "desc"}, "From the newest or the oldest."),
                Query("after", {"type": "string"}, "The last id of the page before."),
            ),
            answers={
                200: Answer(
                    "A page.",
                    openai.OpenAIVideoPage,
                    openai.OpenAIVideoPage(
                        object="list",
                        data=[examples.OPENAI_VIDEO],
                        first_id=examples.VIDEO_ID,
                        last_id=examples.VIDEO_ID,
                        has_more=False,
                    ),
                )
            },
            codes=("not_found",),
        ),
        ("GET", "/v1/videos/{video_id}"): Operation(summary="Where a video stands", answers={200: _SHOWN}),
        ("DELETE", "/v1/videos/{video_id}"): Operation(
            summary="Remove it with its files",
            description="What has not ended is cancelled instead, and is then still there.",
            query=(DISCARD,),
            answers={
                200: Answer("Removed, or cancelled.", openai.OpenAIVideoDeleted, _DELETED),
                202: Answer("Asked to end.", openai.OpenAIVideoDeleted, _CANCELLING),
            },
            codes=("already_paid", "already_ended"),
        ),
        ("GET", "/v1/videos/{video_id}/content"): Operation(
            summary="The stored video, or its poster",
            query=(
                Query("variant", {"enum": ["video", "thumbnail", "spritesheet"], "default": "video"}, "Which of them."),
            ),
            headers=(RANGE,),
            answers={
                200: Answer("Whole.", BINARY, media=("video/mp4", "image/webp"), headers=STORED_HEADERS[:2]),
                206: Answer("In part.", BINARY, media=("video/mp4", "image/webp"), headers=STORED_HEADERS),
                304: Answer("It is the one that If-None-Match names.", headers=STORED_HEADERS[:1]),
            },
            codes=("unsupported_variant", "video_not_ready", "no_such_range", "storage_unavailable"),
        ),
        ("POST", "/v1/videos/{video_id}/remix"): _refused("Remix a video"),
        ("POST", "/v1/videos/edits"): _refused("Edit a video"),
        ("POST", "/v1/videos/extensions"): _refused("Extend a video"),
        ("POST", "/v1/videos/characters"): _refused("Make a character"),
        ("GET", "/v1/videos/characters/{character_id}"): _refused("A character"),
        ("GET", "/v1/models"): Operation(
            summary="The names that a create takes",
            answers={
                200: Answer(
                    "Those that can be called with this key.",
                    openai.OpenAIModels,
                    openai.OpenAIModels(object="list", data=[_MODEL]),
                )
            },
        ),
        ("GET", "/v1/models/{model:path}"): Operation(
            summary="One of them",
            answers={200: Answer("By name, alias or `server/model`.", openai.OpenAIModel, _MODEL)},
            codes=(("model_not_found", 404),),
        ),
    },
)
