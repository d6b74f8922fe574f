"""Gemini Omni's interactions as values: what a submission's body holds and what an interaction says."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from providers.answers import as_list, as_table, as_text, complaint, iso_date
from providers.base import WITHOUT_OUTPUT, InputRole, RemoteResult, RemoteStatus, RemoteVideo, VideoRequest
from providers.long_strings import without_mark
from providers.scrub import scrubbed
from providers.verdicts import FILTERED, is_moderation

STATUSES = {
    "queued": RemoteStatus.QUEUED,
    "completed": RemoteStatus.COMPLETED,
    "failed": RemoteStatus.FAILED,
    "incomplete": RemoteStatus.FAILED,
    "budget_exceeded": RemoteStatus.FAILED,
    "cancelled": RemoteStatus.CANCELLED,
}

Table = Mapping[str, object]


def interaction_of(request: VideoRequest) -> dict[str, object]:
    """The body of a submission that runs in the background and leaves its video in Google's file store."""
    shape = {
        "type": "video",
        "aspect_ratio": request.aspect_ratio,
        "resolution": request.resolution,
        "duration": None if request.seconds is None else f"{request.seconds:g}s",
        "delivery": "uri",
    }
    generation: dict[str, object] = {"video_config": {"task": _task(request)}}
    if request.seed is not None:
        generation["seed"] = request.seed
    body: dict[str, object] = {
        "model": request.model,
        "background": True,
        "store": True,
        "input": _input(request),
        "response_format": {name: value for name, value in shape.items() if value is not None},
        "generation_config": generation,
        "labels": {"job": request.job_id, "submission": request.label},
    }
    if request.callback_url:
        told = {"job": request.job_id, "submission": request.label}
        body["webhook_config"] = {"uris": [request.callback_url], "user_metadata": told}
    return body


def video_of(table: Table, *secrets: str) -> RemoteVideo | None:
    """An interaction, None where it has no id. A status that nobody knows is still running."""
    provider_id = as_text(table.get("id"))
    if provider_id is None:
        return None
    word = (as_text(table.get("status")) or "").lower()
    status = STATUSES.get(word, RemoteStatus.RUNNING)
    video = RemoteVideo(
        provider_id,
        status,
        scrubbed(word)[:64],
        created_at=iso_date(table.get("created")),
        model=as_text(table.get("model")),
    )
    if status is RemoteStatus.COMPLETED:
        return _completed(video, table, *secrets)
    return _failed(video, table, *secrets) if status is RemoteStatus.FAILED else video


def holds_the_video(before: bytes) -> bool:
    """Whether the string that follows in an interaction's JSON is its video, and not an image that it echoes."""
    block = before[before.rfind(b"{") :]
    return bool(re.search(rb'"data"\s*:\s*"$', block)) and b'"video' in block


def _task(request: VideoRequest) -> str:
    roles = {item.role for item in request.inputs}
    if InputRole.REFERENCE in roles:
        return "reference_to_video"
    return "image_to_video" if roles else "text_to_video"


def _input(request: VideoRequest) -> object:
    if not request.inputs:
        return request.prompt
    images = [
        {"type": "image", "data": base64.b64encode(item.data).decode(), "mime_type": item.content_type}
        for item in request.inputs
    ]
    return [*images, {"type": "text", "text": request.prompt}]


def _completed(video: RemoteVideo, table: Table, *secrets: str) -> RemoteVideo:
    """Completed with a video; with words or nothing where the content rules spoke; or with its output still to come."""
    blocks = list(_output(table))
    result = next((found for block in blocks if (found := _result(block))), None)
    if result is not None:
        return replace(video, progress=100, result=result)
    words = " ".join(without_mark(text) for block in blocks if (text := as_text(block.get("text"))))
    tokens = _video_tokens(table)
    if tokens > 0 or not (words or _counted_nothing(table)):
        return replace(video, status=RemoteStatus.RUNNING, raw_status=WITHOUT_OUTPUT, charged=tokens > 0 or None)
    return replace(
        video,
        status=RemoteStatus.FAILED,
        error_code=FILTERED,
        error_message=scrubbed(words, *secrets) or "Completed without any output, which is how regional rules refuse.",
        moderated=True,
        charged=False,
    )


def _output(table: Table) -> Iterator[Table]:
    for step in map(as_table, as_list(table.get("steps"))):
        if step.get("type") == "model_output":
            yield from map(as_table, as_list(step.get("content")))


def _result(block: Table) -> RemoteResult | None:
    if block.get("type") != "video":
        return None
    uri = as_text(block.get("uri"))
    if uri is not None:
        return RemoteResult(urls=(uri,))
    return RemoteResult(inline=True) if as_text(block.get("data")) else None


def _video_tokens(table: Table) -> int:
    usage = as_table(table.get("usage"))
    spent = (as_table(entry) for entry in as_list(usage.get("output_tokens_by_modality")))
    counts = (entry.get("tokens") for entry in spent if entry.get("modality") == "video")
    return sum(count for count in counts if isinstance(count, int))


def _counted_nothing(table: Table) -> bool:
    return as_table(table.get("usage")).get("total_output_tokens") == 0


def _failed(video: RemoteVideo, table: Table, *secrets: str) -> RemoteVideo:
    steps = (as_table(step).get("error") for step in as_list(table.get("steps")))
    first = next((error for error in [*as_list(table.get("errors")), *steps] if as_table(error)), {})
    said = complaint({"error": first})
    message = scrubbed(without_mark(said.message), *secrets) or f"The interaction ended as {video.raw_status}."
    moderated = is_moderation(said.code, message)
    usual = "provider_failed" if video.raw_status == "failed" else video.raw_status
    code = FILTERED if moderated else scrubbed(said.code)[:64] or usual
    return replace(video, error_code=code, error_message=message, moderated=moderated)
