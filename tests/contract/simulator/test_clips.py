"""The clips are real: what a decoder finds is what was asked for, and it moves."""

import io
from collections.abc import Iterator

import av
import httpx
import numpy as np
import pytest

from reelwork.testing import SimulatorHandle, running_simulator


@pytest.fixture(scope="module")
def studio() -> Iterator[SimulatorHandle]:
    with running_simulator(generation_s=0, queue_s=0) as handle:
        yield handle


@pytest.fixture
def http(studio: SimulatorHandle) -> Iterator[httpx.Client]:
    studio.reset()
    key = {"authorization": "Bearer key-1", "x-goog-api-key": "key-1"}
    with httpx.Client(base_url=studio.url, headers=key, trust_env=False, timeout=60) as client:
        yield client


def clip(http: httpx.Client, prompt: str, **fields: object) -> bytes:
    made = http.post("/v1/videos", json={"model": "any", "seconds": 1, "size": "320x180", "prompt": prompt, **fields})
    return http.get(f"/v1/videos/{made.json()['id']}/content").raise_for_status().content


def decoded(data: bytes) -> tuple[str, int, int, int, float]:
    """Codec, width, height, frames and frame rate."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(video=0))
        return stream.codec.name, stream.width, stream.height, frames, float(stream.average_rate or 0)


@pytest.mark.parametrize(("size", "seconds", "fps"), [("320x180", 1, 24), ("180x320", 2, 30), ("322x182", 1, 25)])
def test_size_length_and_frame_rate_are_as_asked(http: httpx.Client, size: str, seconds: int, fps: int) -> None:
    data = clip(http, "a cat", size=size, seconds=seconds, fps=fps)

    width, height = map(int, size.split("x"))
    assert decoded(data) == ("h264", width, height, seconds * fps, fps)


def test_the_index_comes_before_the_pictures(http: httpx.Client) -> None:
    data = clip(http, "a cat")

    assert data[4:8] == b"ftyp" and data.index(b"moov") < data.index(b"mdat")


def test_sound_is_there_unless_it_was_not_wanted(http: httpx.Client) -> None:
    with (
        av.open(io.BytesIO(clip(http, "a cat"))) as loud,
        av.open(io.BytesIO(clip(http, "a cat", generate_sound=False))) as quiet,
    ):
        assert loud.streams.audio[0].codec.name == "aac" and not quiet.streams.audio
        assert sum(frame.samples for frame in loud.decode(audio=0)) >= 48_000


def test_the_picture_moves_and_differs_from_prompt_to_prompt(http: httpx.Client) -> None:
    def frames(prompt: str) -> list[np.ndarray]:
        with av.open(io.BytesIO(clip(http, prompt))) as container:
            return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]

    cat, dog = frames("a cat in the rain"), frames("a dog in the sun, running")

    assert np.abs(cat[0].astype(int) - cat[-1].astype(int)).mean() > 3
    assert np.abs(cat[0].astype(int) - dog[0].astype(int)).mean() > 1


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("[sim:wrong-length=2]", ("h264", 320, 180, 48, 24)),
        ("[sim:wrong-size=160x90]", ("h264", 160, 90, 24, 24)),
        ("[sim:wrong-fps=12]", ("h264", 320, 180, 12, 12)),
    ],
)
def test_a_clip_can_be_other_than_asked(
    http: httpx.Client, marker: str, expected: tuple[str, int, int, int, float]
) -> None:
    assert decoded(clip(http, f"a cat {marker}")) == expected


def test_a_padded_clip_still_plays(http: httpx.Client) -> None:
    data = clip(http, "a cat [sim:bytes=3000000]")

    assert len(data) == 3_000_000
    assert decoded(data) == ("h264", 320, 180, 24, 24)


def test_equal_requests_give_equal_bytes(http: httpx.Client) -> None:
    assert clip(http, "a cat") == clip(http, "a cat") != clip(http, "a dog")


def test_lean_clips_do_not_depend_on_the_prompt(http: httpx.Client, studio: SimulatorHandle) -> None:
    studio.change(lean=True)

    assert clip(http, "a cat") == clip(http, "a dog")


def test_google_kinds_render_by_aspect_ratio_and_resolution(http: httpx.Client) -> None:
    wanted = {"type": "video", "aspect_ratio": "9:16", "resolution": "360p", "duration": "3s", "delivery": "uri"}
    body = {"model": "gemini-omni-1.2-flash", "input": "a cat", "background": True, "response_format": wanted}
    made = http.post("/v1/interactions", json=body).json()
    block = http.get(f"/v1/interactions/{made['id']}").json()["steps"][1]["content"][0]

    data = http.get(block["uri"], params={"alt": "media"}).content

    assert decoded(data) == ("h264", 360, 640, 72, 24)
