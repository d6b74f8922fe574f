"""Connects to public addresses only, except where the operator's own base URLs lead.

A name is resolved here and the connection goes to the very address that was checked, so that a name which answers
differently a moment later cannot lead inside.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from ssl import SSLContext
from urllib.parse import urlsplit

import httpcore
import httpx

Origin = tuple[str, int]
"""Host name in lower case and port."""

DEFAULT_PORTS = {"http": 80, "https": 443}
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that was ever given out for the public internet; what else Python takes for global leads elsewhere."""
NOT_GIVEN_OUT = tuple(ipaddress.IPv6Network(text) for text in ("2001::/23", "2002::/16", "3fff::/20"))


class AddressRefused(Exception):
    """The host leads to an address that is not public; the text names the host, never the address."""


def origin_of(url: str) -> Origin:
    """Host and port of a URL, the scheme's own port where it names none; ValueError for other schemes."""
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError("not an http or https address")
    return parts.hostname.lower(), parts.port or DEFAULT_PORTS[parts.scheme]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet; addresses that wrap another are judged by that one.

    False for what is no address.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return _is_global(ip)
    inner = ip.ipv4_mapped or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None)
    if inner is not None:
        return _is_global(inner)
    return ip in UNICAST and _is_global(ip) and not any(ip in network for network in NOT_GIVEN_OUT)


def _is_global(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """The network as httpcore sees it. `trusted` origins are connected to as they are; the set may grow."""

    def __init__(self, trusted: set[Origin]) -> None:
        self._trusted = trusted
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the host; AddressRefused where it has no public address and is not trusted."""
        if (host.lower(), port) in self._trusted:
            return _Closing(await self._network.connect_tcp(host, port, timeout, local_address, socket_options))
        failure: Exception = httpcore.ConnectError("the host has no address")
        for address in await _public_addresses(host, port, timeout):
            try:
                return _Closing(await self._network.connect_tcp(address, port, timeout, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never: providers are reached over TCP."""
        raise AddressRefused("a local socket")

    async def sleep(self, seconds: float) -> None:
        """Wait, as httpcore asks between its own connection attempts."""
        await self._network.sleep(seconds)


class _Closing(httpcore.AsyncNetworkStream):
    """A connection that is closed when its TLS handshake is cut short, which httpcore forgets on cancellation."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

    async def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await self._stream.aclose()
            raise


class CheckedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over a network that checks addresses; no proxy, no retry."""

    def __init__(self, network: CheckedNetwork, tls: SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=tls, trust_env=False, limits=limits, retries=0)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            retries=0,
            network_backend=network,
        )


async def _public_addresses(host: str, port: int, wait_s: float | None) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(wait_s):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout("the name was not resolved in time") from error
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("the name is not known") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    public = [address for address in addresses if is_public(address)]
    if addresses and not public:
        raise AddressRefused(host)
    return public
