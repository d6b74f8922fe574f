"""OpenAI's Files API, for images."""

from app.answers import openai
from app.reference.areas.videos import BINARY
from app.reference.operations import FORM, JSON, Answer, Area, Operation, Query, Schema, Takes

_ID = "file-5f0c4a522f6f4d3c8f570d9b7a3c1e11"
_FILE: openai.OpenAIFile = {
    "id": _ID,
    "object": "file",
    "bytes": 48211,
    "created_at": 1795521600,
    "expires_at": 1798113600,
    "filename": "first.png",
    "purpose": "vision",
    "status": "processed",
}
_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
_UPLOAD: Schema = {
    "title": "OpenAIFileUpload",
    "type": "object",
    "required": ["purpose", "file"],
    "properties": {
        "purpose": {"enum": ["vision", "user_data"]},
        "file": {
            "type": "string",
            "description": "A form's file, or a data: URL in JSON: PNG, JPEG, WebP up to 20 MB.",
        },
        "expires_after": {
            "type": "object",
            "required": ["seconds"],
            "properties": {
                "anchor": {"const": "created_at"},
                "seconds": {"type": "integer", "minimum": 3600, "maximum": 2592000},
            },
        },
    },
}

AREA = Area(
    "Files",
    "Images, uploaded once and named in as many requests as one likes.",
    {
        ("POST", "/v1/files"): Operation(
            summary="Keep an image",
            takes=Takes(_UPLOAD, {"purpose": "vision", "file": f"data:image/png;base64,{_PIXEL}"}, media=(FORM, JSON)),
            answers={200: Answer("Kept.", openai.OpenAIFile, _FILE)},
            codes=("invalid_form",),
        ),
        ("GET", "/v1/files"): Operation(
            summary="The client's own",
            query=(
                Query("limit", {"type": "integer", "minimum": 1, "maximum": 10000, "default": 1000}, "How many."),
                Query("after", {"type": "string"}, "The last id of the page before."),
            ),
            answers={
                200: Answer(
                    "Newest first.",
                    openai.OpenAIFilePage,
                    openai.OpenAIFilePage(object="list", data=[_FILE], first_id=_ID, last_id=_ID, has_more=False),
                )
            },
            codes=("not_found",),
        ),
        ("GET", "/v1/files/{file_id}"): Operation(
            summary="One of them", answers={200: Answer("The File object.", openai.OpenAIFile, _FILE)}
        ),
        ("DELETE", "/v1/files/{file_id}"): Operation(
            summary="Remove it",
            description="Videos that were asked for with it keep their image.",
            answers={
                200: Answer(
                    "Removed.",
                    openai.OpenAIFileDeleted,
                    openai.OpenAIFileDeleted(id=_ID, object="file", deleted=True),
                )
            },
        ),
        ("GET", "/v1/files/{file_id}/content"): Operation(
            summary="The image as it was uploaded",
            answers={200: Answer("The image.", BINARY, media=("image/png", "image/jpeg", "image/webp"))},
        ),
    },
)
