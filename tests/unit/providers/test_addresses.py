"""Which addresses may be connected to, and that the checked one is the one connected to."""

import asyncio
import socket

import httpcore
import pytest

from providers.addresses import AddressRefused, CheckedNetwork, is_public, origin_of


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:808:808::",
        "2001::1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b:1::a00:1",
        "fec0::1",
        "fc00::1",
        "5f00::1",
        "3fff::1",
        "2001:db8::1",
        "192.0.2.1",
        "198.18.0.1",
        "240.0.0.1",
        "not an address",
    ],
)
def test_private_and_wrapped_private_addresses_are_not_public(address):
    assert not is_public(address)


def test_an_origin_has_the_schemes_own_port():
    assert origin_of("https://Example.com/v1") == ("example.com", 443)
    assert origin_of("http://example.com:8000") == ("example.com", 8000)
    for url in ("ftp://example.com", "file:///etc/passwd", "//example.com", "https://"):
        with pytest.raises(ValueError, match="not an http or https address"):
            origin_of(url)


async def test_a_name_that_leads_inside_is_refused_before_any_connection(raw_server):
    async with raw_server(lambda exchange: exchange.answer(200)) as server:
        host, port = origin_of(server.url)
        for name in (host, "localhost"):
            with pytest.raises(AddressRefused):
                await CheckedNetwork(set()).connect_tcp(name, port, timeout=2)

        assert server.connections == 0


async def test_only_the_trusted_port_of_a_private_host_is_open(raw_server, free_port):
    async with raw_server(lambda exchange: exchange.answer(200)) as server:
        host, port = origin_of(server.url)
        network = CheckedNetwork({(host, port)})

        stream = await network.connect_tcp(host, port, timeout=2)
        await stream.aclose()
        with pytest.raises(AddressRefused):
            await network.connect_tcp(host, free_port, timeout=2)


async def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    answers = iter(["93.184.216.34", "127.0.0.1"])
    asked = []

    async def resolve(host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    connected = []

    class Recorder(httpcore.AsyncNetworkBackend):
        async def connect_tcp(self, host, port, *_):
            connected.append(host)
            return object()

    monkeypatch.setattr(httpcore, "AnyIOBackend", Recorder)
    network = CheckedNetwork(set())
    await network.connect_tcp("rebinding.example", 443, timeout=2)

    assert connected == ["93.184.216.34"]
    assert asked == ["rebinding.example"]


@pytest.mark.parametrize(
    "host", ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0", "0.0.0.0", "::ffff:127.0.0.1", "::", "fec0::1"]
)
async def test_no_spelling_of_an_inner_address_is_connected_to(host):
    with pytest.raises((AddressRefused, httpcore.ConnectError)):
        await CheckedNetwork(set()).connect_tcp(host, 443, timeout=2)


async def test_a_name_that_turns_inward_between_two_connections_is_refused_at_the_second(monkeypatch):
    answers = iter(["93.184.216.34", "::ffff:10.0.0.1"])

    async def resolve(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    connected = []

    class Recorder(httpcore.AsyncNetworkBackend):
        async def connect_tcp(self, host, port, *_):
            connected.append(host)
            return object()

    monkeypatch.setattr(httpcore, "AnyIOBackend", Recorder)
    network = CheckedNetwork(set())
    await network.connect_tcp("rebinding.example", 443, timeout=2)

    with pytest.raises(AddressRefused):
        await network.connect_tcp("rebinding.example", 443, timeout=2)
    assert connected == ["93.184.216.34"]
