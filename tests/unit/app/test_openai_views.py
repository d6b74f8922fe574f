"""When OpenAI's clients are told to ask again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.openai.views import poll_after_ms
from db.reads import SeenJob
from db.tables import VideoJob

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def seen(state: str, **columns: Any) -> SeenJob:
    started = {"created_at": NOW - timedelta(seconds=60), "started_at": NOW - timedelta(seconds=20)}
    return SeenJob(VideoJob(state=state, **(started | columns)), NOW)


@pytest.mark.parametrize(
    ("job", "milliseconds"),
    [
        (seen("queued"), 2_000),
        (seen("queued", run_at=NOW + timedelta(seconds=4)), 4_000),
        (seen("queued", run_at=NOW + timedelta(days=1)), 10_000),
        (seen("queued", run_at=NOW - timedelta(days=1)), 2_000),
        (seen("submitting"), 2_000),
        (seen("generating"), 4_000),
        (seen("generating", progress=50), 4_000),
        (seen("generating", progress=99), 1_000),
        (seen("generating", progress=1), 10_000),
        (seen("generating", started_at=NOW - timedelta(hours=1)), 10_000),
        (seen("collecting"), 1_000),
        (seen("needs_review"), 10_000),
        (seen("completed"), 2_000),
    ],
)
def test_it_follows_the_stage_and_the_progress_and_is_never_long(job: SeenJob, milliseconds: int) -> None:
    assert poll_after_ms(job) == milliseconds
