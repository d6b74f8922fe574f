"""Whatever is sent, the simulator answers in the dialect's own words and takes no money for it."""

import itertools
from typing import Any

import httpx
import pytest

from reelwork.testing import SimulatorHandle

ODD: list[Any] = [None, 1, "text", [], [1], {"a": 1}, True]
VEO = "/v1/projects/p/locations/l/publishers/google/models/veo-3.1-generate-001"
GOOD: dict[str, dict[str, Any]] = {
    "/v1/videos": {"prompt": "a cat", "model": "sora-2", "seconds": "4", "size": "1280x720"},
    "/v1/interactions": {
        "model": "gemini-omni-1.2-flash",
        "background": True,
        "input": "a cat",
        "response_format": {"type": "video"},
        "labels": {},
        "webhook_config": {},
    },
    VEO + ":predictLongRunning": {"instances": [{"prompt": "a cat"}], "parameters": {}, "labels": {}},
    VEO + ":fetchPredictOperation": {"operationName": "unknown"},
}


@pytest.mark.parametrize("path", GOOD)
def test_no_odd_value_makes_it_stumble(http: httpx.Client, simulator: SimulatorHandle, path: str) -> None:
    simulator.change(generation_s=0)

    for field, odd in itertools.product(GOOD[path], ODD):
        status = http.post(path, json={**GOOD[path], field: odd}).status_code

        assert status in (200, 400, 404), f"{field}={odd!r} was answered with {status}"
        accepted = simulator.books(brief=True)["accepted"]
        assert accepted == (1 if status == 200 else 0)
        simulator.reset_books()


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_no_broken_body_makes_it_stumble(http: httpx.Client, path: str, content: bytes) -> None:
    response = http.post(path, content=content, headers={"content-type": "application/json"})

    assert response.status_code == 400 and "error" in response.json()


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=101", "after=nobody"])
def test_a_wrong_page_is_refused(http: httpx.Client, query: str) -> None:
    assert http.get(f"/v1/videos?{query}").status_code == 400
