"""An address that a caller names leads to public hosts over https only, and to a bounded answer."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.outbound.fetch import CannotFetch, Fetcher
from app.outbound.pinning import Pinner
from app.outbound.posting import NotPosted, post

HOST = "images.example"
INNER_HOSTS = [
    *("2130706433", "0177.0.0.1", "0x7f.1", "0x7f000001", "127.1", "127.0.0.1.", "0", "0.0.0.0", "169.254.169.254"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]", "[::1]", "[::127.0.0.1]", "[fec0::1]", "[fe80::1%25lo]"),
    *("localhost", "\u2460\u2461\u2466.0.0.1", "127\u30020\u30020\u30021"),
]
"""Names and numbers that the system's resolver takes for addresses within."""


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for HOST, and a client's that trusts it."""
    folder: Path = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    (folder / "both.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


Serve = Callable[[bytes], Awaitable[int]]


@pytest.fixture
async def serve(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> AsyncIterator[Serve]:
    """Starts an https server that answers every request with the given bytes; returns its port."""
    servers: list[asyncio.Server] = []

    async def start(answer: bytes) -> int:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            writer.close()

        servers.append(await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls[0]))
        return int(servers[-1].sockets[0].getsockname()[1])

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


async def to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body)


@pytest.fixture
def fetcher(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> Fetcher:
    """A fetcher for which loopback is the public internet."""
    return Fetcher(resolve=to_loopback, is_allowed=lambda address: address == "127.0.0.1", tls=tls[1], timeout_s=5)


async def test_a_file_is_fetched_from_whom_its_certificate_names(serve: Serve, fetcher: Fetcher) -> None:
    port = await serve(ok(b"picture"))

    assert await fetcher.fetch(f"https://{HOST}:{port}/a.png", 100) == b"picture"
    with pytest.raises(CannotFetch, match="could not be fetched"):
        await fetcher.fetch(f"https://other.example:{port}/a.png", 100)


async def test_a_file_larger_than_allowed_is_cut_off(serve: Serve, fetcher: Fetcher) -> None:
    port = await serve(ok(b"x" * 3_000_000))

    with pytest.raises(CannotFetch, match="larger than 1 MB"):
        await fetcher.fetch(f"https://{HOST}:{port}/a.png", 1024 * 1024)


async def test_a_host_at_a_private_address_is_refused_before_a_connection(serve: Serve) -> None:
    port = await serve(ok(b"secret"))

    with pytest.raises(CannotFetch, match="not on the public internet"):
        await Fetcher(resolve=to_loopback).fetch(f"https://{HOST}:{port}/", 100)


async def test_a_redirect_into_the_own_network_is_refused(serve: Serve, tls: tuple[ssl.SSLContext, ...]) -> None:
    port = await serve(b"HTTP/1.1 302 Found\r\nlocation: https://inside.example/\r\ncontent-length: 0\r\n\r\n")

    async def inside_is_private(host: str, port: int) -> list[str]:
        return ["10.0.0.1"] if host == "inside.example" else ["127.0.0.1"]

    fetcher = Fetcher(resolve=inside_is_private, is_allowed=lambda address: address != "10.0.0.1", tls=tls[1])
    with pytest.raises(CannotFetch, match="not on the public internet"):
        await fetcher.fetch(f"https://{HOST}:{port}/", 100)


async def test_endless_redirects_and_downgrades_are_refused(serve: Serve, fetcher: Fetcher) -> None:
    endless = await serve(b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    downgrade = await serve(b"HTTP/1.1 302 Found\r\nlocation: http://a.example/\r\ncontent-length: 0\r\n\r\n")

    with pytest.raises(CannotFetch, match="redirects too often"):
        await fetcher.fetch(f"https://{HOST}:{endless}/", 100)
    with pytest.raises(CannotFetch, match="must be https"):
        await fetcher.fetch(f"https://{HOST}:{downgrade}/", 100)


@pytest.mark.parametrize(
    "url", ["http://a.example/", "https://u:p@a.example/", "https:///x", "https://[bad/", "file:///x"]
)
async def test_other_forms_of_address_are_refused(url: str, fetcher: Fetcher) -> None:
    with pytest.raises(CannotFetch):
        await fetcher.fetch(url, 100)


class Rebinding:
    """A name that leads to each of these addresses once, and to the last one for ever."""

    def __init__(self, *addresses: str) -> None:
        self.left = list(addresses)

    async def __call__(self, host: str, port: int) -> list[str]:
        return [self.left.pop(0) if len(self.left) > 1 else self.left[0]]


async def test_the_connection_goes_to_the_address_that_was_checked(serve: Serve, fetcher: Fetcher) -> None:
    port = await serve(ok(b"picture"))
    rebinding = Fetcher(Rebinding("127.0.0.1", "10.0.0.1"), lambda address: address == "127.0.0.1", fetcher.tls)

    assert await rebinding.fetch(f"https://{HOST}:{port}/", 100) == b"picture"
    with pytest.raises(CannotFetch, match="not on the public internet"):
        await rebinding.fetch(f"https://{HOST}:{port}/", 100)


async def test_a_redirect_to_the_same_name_is_looked_up_and_checked_again(serve: Serve, fetcher: Fetcher) -> None:
    port = await serve(b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    rebinding = Fetcher(Rebinding("127.0.0.1", "10.0.0.1"), lambda address: address == "127.0.0.1", fetcher.tls)

    with pytest.raises(CannotFetch, match="not on the public internet"):
        await rebinding.fetch(f"https://{HOST}:{port}/", 100)


async def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    async def both(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "127.0.0.1"]

    with pytest.raises(CannotFetch, match="not on the public internet"):
        await Fetcher(both).fetch(f"https://{HOST}/", 100)


@pytest.mark.parametrize("host", INNER_HOSTS)
async def test_no_spelling_of_an_inner_address_is_called(host: str) -> None:
    with pytest.raises(CannotFetch, match="not on the public internet|not known|not a valid address|must be https"):
        await Fetcher().fetch(f"https://{host}/", 100)
    with pytest.raises(NotPosted, match="the address"):
        await post(Pinner(), f"https://{host}/hook", b"{}", {}, 5)


async def test_a_webhook_follows_no_redirect_and_reads_no_answer(serve: Serve, fetcher: Fetcher) -> None:
    asked: list[str] = []

    async def noted(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    port = await serve(b"HTTP/1.1 307 There\r\nlocation: https://inside.example/\r\ncontent-length: 9999\r\n\r\n")
    pinner = Pinner(noted, lambda address: address == "127.0.0.1", plain=True)

    with pytest.raises(NotPosted, match="no answer"):
        await post(pinner, f"https://{HOST}:{port}/hook", b"{}", {}, 5)
    assert asked == [HOST]
