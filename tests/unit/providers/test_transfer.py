"""Results are streamed, redirects followed by hand: no credential leaves its host, and nothing leads inside."""

import pytest

from providers.addresses import origin_of
from providers.errors import CredentialRefused, Gone, TryLater
from providers.http import Wire, WirePolicy
from providers.transfer import Source, open_source

VIDEO = b"\x00\x00\x00\x18ftypisom" + bytes(5000)
KEY = {"authorization": "Bearer secret-of-the-account", "x-goog-api-key": "secret-of-the-account"}


async def the_video(exchange):
    await exchange.answer(200, VIDEO, "content-type: video/mp4\r\n")


def redirecting_to(url):
    async def redirect(exchange):
        await exchange.answer(302, b"", f"location: {url}\r\n")

    return redirect


async def fetched(wire, source):
    async with open_source(wire, source, "secret-of-the-account") as download:
        return download, b"".join([chunk async for chunk in download.chunks])


@pytest.fixture
async def open_wire(free_port):
    """A wire that trusts any port that a test names."""
    wires = []

    def opened(*trusted):
        wires.append(Wire(WirePolicy(question_s=2, connect_s=2, read_s=0.3, trusted_base_urls=trusted)))
        return wires[-1]

    yield opened
    for wire in wires:
        await wire.close()


async def test_a_result_is_streamed_with_its_type_and_length(wire, raw_server):
    async with raw_server(the_video) as server:
        download, data = await fetched(wire, Source(server.url + "/content", server.url, KEY))

        assert (download.content_type, download.length, data) == ("video/mp4", len(VIDEO), VIDEO)
        assert server.requests[0].header("authorization") == KEY["authorization"]
        assert server.requests[0].header("accept-encoding") == "identity"


async def test_no_credential_follows_a_redirect_to_another_host(open_wire, raw_server):
    async with raw_server(the_video) as other, raw_server(redirecting_to(other.url + "/signed?sig=1")) as server:
        _, data = await fetched(open_wire(other.url), Source(server.url, server.url, KEY))

        assert data == VIDEO
        assert [other.requests[0].header(name) for name in KEY] == [None, None]
        assert b"GET /signed?sig=1" in other.requests[0].head


async def test_a_redirect_within_the_host_keeps_the_credential(wire, raw_server):
    async def behave(exchange):
        await (the_video if b"GET /there" in exchange.head else redirecting_to("/there"))(exchange)

    async with raw_server(behave) as server:
        _, data = await fetched(wire, Source(server.url + "/here", server.url, KEY))

        assert data == VIDEO
        assert [request.header("x-goog-api-key") for request in server.requests] == [KEY["x-goog-api-key"]] * 2


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/",
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "http://example.com/video.mp4",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
        "https://",
    ],
)
async def test_a_redirect_that_leads_inside_or_off_https_is_refused(wire, raw_server, target):
    async with raw_server(the_video) as inside:
        url = target.format(port=origin_of(inside.url)[1])
        async with raw_server(redirecting_to(url)) as server:
            with pytest.raises(Gone) as caught:
                await fetched(wire, Source(server.url, server.url, KEY))

        assert caught.value.code == "address_refused"
        assert inside.connections == 0


async def test_a_result_that_lies_inside_is_refused_like_a_redirect(wire, raw_server):
    async with raw_server(the_video) as inside, raw_server(the_video) as server:
        with pytest.raises(Gone):
            await fetched(wire, Source(inside.url, server.url, KEY))

        assert inside.connections == 0


async def test_redirects_without_end_are_given_up(wire, raw_server):
    async with raw_server(redirecting_to("/again")) as server:
        with pytest.raises(Gone) as caught:
            await fetched(wire, Source(server.url, server.url, KEY))

        assert caught.value.code == "redirected"
        assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (404, Gone, "asset_expired"),
        (410, Gone, "asset_expired"),
        (401, CredentialRefused, "credential_refused"),
        (429, TryLater, "rate_limited"),
        (500, TryLater, "provider_trouble"),
        (206, TryLater, "provider_trouble"),
    ],
)
async def test_the_hosts_own_refusal_is_classified(wire, raw_server, status, kind, code):
    async with raw_server(lambda exchange: exchange.answer(status)) as server:
        with pytest.raises(kind) as caught:
            await fetched(wire, Source(server.url, server.url, KEY))

    assert caught.value.code == code


async def test_another_hosts_403_is_an_expired_link_and_not_a_bad_key(open_wire, raw_server):
    async with (
        raw_server(lambda exchange: exchange.answer(403)) as other,
        raw_server(redirecting_to(other.url)) as server,
    ):
        with pytest.raises(TryLater) as caught:
            await fetched(open_wire(other.url), Source(server.url, server.url, KEY))

    assert caught.value.code == "link_expired"


async def test_a_body_that_is_cut_is_told_from_a_whole_one(wire, raw_server):
    async def cut(exchange):
        await exchange.answer(200, VIDEO, length=len(VIDEO) * 2)
        exchange.writer.close()

    async with raw_server(cut) as server:
        with pytest.raises(TryLater) as caught:
            await fetched(wire, Source(server.url, server.url, KEY))

    assert caught.value.code == "cut_transfer"


async def test_a_body_that_falls_silent_ends_in_time(open_wire, raw_server):
    async with raw_server(lambda exchange: exchange.answer(200, VIDEO, length=len(VIDEO) * 2)) as server:
        with pytest.raises(TryLater) as caught:
            await fetched(open_wire(), Source(server.url, server.url, KEY))

    assert caught.value.code == "cut_transfer"


async def test_leaving_a_transfer_early_closes_its_connection(wire, raw_server):
    async with raw_server(the_video) as server:
        source = Source(server.url, server.url, KEY)
        for _ in range(wire.policy.connections + 1):
            async with open_source(wire, source) as download:
                assert download.length == len(VIDEO)
