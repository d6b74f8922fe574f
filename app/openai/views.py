"""A row as OpenAI's Video object, which knows four statuses only."""

from datetime import datetime, timedelta
from typing import Literal

from app.answers.openai import OpenAIVideo, OpenAIVideoError
from app.money import usd, usd_or_none
from app.openai.ids import video_id
from db.reads import SeenJob
from db.states import JobState
from db.tables import VideoJob
from providers import kinds
from providers.frames import frame_of

Status = Literal["queued", "in_progress", "completed", "failed"]
_STATUSES: dict[JobState, Status] = {
    JobState.QUEUED: "queued",
    JobState.COMPLETED: "completed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "failed",
}
IN_PROGRESS: Literal["in_progress"] = "in_progress"
_SHORTEST_MS, _USUAL_MS, _LONGEST_MS = 1_000, 2_000, 10_000


def status_of(seen: SeenJob, review_visible: timedelta) -> Status:
    """queued, in_progress, completed or failed. What waits for a person shows as in progress for a while, then as
    failed, and as completed if it turns out well after all."""
    row = seen.row
    if row.state == JobState.NEEDS_REVIEW:
        waits_since = row.review_at or row.created_at
        return IN_PROGRESS if seen.read_at - waits_since < review_visible else "failed"
    return _STATUSES.get(JobState(row.state), IN_PROGRESS)


def video(seen: SeenJob, review_visible: timedelta, kept: timedelta | None) -> OpenAIVideo:
    """The Video object, and beside it what Reelwork knows of it in the same spelling. `kept`: how long files stay."""
    row = seen.row
    status = status_of(seen, review_visible)
    completed_at = row.completed_at if status == "completed" else None
    return {
        "id": video_id(row.id),
        "object": "video",
        "created_at": _unix(row.created_at),
        "status": status,
        "model": row.model,
        "progress": 100 if status == "completed" else row.progress or 0,
        "seconds": str(row.params.get("seconds")),
        "size": _size(row),
        "prompt": row.prompt,
        "completed_at": _unix(completed_at),
        "expires_at": _unix(completed_at + kept) if completed_at and kept else None,
        "error": _error(row) if status == "failed" else None,
        "remixed_from_video_id": None,
        "provider": kinds.short(row.kind),
        "requested_model": row.requested_model,
        "adjusted": row.adjusted,
        "metadata": row.caller_metadata,
        "cost_estimate_usd": usd(row.estimate_micros),
        "cost_usd": usd_or_none(row.cost_micros),
        "simulated": row.simulated,
    }


def poll_after_ms(seen: SeenJob) -> int:
    """When to ask again. The SDK takes the first answer's word for the whole wait, so it never says long."""
    row, waited_s = seen.row, 0.0
    match row.state:
        case JobState.COLLECTING:
            return _SHORTEST_MS
        case JobState.NEEDS_REVIEW:
            return _LONGEST_MS
        case JobState.QUEUED if row.run_at and row.run_at > seen.read_at:
            waited_s = (row.run_at - seen.read_at).total_seconds()
        case JobState.GENERATING:
            waited_s = _expected_s(seen) / 5
        case _:
            return _USUAL_MS
    return max(_SHORTEST_MS, min(_LONGEST_MS, int(waited_s * 1_000)))


def _expected_s(seen: SeenJob) -> float:
    """Seconds that it may still take, by the provider's own progress; without one, as long as it has run."""
    row = seen.row
    running_s = (seen.read_at - (row.started_at or row.created_at)).total_seconds()
    return running_s * (100 - row.progress) / row.progress if row.progress else running_s


def _size(row: VideoJob) -> str | None:
    params = row.params
    if params.get("size") or not (params.get("resolution") and params.get("aspectRatio")):
        return params.get("size")
    return frame_of(params["resolution"], params["aspectRatio"]).size


def _error(row: VideoJob) -> OpenAIVideoError:
    if row.state == JobState.CANCELLED:
        return {"code": "cancelled", "message": "The video was cancelled."}
    if row.state == JobState.NEEDS_REVIEW:
        message = "It cannot be told whether the provider made this video; a person has to decide."
        return {"code": "needs_review", "message": message}
    return {"code": row.error_code or "failed", "message": row.error_message or "The video failed."}


def _unix(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None
