"""The worker's numbers, each with its unit, taken from the settings once."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from db.claims import LaneDefaults
from worker.lease import LeasePolicy
from worker.patience import Patience


@dataclass(frozen=True, slots=True)
class Policies:
    """`keep_provider_copy` leaves the provider's copy after ours is checked; `starts_paused` lets nothing start."""

    lease: LeasePolicy
    lanes: LaneDefaults
    patience: Patience
    submit_deadline: timedelta
    shutdown_grace_s: float
    max_in_flight: int
    max_submissions: int
    transfer_concurrency: int
    requests_per_second: float
    max_video_bytes: int
    work_dir: Path
    keep_provider_copy: bool
    starts_paused: bool
    public_url: str | None
