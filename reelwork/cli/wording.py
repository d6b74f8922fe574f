"""How videos, times and money read in a terminal."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reelwork.models import Video

STAGE_WORDS = {
    "queued": "waiting for its turn",
    "submitting": "being handed to the provider",
    "generating": "being generated",
    "collecting": "being fetched",
}


def describe(video: "Video") -> str:
    """Where a video stands, in a few words."""
    if video.status == "failed":
        reason = video.error_message or "no reason given"
        return f"failed: {reason}" + (f" ({video.error_code})" if video.error_code else "")
    if video.status == "needs_review":
        return "needs review: nobody knows whether the provider accepted it, so a person decides"
    if video.has_ended:
        return video.status
    return stage_of(video) + (f", {video.progress:.0f} %" if video.progress is not None else "")


def stage_of(video: "Video") -> str:
    """What happens to it now."""
    stage = video.stage or video.status
    return STAGE_WORDS.get(stage, stage)


def name_of(video: "Video") -> str:
    """A short name: its scene's, else the end of its id."""
    return video.scene_id or short_id(video.job_id)


def short_id(job_id: str) -> str:
    """The end of an id: ids of one minute begin alike."""
    return job_id if len(job_id) <= 12 else f"…{job_id[-8:]}"


def money(usd: float | None) -> str:
    """US dollars; as many decimals as a cheap video needs."""
    if usd is None:
        return "price unknown"
    return f"${usd:.2f}" if usd >= 0.1 or usd == 0 else f"${usd:.4f}"


def duration(seconds: float | None) -> str | None:
    """Seconds as 4.2s, 3m 12s or 2h 05m."""
    if seconds is None:
        return None
    if seconds < 60:
        return f"{seconds:.1f}s" if seconds < 10 else f"{seconds:.0f}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m {rest:02d}s" if minutes < 60 else f"{minutes // 60}h {minutes % 60:02d}m"


def age(moment: datetime | None) -> str | None:
    """How long ago, by this machine's clock."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return duration(max(0.0, (datetime.now(UTC) - aware).total_seconds()))


def moment_of(moment: datetime | None) -> str | None:
    """Date and time of day here, to the second."""
    return None if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def size_of(count: int) -> str:
    """Bytes as 1.2 MB."""
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"
