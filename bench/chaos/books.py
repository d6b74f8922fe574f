"""The books that are compared: ours, the provider's, the storage's, and what callers were told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Job:
    """A row of ours, as far as an auditor cares."""

    id: UUID
    state: str
    attempt: int = 1
    error_code: str | None = None
    cost_micros: int | None = None
    estimate_micros: int = 0
    provider_job_id: str | None = None
    video_key: str | None = None
    poster_key: str | None = None
    video_bytes: int | None = None
    video_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A paid call as we wrote it down. `fingerprint` is alike for requests that are alike; `inferred` says
    that a listing told its id, and not the call's own answer; `in_flight` that it takes a place of its lane."""

    id: UUID
    job_id: UUID
    attempt: int
    label: str
    fingerprint: bytes
    outcome: str | None = None
    provider_id: str | None = None
    inferred: bool = False
    in_flight: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger."""

    job_id: UUID
    attempt: int
    entry: str
    micros: int
    delta_micros: int


@dataclass(frozen=True, slots=True)
class Paid:
    """A video in the provider's books: accepted, so it costs money. `label` is its submission's, or its job's id."""

    id: str
    label: str | None
    state: str


@dataclass(frozen=True, slots=True)
class File:
    """A file in the storage."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Books:
    """Everything, read when nothing moves any more. `accepted` was promised to callers, `may_fail` and `may_cancel`
    are the ids of which they know that it can come so; `leftovers` are temporary files that nobody needs."""

    accepted: frozenset[UUID]
    may_fail: frozenset[UUID]
    may_cancel: frozenset[UUID]
    jobs: Mapping[UUID, Job]
    submissions: Sequence[Submission]
    ledger: Sequence[Line]
    paid: Sequence[Paid]
    files: Mapping[str, File]
    leftovers: Sequence[Path] = field(default=())
