"""The job: one requested video, and everything there is to know about it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from db.states import JobState
from db.tables.base import (
    SCHEMA,
    Row,
    big,
    bytes_column,
    count,
    flag,
    json_column,
    moment,
    number,
    small,
    text_column,
)

_STATES = ", ".join(f"'{state}'" for state in JobState)
_QUEUED = text("state = 'queued'")
_UNTAGGED = text("state = 'queued' AND tag IS NULL")
_DISCARDED = text("state = 'cancelled' AND result IS NOT NULL")
_OWNED = text("state IN ('submitting', 'generating', 'collecting')")


class VideoJob(Row, table=True):
    """One video.

    `params` is the frozen request (camelCase as on the wire: seconds, size, resolution, aspectRatio, fps, audio, seed,
    negativePrompt). `attempt` counts from 1 and grows only when an accepted video failed and is submitted again;
    `attempts_made` is how many submissions were accepted. `due_at` is when a queued row may start; `next_at` when an
    owned row wants its next step. `fingerprint` covers what a provider's listing shows (lane, model, size, seconds,
    prompt), `inputs_hash` what it hides. `end_user_id` is the client's own name for the person it is made for. `result`
    is where the provider keeps the finished video, `copy_due_at` when to remove it there, NULL once that is done or was
    never wanted. Money is in millionths of a US dollar.
    """

    __tablename__ = "video_jobs"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("priority BETWEEN 0 AND 4", name="priority"),
        ForeignKeyConstraint(["client_id"], [f"{SCHEMA}.clients.id"]),
        ForeignKeyConstraint(["lane_id"], [f"{SCHEMA}.lanes.id"]),
        ForeignKeyConstraint(["credential_id"], [f"{SCHEMA}.credentials.id"]),
        Index("ix_video_jobs_turn", "lane_id", "priority", "tag", "created_at", "id", postgresql_where=_QUEUED),
        Index("ix_video_jobs_due", "lane_id", "due_at", postgresql_where=_QUEUED),
        Index("ix_video_jobs_untagged", "due_at", "created_at", "id", postgresql_where=_UNTAGGED),
        Index("ix_video_jobs_share", "lane_id", "priority", "client_id", "tag", postgresql_where=_QUEUED),
        Index(
            "ix_video_jobs_expiry", "expires_at", postgresql_where=text("state = 'queued' AND expires_at IS NOT NULL")
        ),
        Index("ix_video_jobs_owner", "owner", postgresql_where=_OWNED),
        Index("ix_video_jobs_storyboard", "client_id", "storyboard_id", "created_at"),
        Index("ix_video_jobs_created", "client_id", "created_at", "id"),
        Index("ix_video_jobs_state", "state", "completed_at"),
        Index("ix_video_jobs_credential", "credential_id"),
        Index("ix_video_jobs_newest", "created_at", "id"),
        Index("ix_video_jobs_model", "kind", "model", "created_at", "id"),
        Index(
            "ix_video_jobs_ended",
            "completed_at",
            "id",
            postgresql_where=text("completed_at IS NOT NULL"),
            postgresql_include=["state", "created_at"],
        ),
        Index("ix_video_jobs_error", "error_code", "created_at", "id", postgresql_where=text("error_code IS NOT NULL")),
        Index("ix_video_jobs_words", text("to_tsvector('simple'::regconfig, prompt)"), postgresql_using="gin"),
        Index(
            "ix_video_jobs_end_user",
            "client_id",
            "end_user_id",
            "created_at",
            "id",
            postgresql_where=text("end_user_id IS NOT NULL"),
        ),
        Index("ix_video_jobs_discarded", "completed_at", postgresql_where=_DISCARDED),
        Index("ix_video_jobs_copy", "copy_due_at", postgresql_where=text("copy_due_at IS NOT NULL")),
        Index(
            "ix_video_jobs_unwanted",
            "id",
            postgresql_where=text("state = 'queued' AND cancel_requested_at IS NOT NULL"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    client_id: UUID
    lane_id: UUID
    credential_id: UUID
    storyboard_id: str | None = text_column(default=None)
    scene_id: str | None = text_column(default=None)
    end_user_id: str | None = text_column(default=None)
    kind: str = text_column()
    server: str | None = text_column(default=None)
    model: str = text_column()
    requested_model: str = text_column()
    adjusted: dict[str, Any] | None = json_column(default=None)
    prompt: str = text_column()
    params: dict[str, Any] = json_column()
    caller_metadata: dict[str, Any] | None = json_column(default=None)
    webhook_url: str | None = text_column(default=None)
    face: str | None = text_column(default=None)
    body_hash: bytes = bytes_column()
    fingerprint: bytes = bytes_column()
    inputs_hash: bytes | None = bytes_column(default=None)
    trace_id: str | None = text_column(default=None)
    simulated: bool = flag()

    state: str = text_column(default=JobState.QUEUED)
    priority: int = small(2)
    tag: float | None = number()
    run_at: datetime | None = moment(default=None)
    expires_at: datetime | None = moment(default=None)
    due_at: datetime | None = moment(default=None)
    owner: UUID | None = None
    epoch: int = count()
    next_at: datetime | None = moment(default=None)

    attempt: int = count(1)
    attempts_made: int = count()
    refusals: int = count()
    poll_misses: int = count()
    collect_failures: int = count()
    submission_id: UUID | None = None
    provider_job_id: str | None = text_column(default=None)
    progress: int | None = small()
    wait_until: datetime | None = moment(default=None)
    result: dict[str, Any] | None = json_column(default=None)
    copy_due_at: datetime | None = moment(default=None)
    cancel_requested_at: datetime | None = moment(default=None)
    discard: bool = flag()

    error_code: str | None = text_column(default=None)
    error_message: str | None = text_column(default=None)
    estimate_micros: int = big(0)
    cost_micros: int | None = big()
    catalogue_version: str = text_column(default="")

    video_key: str | None = text_column(default=None)
    poster_key: str | None = text_column(default=None)
    video_bytes: int | None = big()
    video_sha256: str | None = text_column(default=None)
    video_type: str | None = text_column(default=None)
    video_width: int | None = None
    video_height: int | None = None
    video_seconds: float | None = number()
    video_fps: float | None = number()

    created_at: datetime = moment(default_now=True)
    updated_at: datetime = moment(default_now=True)
    started_at: datetime | None = moment(default=None)
    completed_at: datetime | None = moment(default=None)
    review_at: datetime | None = moment(default=None)
