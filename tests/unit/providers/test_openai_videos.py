"""Servers that speak the OpenAI dialect in their own way."""

import json

import pytest

from providers.base import Account, RemoteStatus
from providers.errors import Rejected, TryLater
from providers.openai_videos import OpenAIVideos


@pytest.fixture
def adapter(wire, catalogue):
    return OpenAIVideos(wire, catalogue)


def account_at(server):
    return Account("openai_videos", server.url + "/v1", "sk-unit-0123456789")


def saying(status, body, headers=""):
    return lambda exchange: exchange.answer(status, json.dumps(body).encode(), headers)


async def test_a_video_keeps_the_id_it_was_asked_by(adapter, raw_server):
    async with raw_server(saying(200, {"id": "video_by_another_name", "status": "completed"})) as server:
        video = await adapter.poll(account_at(server), "video_asked", "m")

        assert video.provider_id == "video_asked"
        assert video.result.urls == (f"{server.url}/v1/videos/video_asked/content",)


async def test_a_failed_video_as_an_error_answer_ends_the_job(adapter, raw_server):
    body = {"id": "v", "object": "video", "status": "failed", "error": {"code": 500, "message": "out of memory"}}
    async with raw_server(saying(500, body)) as server:
        video = await adapter.poll(account_at(server), "v", "m")

        assert (video.status, video.error_message) == (RemoteStatus.FAILED, "out of memory")
        assert len(server.requests) == 1


@pytest.mark.parametrize("body", [{}, {"detail": "hello"}, [], "words"])
async def test_an_answer_that_is_no_video_is_no_verdict(adapter, raw_server, body):
    async with raw_server(saying(200, body)) as server:
        with pytest.raises(TryLater):
            await adapter.poll(account_at(server), "v", "m")


@pytest.mark.parametrize("status", [400, 404, 405, 422, 501])
async def test_a_server_without_a_listing_says_so_and_is_not_empty(adapter, raw_server, status):
    async with raw_server(saying(status, {"detail": "no"})) as server:
        with pytest.raises(Rejected) as caught:
            await adapter.list_recent(account_at(server))

        assert caught.value.code == "cannot_list"


@pytest.mark.parametrize(
    ("page", "cursor"),
    [
        ({"data": [{"id": "v"}], "has_more": True}, "v"),
        ({"data": [{"id": "v"}], "has_more": False}, None),
        ({"data": [{"id": "v"}]}, "v"),
        ({"data": []}, None),
    ],
)
async def test_a_listing_has_ended_only_where_its_server_says_so(adapter, raw_server, page, cursor):
    async with raw_server(saying(200, page)) as server:
        assert (await adapter.list_recent(account_at(server))).cursor == cursor


async def test_a_cursor_that_vanished_does_not_mean_that_there_is_no_listing(adapter, raw_server):
    async with raw_server(saying(400, {"error": {"message": "No video found with id"}})) as server:
        with pytest.raises(TryLater):
            await adapter.list_recent(account_at(server), "video_deleted")


async def test_a_page_without_last_id_goes_on_from_its_last_video(adapter, raw_server):
    body = {"data": [{"id": "b"}, {"id": "a"}, {"no": "id"}], "has_more": True}
    async with raw_server(saying(200, body)) as server:
        page = await adapter.list_recent(account_at(server), limit=500)

        assert (len(page.videos), page.cursor) == (2, "a")
        assert b"limit=100" in server.requests[0].head


async def test_a_failed_first_place_is_followed_by_the_next(adapter, raw_server):
    async def behave(exchange):
        if b"/content" in exchange.head:
            await exchange.answer(400, b'{"detail":"Please use the cloud URL"}')
        elif b"/cloud" in exchange.head:
            await exchange.answer(200, b"the video")
        else:
            body = {"id": "v", "status": "completed", "url": f"{server.url}/cloud"}
            await exchange.answer(200, json.dumps(body).encode())

    async with raw_server(behave) as server:
        account = account_at(server)
        video = await adapter.poll(account, "v", "m")
        async with adapter.download(account, video) as download:
            assert b"".join([chunk async for chunk in download.chunks]) == b"the video"


@pytest.mark.parametrize("status", [404, 405, 410, 501])
async def test_a_copy_that_cannot_be_removed_is_no_error(adapter, raw_server, status):
    async with raw_server(saying(200, {"id": "v", "status": "completed"})) as server:
        video = await adapter.poll(account_at(server), "v", "m")
    async with raw_server(saying(status, {"detail": "Method Not Allowed"})) as server:
        await adapter.delete(account_at(server), video)


async def test_a_server_that_asks_for_no_key_is_sent_none(adapter, raw_server):
    async with raw_server(saying(200, {"data": []})) as server:
        await adapter.check(Account("openai_videos", server.url, ""))

        assert server.requests[0].header("authorization") is None
