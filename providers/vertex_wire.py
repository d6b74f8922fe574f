"""Veo's prediction on Vertex as values: what a submission's body holds and what an operation says."""

import base64
import re
from collections.abc import Mapping

from providers.answers import as_list, as_table, as_text
from providers.base import InputRole, MediaInput, RemoteResult, RemoteStatus, RemoteVideo, VideoRequest
from providers.long_strings import without_mark
from providers.scrub import scrubbed
from providers.verdicts import FILTERED, is_moderation

INVALID, NOT_FOUND, CANCELLED = 3, 5, 1
CODES = {
    CANCELLED: "cancelled",
    INVALID: "invalid_request",
    4: "provider_internal",
    7: "permission_denied",
    8: "provider_overloaded",
    13: "provider_internal",
    14: "provider_overloaded",
    16: "permission_denied",
}


def prediction_of(request: VideoRequest) -> dict[str, object]:
    """The body of a submission for one sample, written to the submission's own folder where it has one."""
    parameters = {
        "sampleCount": 1,
        "storageUri": request.output_prefix,
        "durationSeconds": None if request.seconds is None else int(request.seconds),
        "aspectRatio": request.aspect_ratio,
        "resolution": request.resolution,
        "seed": request.seed,
        "negativePrompt": request.negative_prompt,
        "generateAudio": request.audio,
    }
    return {
        "instances": [{"prompt": request.prompt, **_inputs(request.inputs)}],
        "parameters": {name: value for name, value in parameters.items() if value is not None},
        "labels": {"job": request.job_id, "submission": request.label},
    }


def operation_of(table: Mapping[str, object], provider_id: str, *secrets: str) -> RemoteVideo:
    """A running or ended operation. While it runs, `done` is absent rather than false."""
    if table.get("done") is not True:
        return RemoteVideo(provider_id, RemoteStatus.RUNNING, "running")
    error = as_table(table.get("error"))
    if error:
        return _failed(error, provider_id, *secrets)
    response = as_table(table.get("response"))
    videos = [as_table(video) for video in as_list(response.get("videos"))]
    result = next((found for video in videos if (found := _result(video))), None)
    if result is not None:
        return RemoteVideo(provider_id, RemoteStatus.COMPLETED, "done", result=result)
    return _without_video(response, provider_id, *secrets)


def holds_the_video(before: bytes) -> bool:
    """Whether the string that follows in an operation's JSON is its video."""
    return bool(re.search(rb'"bytesBase64Encoded"\s*:\s*"$', before[-64:]))


def _inputs(inputs: tuple[MediaInput, ...]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for item in inputs:
        if item.role is InputRole.FIRST_FRAME:
            fields["image"] = _image(item)
        elif item.role is InputRole.LAST_FRAME:
            fields["lastFrame"] = _image(item)
    references = [item for item in inputs if item.role is InputRole.REFERENCE]
    if references:
        fields["referenceImages"] = [{"image": _image(item), "referenceType": "asset"} for item in references]
    return fields


def _image(item: MediaInput) -> dict[str, str]:
    return {"bytesBase64Encoded": base64.b64encode(item.data).decode(), "mimeType": item.content_type}


def _result(video: Mapping[str, object]) -> RemoteResult | None:
    uri = as_text(video.get("gcsUri"))
    if uri is not None:
        return RemoteResult(urls=(uri,))
    return RemoteResult(inline=True) if as_text(video.get("bytesBase64Encoded")) else None


def _failed(error: Mapping[str, object], provider_id: str, *secrets: str) -> RemoteVideo:
    number = error.get("code")
    message = scrubbed(without_mark(as_text(error.get("message")) or ""), *secrets)
    moderated = number == INVALID and is_moderation("", message)
    code = CODES.get(number, "provider_failed") if isinstance(number, int) else "provider_failed"
    return RemoteVideo(
        provider_id,
        RemoteStatus.CANCELLED if number == CANCELLED else RemoteStatus.FAILED,
        f"error {number}",
        error_code=FILTERED if moderated else code,
        error_message=message or "The operation failed.",
        moderated=moderated,
    )


def _without_video(response: Mapping[str, object], provider_id: str, *secrets: str) -> RemoteVideo:
    """An operation that ended well and shows nothing: filtered, which is not charged, or a defect."""
    said = (as_text(reason) for reason in as_list(response.get("raiMediaFilteredReasons")))
    reasons = [without_mark(reason) for reason in said if reason]
    filtered = bool(reasons) or bool(response.get("raiMediaFilteredCount"))
    message = scrubbed(" ".join(reasons), *secrets)
    return RemoteVideo(
        provider_id,
        RemoteStatus.FAILED,
        "filtered" if filtered else "done without a video",
        error_code=FILTERED if filtered else "no_output",
        error_message=message or "The operation ended without a video.",
        moderated=filtered,
        charged=False if filtered else None,
    )
