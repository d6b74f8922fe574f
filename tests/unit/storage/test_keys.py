"""A key has one spelling, and nothing else is a key."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.base import InvalidKey
from storage.keys import is_key, job_of, job_prefix, parse, poster_key, video_key

JOB = UUID("0b0e6d5c-7a3b-4c52-9d53-6f2f7c1c9a11")
VIDEO = f"{JOB}/1/video.mp4"


@given(st.uuids(), st.integers(1, 999_999))
def test_a_key_tells_what_it_was_made_of(job_id: UUID, attempt: int) -> None:
    video, poster = video_key(job_id, attempt), poster_key(job_id, attempt)

    assert video.startswith(job_prefix(job_id))
    assert (parse(video).attempt, parse(video).content_type) == (attempt, "video/mp4")
    assert (parse(poster).attempt, parse(poster).content_type) == (attempt, "image/webp")
    assert job_of(video) == job_of(poster) == job_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        f"/{VIDEO}",
        f"{VIDEO}/",
        f"{VIDEO}\n",
        f"./{VIDEO}",
        f"{JOB}/../{VIDEO}",
        f"{JOB}//video.mp4",
        f"{JOB}/1/../../../etc/passwd",
        f"{JOB}/1/%2e%2e/video.mp4",
        f"{JOB}/1/video.mp4\0",
        f"{JOB}\\1\\video.mp4",
        f"{JOB}/0/video.mp4",
        f"{JOB}/01/video.mp4",
        f"{JOB}/١/video.mp4",
        f"{JOB}/1/other.mp4",
        f"{str(JOB).upper()}/1/video.mp4",
        f"{JOB.hex}/1/video.mp4",
    ],
)
def test_whatever_is_not_a_key_is_refused(text: str) -> None:
    assert not is_key(text)
    with pytest.raises(InvalidKey):
        parse(text)
    with pytest.raises(InvalidKey):
        job_of(text)


@given(st.text())
def test_no_text_is_a_key_by_chance(text: str) -> None:
    assert not is_key(text)


@pytest.mark.parametrize("attempt", [0, -1, 1_000_000])
def test_attempts_count_from_one(attempt: int) -> None:
    with pytest.raises(InvalidKey):
        video_key(JOB, attempt)
