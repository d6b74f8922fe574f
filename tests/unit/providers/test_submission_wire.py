"""What a submission's failure says about whether it was sent, shown on real sockets."""

import asyncio
import socket
import struct
from contextlib import asynccontextmanager

import pytest

from providers.errors import NotSent, OutcomeUnknown, TryLater
from providers.http import Request, Wire, WirePolicy


async def agree() -> None:
    return


async def read_and_hang_up(exchange):
    exchange.writer.close()


async def read_and_reset(exchange):
    linger = struct.pack("ii", 1, 0)
    exchange.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    exchange.writer.transport.abort()


async def read_and_stall(exchange):
    await asyncio.Event().wait()


async def answer_then_close(exchange):
    await exchange.answer(200, b'{"id":"video_1"}')
    exchange.writer.close()


async def answer_well(exchange):
    await exchange.answer(200, b'{"id":"video_1"}')


def paid(url: str) -> Request:
    return Request("POST", f"{url}/videos", json={"prompt": "a cat"})


@pytest.mark.parametrize("behaviour", [read_and_hang_up, read_and_reset, read_and_stall])
async def test_a_request_that_was_read_and_not_answered_has_an_unknown_outcome(raw_server, behaviour):
    wire = Wire(WirePolicy(submit_s=0.5))
    async with raw_server(behaviour) as server:
        with pytest.raises(OutcomeUnknown) as caught:
            await wire.submit(server.url, paid(server.url), agree)

        assert len(server.requests) == 1
    assert not caught.value.answered
    await wire.close()


@asynccontextmanager
async def dropping(after_bytes: int, *, resets: bool = False, let_go: asyncio.Event | None = None):
    """The URL of a server that takes so many bytes of a connection and ends it, once it is let go."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(after_bytes)
        if let_go is not None:
            await let_go.wait()
        linger = struct.pack("ii", int(resets), 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
        ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await ended.wait()
    server.close()


@pytest.mark.parametrize("resets", [True, False])
async def test_a_server_that_takes_the_connection_and_drops_it_unread_leaves_the_outcome_open(wire, resets):
    async with dropping(0, resets=resets) as url:
        with pytest.raises(OutcomeUnknown) as caught:
            await wire.submit(url, paid(url), agree)

    assert not caught.value.answered


@pytest.mark.parametrize("stalls", [True, False])
async def test_a_body_that_was_taken_only_in_part_leaves_the_outcome_open(stalls):
    wire = Wire(WirePolicy(submit_s=1))
    let_go = asyncio.Event() if stalls else None
    image = ("a.png", "image/png", bytes(40_000_000))

    async with dropping(100_000, let_go=let_go) as url:
        with pytest.raises(OutcomeUnknown) as caught:
            await wire.submit(url, Request("POST", url, fields={}, files={"input_reference": image}), agree)
        if let_go is not None:
            let_go.set()

    assert not caught.value.answered
    await wire.close()


async def test_a_refused_connection_certainly_sent_nothing(wire, free_port):
    with pytest.raises(TryLater) as caught:
        await wire.submit(f"http://127.0.0.1:{free_port}", paid(f"http://127.0.0.1:{free_port}"), agree)

    assert caught.value.code == "unreachable"


async def test_a_name_that_does_not_resolve_certainly_sent_nothing(wire):
    with pytest.raises(TryLater):
        await wire.submit("http://no-such-host.invalid", paid("http://no-such-host.invalid"), agree)


async def test_a_tls_handshake_that_fails_certainly_sent_nothing(wire, raw_server):
    async with raw_server(answer_well) as server:
        url = server.url.replace("http://", "https://")
        with pytest.raises(TryLater):
            await wire.submit(url, paid(url), agree)

        assert server.requests == []


async def test_a_submission_never_meets_a_connection_that_the_server_just_closed(wire, raw_server):
    async with raw_server(answer_then_close) as server:
        for _ in range(3):
            answer = await wire.submit(server.url, paid(server.url), agree)
            assert answer.status == 200

        assert server.connections == 3


async def test_each_submission_has_a_connection_of_its_own_also_where_the_server_keeps_it_open(wire, raw_server):
    async with raw_server(answer_well) as server:
        for _ in range(3):
            await wire.submit(server.url, paid(server.url), agree)

        assert server.connections == 3


async def test_the_guard_is_asked_after_connecting_and_before_the_first_byte(wire, raw_server):
    seen = []

    async def watch() -> None:
        await asyncio.sleep(0)
        seen.append((server.connections, len(server.requests)))

    async with raw_server(answer_well) as server:
        await wire.submit(server.url, paid(server.url), watch)

    assert seen == [(1, 0)]


async def test_a_guard_that_refuses_leaves_the_server_without_a_byte(wire, raw_server):
    async def refuse() -> None:
        raise NotSent("lease_lost", "The lease is over.")

    async with raw_server(answer_well) as server:
        with pytest.raises(NotSent):
            await wire.submit(server.url, paid(server.url), refuse)
        await wire.submit(server.url, paid(server.url), agree)

        assert len(server.requests) == 1


async def test_a_slow_guard_counts_as_not_sent_when_time_runs_out(raw_server):
    wire = Wire(WirePolicy(submit_s=0.2))

    async with raw_server(answer_well) as server:
        with pytest.raises(TryLater):
            await wire.submit(server.url, paid(server.url), asyncio.Event().wait)

        assert server.requests == []
    await wire.close()


async def test_a_status_whose_body_was_cut_still_counts_as_an_answer(wire, raw_server):
    async def cut(exchange):
        await exchange.answer(200, b'{"id":', length=400)
        exchange.writer.close()

    async with raw_server(cut) as server:
        answer = await wire.submit(server.url, paid(server.url), agree)

    assert (answer.status, answer.complete, answer.table()) == (200, False, {})


async def test_a_redirect_of_a_submission_is_not_followed(wire, raw_server):
    async def elsewhere(exchange):
        await exchange.answer(307, b"", headers="location: /other\r\n")

    async with raw_server(elsewhere) as server:
        answer = await wire.submit(server.url, paid(server.url), agree)

        assert answer.status == 307
        assert len(server.requests) == 1


async def test_proxies_of_the_environment_are_not_used(wire, raw_server, free_port, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{free_port}")

    async with raw_server(answer_well) as server:
        answer = await wire.submit(server.url, paid(server.url), agree)

    assert answer.status == 200


async def test_cancelling_a_submission_is_not_turned_into_an_outcome(wire, raw_server):
    async with raw_server(read_and_stall) as server:
        task = asyncio.ensure_future(wire.submit(server.url, paid(server.url), agree))
        async with asyncio.timeout(5):
            while not server.requests:
                await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
