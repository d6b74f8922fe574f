"""The simulator as a process and in bulk: it starts, says what is wrong, ends in order and carries a load."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest

import reelwork.simulator
from reelwork.simulator import MissingExtra, extra
from reelwork.testing import SimulatorHandle, running_simulator

KEY = {"authorization": "Bearer key-1"}


@contextmanager
def process(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The simulator as a process of its own, and the address it announced."""
    command = [sys.executable, "-m", "reelwork.simulator", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            yield running, re.findall(r"http://[^/ ,]+", line)[0]
        finally:
            running.kill()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_as_a_process_and_ends_in_order_even_with_silent_requests(stop: signal.Signals) -> None:
    with process("generation_s=1", "--fault", "submit=hang") as (running, url):
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(url + "/v1/videos", json={"prompt": "a cat"}, headers=KEY, timeout=0.3, trust_env=False)
        assert httpx.get(url + "/_sim/options", trust_env=False).json()["generation_s"] == 1

        running.send_signal(stop)

        assert running.wait(timeout=10) == 0
        assert running.stderr is not None and running.stderr.read() == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["generation=3"], "unknown option generation"),
        (["--fault", "submit=explode"], "no fault is called"),
        (["lean"], "options are written NAME=VALUE"),
    ],
)
def test_a_wrong_call_is_explained(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    from reelwork.simulator.__main__ import main

    with pytest.raises(SystemExit) as caught:
        main(["--port", "0", *arguments])

    assert caught.value.code == 2 and words in capsys.readouterr().err


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    from reelwork.simulator.__main__ import main

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        assert main(["--port", str(port)]) == 1

    assert f"port {port} on 127.0.0.1 cannot be used" in capsys.readouterr().err


def test_missing_libraries_are_named_with_the_command_that_brings_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name in ("av", "numpy") else object())

    with pytest.raises(MissingExtra, match=r'needs av, numpy\. .* pip install "reelwork\[simulator\]"'):
        reelwork.simulator.serve(port=0)


def test_importing_it_loads_none_of_its_heavy_libraries() -> None:
    code = (
        "import sys, reelwork.simulator, reelwork.testing;"
        "print([n for n in ('av', 'numpy', 'PIL', 'starlette', 'uvicorn', 'cryptography') if n in sys.modules])"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert found.strip() == "[]"


def test_two_simulators_in_one_process_do_not_mix() -> None:
    with running_simulator(lean=True) as one, running_simulator(lean=True) as other:
        httpx.post(one.url + "/v1/videos", json={"prompt": "a cat"}, headers=KEY, trust_env=False)

        assert (one.books()["accepted"], other.books()["accepted"]) == (1, 0)


async def test_five_hundred_videos_in_flight_are_polled_and_fetched() -> None:
    with process("generation_s=1000", "jitter=0", "lean=1") as (_, url), SimulatorHandle(url) as simulator:
        async with httpx.AsyncClient(base_url=url, headers=KEY, trust_env=False, timeout=60) as http:
            posts = [http.build_request("POST", "/v1/videos", json={"prompt": f"scene {n}"}) for n in range(500)]
            ids = [answer.json()["id"] for answer in await _sent(http, posts)]
            polls = await _sent(http, [http.build_request("GET", f"/v1/videos/{video_id}") for video_id in ids])
            simulator.advance(1001)
            downloads = [http.build_request("GET", f"/v1/videos/{video_id}/content") for video_id in ids[::10]]
            clips = await _sent(http, downloads)
        books = simulator.books(brief=True)

    assert books["peak_in_flight"] == books["accepted"] == len(set(ids)) == 500
    assert all(poll.json()["status"] in ("queued", "in_progress") for poll in polls)
    assert {clip.status_code for clip in clips} == {200}


async def _sent(http: httpx.AsyncClient, requests: list[httpx.Request]) -> list[httpx.Response]:
    """The answers, 25 requests at a time: httpx itself grows slow with a long queue."""
    places = asyncio.Semaphore(25)

    async def send(request: httpx.Request) -> httpx.Response:
        async with places:
            return await http.send(request)

    return await asyncio.gather(*map(send, requests))


def test_hundreds_of_megabytes_are_sent_with_flat_memory() -> None:
    with (
        process("generation_s=0", "lean=1", "payload_bytes=300000000") as (running, url),
        httpx.Client(base_url=url, headers=KEY, trust_env=False, timeout=60) as http,
    ):
        path = f"/v1/videos/{http.post('/v1/videos', json={'prompt': 'a cat'}).json()['id']}/content"
        http.get(path, headers={"range": "bytes=0-9"})
        simulator = psutil.Process(running.pid)
        before_bytes = most_bytes = simulator.memory_info().rss
        received = 0
        with http.stream("GET", path) as response:
            for chunk in response.iter_raw(4 * 1024 * 1024):
                received += len(chunk)
                most_bytes = max(most_bytes, simulator.memory_info().rss)

    assert received == 300_000_000
    assert most_bytes - before_bytes < 30_000_000
