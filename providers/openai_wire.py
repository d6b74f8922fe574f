"""The OpenAI Videos dialect as values: what a submission's form holds and what a Video object says."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from providers.answers import Answer, as_text, complaint, unix_date
from providers.base import InputRole, RemoteResult, RemoteStatus, RemoteVideo, VideoRequest
from providers.scrub import scrubbed
from providers.verdicts import FILTERED, is_moderation

STATUSES = {
    "queued": RemoteStatus.QUEUED,
    "pending": RemoteStatus.QUEUED,
    "in_progress": RemoteStatus.RUNNING,
    "processing": RemoteStatus.RUNNING,
    "completed": RemoteStatus.COMPLETED,
    "succeeded": RemoteStatus.COMPLETED,
    "failed": RemoteStatus.FAILED,
    "cancelled": RemoteStatus.CANCELLED,
    "canceled": RemoteStatus.CANCELLED,
    "deleted": RemoteStatus.CANCELLED,
}
FAILURE_LIKE = re.compile(r"fail|error|cancel|expire|reject")
FILE_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


def form_of(request: VideoRequest) -> dict[str, str]:
    """The form's plain fields: the dialect's own, and what servers beyond it take, only where it was asked for."""
    asked = {
        "prompt": request.prompt,
        "model": request.model,
        "seconds": None if request.seconds is None else f"{request.seconds:g}",
        "size": request.size,
        "fps": request.fps,
        "seed": request.seed,
        "negative_prompt": request.negative_prompt,
        "generate_sound": None if request.audio is None else str(request.audio).lower(),
    }
    return {name: str(value) for name, value in asked.items() if value is not None}


def files_of(request: VideoRequest) -> dict[str, tuple[str, str, bytes]]:
    """The form's files: the first frame is the dialect's `input_reference`."""
    frames = (item for item in request.inputs if item.role is InputRole.FIRST_FRAME)
    first = next(frames, None)
    if first is None:
        return {}
    name = f"first_frame.{FILE_ENDINGS.get(first.content_type, 'bin')}"
    return {"input_reference": (name, first.content_type, first.data)}


def status_of(word: str) -> RemoteStatus:
    """The status a server's word means; one that nobody knows is still running unless it sounds like a failure."""
    word = word.lower()
    if word in STATUSES:
        return STATUSES[word]
    return RemoteStatus.FAILED if FAILURE_LIKE.search(word) else RemoteStatus.RUNNING


def video_of(table: Mapping[str, object], base_url: str, *secrets: str) -> RemoteVideo | None:
    """A Video object, None where it has no id."""
    provider_id = as_text(table.get("id"))
    if provider_id is None:
        return None
    word = as_text(table.get("status")) or ""
    status = status_of(word)
    progress = table.get("progress")
    code, message = _error(table, *secrets) if status is RemoteStatus.FAILED else (None, None)
    return RemoteVideo(
        provider_id=provider_id,
        status=status,
        raw_status=scrubbed(word)[:64],
        progress=max(0, min(100, int(progress))) if isinstance(progress, int | float) else None,
        result=_result(table, base_url, provider_id) if status is RemoteStatus.COMPLETED else None,
        error_code=code,
        error_message=message,
        moderated=code == FILTERED,
        created_at=unix_date(table.get("created_at")),
        model=as_text(table.get("model")),
        prompt=as_text(table.get("prompt")),
        seconds=_plain(table.get("seconds")),
        size=as_text(table.get("size")),
    )


def failed_video(answer: Answer, base_url: str, provider_id: str, *secrets: str) -> RemoteVideo | None:
    """The failed Video that some servers send as the body of an error answer, None where the body is none."""
    table = answer.table()
    if table.get("object") != "video" or status_of(as_text(table.get("status")) or "") is not RemoteStatus.FAILED:
        return None
    return video_of(table | {"id": provider_id}, base_url, *secrets)


def video_url(base_url: str, provider_id: str) -> str:
    """Where one video is asked for and deleted."""
    return f"{base_url.rstrip('/')}/videos/{quote(provider_id, safe='')}"


def content_url(base_url: str, provider_id: str, variant: str | None = None) -> str:
    """Where the result is fetched; without a variant it is the video, also for servers that number theirs."""
    return f"{video_url(base_url, provider_id)}/content" + (f"?variant={variant}" if variant else "")


def _result(table: Mapping[str, object], base_url: str, provider_id: str) -> RemoteResult:
    elsewhere = [as_text(table.get("url")), *_texts(table.get("urls")), *_texts(table.get("unsigned_urls"))]
    return RemoteResult(
        urls=tuple(dict.fromkeys([content_url(base_url, provider_id), *(url for url in elsewhere if url)])),
        thumbnail_urls=(content_url(base_url, provider_id, "thumbnail"),),
        expires_at=unix_date(table.get("expires_at")),
    )


def _error(table: Mapping[str, object], *secrets: str) -> tuple[str, str]:
    error = table.get("error")
    words = complaint({"error": error} if error else {})
    message = scrubbed(words.message, *secrets) or "The provider says that the video failed and not why."
    if is_moderation(words.code, words.message):
        return FILTERED, message
    return scrubbed(words.code)[:64] or "provider_failed", message


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _plain(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
