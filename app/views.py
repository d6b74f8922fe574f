"""Rows as callers read them. All keys are always there; what is not known is null."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from app.answers.operators import FailedJob
from app.answers.videos import Accepted, TimelineLine, Video
from app.drafts import Draft
from app.links import Links
from app.money import usd, usd_or_none
from db.reads import SeenJob
from db.states import OWNED, JobState
from db.tables import JobEvent, VideoJob
from providers import kinds

PROCESSING: Literal["processing"] = "processing"
STATUSES = ("queued", PROCESSING, "completed", "failed", "cancelled", "needs_review")


def status_of(state: str) -> str:
    """The caller's word for a row's state; the finer one is the stage."""
    return PROCESSING if state in OWNED else state


def states_of(status: str) -> tuple[JobState, ...]:
    """The states that a caller's word stands for."""
    return OWNED if status == PROCESSING else (JobState(status),)


def moment(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


async def video(seen: SeenJob, links: Links, server_url: str) -> Video:
    """The answer to GET /api/video/{jobId}, with fresh links."""
    row = seen.row
    now_s = seen.read_at.timestamp()
    is_stored = row.state == JobState.COMPLETED
    return {
        "jobId": str(row.id),
        "storyboardId": row.storyboard_id,
        "sceneId": row.scene_id,
        "provider": kinds.short(row.kind),
        "model": row.model,
        "requestedModel": row.requested_model,
        "adjusted": row.adjusted,
        "prompt": row.prompt,
        "params": row.params,
        "metadata": row.caller_metadata,
        "endUserId": row.end_user_id,
        "status": status_of(row.state),
        "stage": row.state,
        "progress": row.progress,
        "priority": row.priority,
        "providerJobId": row.provider_job_id,
        "videoUrl": await links.to(row.video_key, server_url, now_s) if is_stored and row.video_key else None,
        "thumbnailUrl": await links.to(row.poster_key, server_url, now_s) if is_stored and row.poster_key else None,
        "errorCode": row.error_code,
        "errorMessage": row.error_message,
        "attemptsMade": row.attempts_made,
        "costUsd": usd_or_none(row.cost_micros),
        "costEstimateUsd": usd(row.estimate_micros),
        "createdAt": moment(row.created_at),
        "runAt": moment(row.run_at),
        "expiresAt": moment(row.expires_at),
        "startedAt": moment(row.started_at),
        "completedAt": moment(row.completed_at),
        "elapsedTime": round(((row.completed_at or seen.read_at) - row.created_at).total_seconds(), 3),
        "cancelRequested": row.cancel_requested_at is not None,
        "simulated": row.simulated,
    }


def accepted(draft: Draft, known: VideoJob | None) -> Accepted:
    """The answer to a create; `known` is the row where the same create came before."""
    plan = draft.plan
    adjusted = {name: {"before": change.before, "after": change.after} for name, change in plan.adjusted.items()}
    if known is not None:
        return repeated(known)
    return Accepted(
        jobId=str(draft.id),
        status="queued",
        statusUrl=_status_url(draft.id),
        prompt=draft.prompt,
        costEstimateUsd=usd(plan.estimate_micro_usd),
        provider=kinds.short(plan.model.kind),
        model=plan.model.name,
        requestedModel=draft.body.model or plan.requested_model,
        adjusted=adjusted or None,
    )


def repeated(row: VideoJob) -> Accepted:
    """The answer that the first create of this row had."""
    return Accepted(
        jobId=str(row.id),
        status="queued",
        statusUrl=_status_url(row.id),
        prompt=row.prompt,
        costEstimateUsd=usd(row.estimate_micros),
        provider=kinds.short(row.kind),
        model=row.model,
        requestedModel=row.requested_model,
        adjusted=row.adjusted,
    )


def _status_url(job_id: UUID) -> str:
    return f"/api/video/{job_id}"


def event(line: JobEvent) -> TimelineLine:
    """One line of a timeline."""
    return {
        "id": line.id,
        "at": moment(line.at),
        "type": line.type,
        "stage": line.state,
        "attempt": line.attempt,
        "worker": str(line.worker) if line.worker else None,
        "data": line.data or {},
    }


def failure(row: VideoJob) -> FailedJob:
    """One entry of the failed list, in the shape of a queue's failed job."""
    params = row.params
    return {
        "id": str(row.id),
        "data": {
            "jobId": str(row.id),
            "storyboardId": row.storyboard_id,
            "sceneId": row.scene_id,
            "provider": kinds.short(row.kind),
            "model": row.model,
            "prompt": row.prompt,
            "size": params.get("size"),
            "resolution": params.get("resolution"),
            "duration": params.get("seconds"),
        },
        "failedReason": row.error_message or row.error_code,
        "attemptsMade": row.attempts_made,
        "timestamp": moment(row.completed_at),
    }
