"""PyAV lives in a child that does not outlive its use, its parent or its patience, and knows no secret."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from media.errors import MediaError, NotAVideo
from media.inspector import Inspector

Render = Callable[..., Path]

KEEP_ONE = """
import asyncio, sys
from pathlib import Path
from media.inspector import Inspector

async def main():
    inspector = Inspector()
    await inspector.inspect(Path(sys.argv[1]))
    print("av" in sys.modules, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def patient() -> AsyncIterator[Inspector]:
    """Its child stays until it is told to go."""
    inspector = Inspector(idle=timedelta(minutes=10))
    yield inspector
    await inspector.close()


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A file that keeps its reader waiting for ever."""
    path = tmp_path / "endless.mp4"
    os.mkfifo(path)
    return path


def media_children(parent: int | None = None) -> list[psutil.Process]:
    found = psutil.Process(parent).children(recursive=True)
    return [child for child in found if child.is_running() and "child.py" in " ".join(command_of(child))]


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


async def test_one_child_serves_many_requests(patient: Inspector, render: Render) -> None:
    path = render()

    await asyncio.gather(*(patient.inspect(path) for _ in range(5)))
    (first,) = media_children()
    await patient.inspect(path)

    assert media_children() == [first]


async def test_at_most_so_many_children_work_at_once(render: Render) -> None:
    inspector = Inspector(children=2)
    path = render()

    await asyncio.gather(*(inspector.inspect(path) for _ in range(8)))

    assert len(media_children()) == 2
    await inspector.close()
    assert media_children() == []


async def test_a_child_leaves_when_nobody_asks_and_the_next_request_gets_a_new_one(render: Render) -> None:
    inspector = Inspector(idle=timedelta(seconds=0.2))
    path = render()

    await inspector.inspect(path)
    await until(lambda: not media_children())
    await inspector.inspect(path)

    await inspector.close()


async def test_a_child_that_leaves_just_as_it_is_asked_costs_nothing(render: Render) -> None:
    inspector = Inspector(idle=timedelta(seconds=0.01))
    path = render()

    for _ in range(5):
        await inspector.inspect(path)

    await inspector.close()


async def test_a_child_dies_with_its_killed_parent(render: Render) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KEEP_ONE, str(render()), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    imported_here = await asyncio.wait_for(parent.stdout.readline(), 60)
    (child,) = media_children(parent.pid)

    parent.kill()
    await parent.wait()

    assert imported_here == b"False\n"
    await until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


async def test_a_request_that_takes_too_long_is_given_up_and_its_child_killed(endless: Path, render: Render) -> None:
    inspector = Inspector(timeout=timedelta(seconds=2))

    with pytest.raises(MediaError, match="not done within 2 s") as failure:
        await inspector.inspect(endless)

    assert type(failure.value) is MediaError
    assert media_children() == []
    await inspector.close()


async def test_a_cancelled_request_kills_its_child_and_frees_its_place(
    patient: Inspector, endless: Path, render: Render
) -> None:
    asking = asyncio.ensure_future(patient.inspect(endless))
    await until(media_children)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert media_children() == []
    assert (await patient.inspect(render())).video.codec == "h264"


async def test_a_child_that_crashes_is_an_error_that_may_pass(
    patient: Inspector, endless: Path, render: Render
) -> None:
    asking = asyncio.ensure_future(patient.inspect(endless))
    await until(media_children)

    media_children()[0].kill()
    with pytest.raises(MediaError, match="ended with -9") as failure:
        await asking

    assert type(failure.value) is MediaError
    assert (await patient.inspect(render())).video.codec == "h264"


async def test_a_refusal_keeps_the_child(patient: Inspector, tmp_path: Path, render: Render) -> None:
    await patient.inspect(render())
    before = media_children()
    page = tmp_path / "page.mp4"
    page.write_text("<html>")

    with pytest.raises(NotAVideo):
        await patient.inspect(page)

    assert media_children() == before


async def test_the_child_knows_no_secret_and_gives_way_to_others(
    patient: Inspector, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "topsecret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")

    await patient.inspect(render())

    (child,) = media_children()
    assert not {"OPENAI_API_KEY", "PYTHONPATH"} & child.environ().keys()
    assert child.nice() > psutil.Process().nice()


async def test_a_stop_signal_sent_to_every_process_does_not_interrupt_the_work(
    patient: Inspector, endless: Path, render: Render
) -> None:
    content = render().read_bytes()
    await patient.inspect(render())
    asking = asyncio.ensure_future(patient.inspect(endless))
    (child,) = media_children()

    for stop in (signal.SIGTERM, signal.SIGINT):
        child.send_signal(stop)
    await asyncio.to_thread(endless.write_bytes, content)

    with pytest.raises(MediaError):
        await asking
    assert media_children() == [child]


async def test_the_event_loop_goes_on_meanwhile(patient: Inspector, render: Render, tmp_path: Path) -> None:
    path = render(seconds=1, size=(1280, 720))
    asking = asyncio.ensure_future(patient.inspect(path, tmp_path / "poster.webp"))

    turns = 0
    while not asking.done():
        await asyncio.sleep(0)
        turns += 1

    assert turns > 100
    await asking
