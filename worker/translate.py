"""Between the rooms: rows become accounts and requests, remote results become JSON and back."""

from datetime import datetime
from typing import Any

from db.copies import Copy
from db.images import SentInput
from db.work import WorkItem
from providers.base import Account, InputRole, MediaInput, RemoteResult, RemoteStatus, RemoteVideo, VideoRequest


def account_of(item: WorkItem | Copy, secret: str) -> Account:
    """The provider account a job is pinned to."""
    return Account(
        kind=item.kind,
        base_url=item.base_url,
        secret=secret,
        server=item.server,
        project=item.project,
        location=item.location,
        output_uri=item.output_uri,
    )


def output_prefix(item: WorkItem) -> str | None:
    """This submission's own folder under the account's output bucket."""
    if item.output_uri is None or item.submission_id is None:
        return None
    return f"{item.output_uri.rstrip('/')}/{item.id}/{item.submission_id}/"


def request_of(item: WorkItem, inputs: list[SentInput], callback_url: str | None) -> VideoRequest:
    """The frozen request of a row."""
    params = item.params
    return VideoRequest(
        model=item.model,
        prompt=item.prompt,
        label=item.label or f"rw-{item.id}",
        job_id=str(item.id),
        negative_prompt=params.get("negativePrompt"),
        seconds=params.get("seconds"),
        size=params.get("size"),
        resolution=params.get("resolution"),
        aspect_ratio=params.get("aspectRatio"),
        fps=params.get("fps"),
        audio=params.get("audio"),
        seed=params.get("seed"),
        inputs=tuple(MediaInput(InputRole(one.role), one.content_type, one.data) for one in inputs),
        output_prefix=output_prefix(item),
        callback_url=callback_url,
    )


def result_to_json(result: RemoteResult) -> dict[str, Any]:
    return {
        "urls": list(result.urls),
        "thumbnailUrls": list(result.thumbnail_urls),
        "expiresAt": result.expires_at.isoformat() if result.expires_at else None,
        "inline": result.inline,
    }


def result_from_json(stored: dict[str, Any] | None) -> RemoteResult:
    stored = stored or {}
    expires_at = stored.get("expiresAt")
    return RemoteResult(
        urls=tuple(stored.get("urls", ())),
        thumbnail_urls=tuple(stored.get("thumbnailUrls", ())),
        expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
        inline=bool(stored.get("inline")),
    )


def video_to_json(video: RemoteVideo) -> dict[str, Any]:
    """What a listing showed, for another process that waits for it."""
    return {
        "id": video.provider_id,
        "status": video.status.value,
        "word": video.raw_status,
        "progress": video.progress,
        "result": result_to_json(video.result) if video.result else None,
        "error": [video.error_code, video.error_message],
        "moderated": video.moderated,
        "charged": video.charged,
    }


def video_from_json(told: dict[str, Any]) -> RemoteVideo:
    """The same video on the other side."""
    error_code, error_message = told["error"]
    return RemoteVideo(
        provider_id=told["id"],
        status=RemoteStatus(told["status"]),
        raw_status=told["word"],
        progress=told["progress"],
        result=result_from_json(told["result"]) if told["result"] else None,
        error_code=error_code,
        error_message=error_message,
        moderated=told["moderated"],
        charged=told["charged"],
    )


def finished_video(item: WorkItem | Copy) -> RemoteVideo:
    """The provider's finished video as the row remembers it."""
    return RemoteVideo(
        provider_id=item.provider_job_id or "",
        status=RemoteStatus.COMPLETED,
        raw_status="completed",
        result=result_from_json(item.result),
        model=item.model,
    )
