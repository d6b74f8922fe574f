"""Polls and listings: kept connections, no cookies, bounded bodies."""

import asyncio

import pytest

from providers.errors import TryLater
from providers.http import Request, Wire, WirePolicy


async def test_a_kept_connection_that_the_server_closed_is_asked_again_at_once(wire, raw_server):
    async def answer_then_close(exchange):
        await exchange.answer(200)
        exchange.writer.close()

    async with raw_server(answer_then_close) as server:
        for _ in range(3):
            assert (await wire.ask(server.url, Request("GET", server.url))).status == 200


async def test_polls_share_a_connection(wire, raw_server):
    async with raw_server(lambda exchange: exchange.answer(200)) as server:
        for _ in range(3):
            await wire.ask(server.url, Request("GET", server.url))

        assert server.connections == 1


async def test_a_cookie_of_one_caller_is_never_sent_for_another(wire, raw_server):
    async def with_cookie(exchange):
        await exchange.answer(200, headers="set-cookie: session=of-the-first-caller; Path=/\r\n")

    async with raw_server(with_cookie) as server:
        for _ in range(2):
            await wire.ask(server.url, Request("GET", server.url))

        assert [request.header("cookie") for request in server.requests] == [None, None]


async def test_an_answer_above_the_cap_is_not_held(raw_server):
    wire = Wire(WirePolicy(body_cap_bytes=1000))

    async with raw_server(lambda exchange: exchange.answer(200, b"x" * 5000)) as server:
        with pytest.raises(TryLater) as caught:
            await wire.ask(server.url, Request("GET", server.url))

    assert caught.value.code == "cut_answer"
    assert not caught.value.whole_lane
    await wire.close()


async def test_a_poll_that_is_never_answered_ends_in_time(raw_server):
    wire = Wire(WirePolicy(question_s=0.2))

    async def stall(_):
        await asyncio.Event().wait()

    async with raw_server(stall) as server:
        with pytest.raises(TryLater):
            await wire.ask(server.url, Request("GET", server.url))
    await wire.close()


async def test_failures_name_no_address(wire, free_port):
    with pytest.raises(TryLater) as caught:
        await wire.ask("http://127.0.0.1:1", Request("GET", f"http://127.0.0.1:{free_port}/x?key=secret"))

    assert "127.0.0.1" not in str(caught.value)
    assert "secret" not in str(caught.value)
