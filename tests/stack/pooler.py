"""A transaction pooler for tests: like pgbouncer, it gives a client another server connection for each transaction."""

import asyncio
import base64
import hashlib
import hmac
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_PROTOCOL_3 = (196608).to_bytes(4)
_SSL_REQUEST = (80877103).to_bytes(4)
_CANCEL_REQUEST = (80877102).to_bytes(4)
_ENDS_OF_REQUEST = (b"Q", b"S")
_TERMINATE = b"X"


@dataclass(eq=False)
class Server:
    """One connection to PostgreSQL, and what it told about itself at its start."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    greeting: bytes


@dataclass(eq=False)
class Link:
    """A client and the server that it has for a transaction; `open_requests` are still to be answered."""

    server: Server
    client: asyncio.StreamWriter
    open_requests: int = 0

    def send(self, request: bytes) -> None:
        self.open_requests += request[:1] in _ENDS_OF_REQUEST
        self.server.writer.write(request)

    async def answers(self) -> None:
        """Relay answers until all requests have one and no transaction is open."""
        while True:
            kind, raw = await typed(self.server.reader)
            self.client.write(raw)
            if kind == b"Z":
                self.open_requests -= 1
                if not self.open_requests and raw[-1:] == b"I":
                    return


class TransactionPooler:
    """Keeps `servers` connections. `moves` counts transactions that ran on another one than their client's last."""

    def __init__(self, database_url: str, servers: int) -> None:
        self._target = urlsplit(database_url)
        self._servers = servers
        self._idle: list[Server] = []
        self._free = asyncio.Condition()
        self._clients: set[asyncio.Task[None]] = set()
        self.url = ""
        self.moves = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["TransactionPooler"]:
        """Listen on a free port of this machine for the life of the block; `url` leads there."""
        listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        self.url = self._target._replace(netloc=f"{self._target.username}:any@127.0.0.1:{port}").geturl()
        try:
            yield self
        finally:
            listener.close()
            for task in self._clients:
                task.cancel()
            await asyncio.gather(*self._clients, return_exceptions=True)
            await asyncio.gather(*(_closed(server.writer) for server in self._idle))

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve_one(reader, writer))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await self._greet(reader, writer):
                await self._relay(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            await _closed(writer)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        opening = await _untyped(reader)
        if opening.startswith(_SSL_REQUEST):
            writer.write(b"N")
            opening = await _untyped(reader)
        if opening.startswith(_CANCEL_REQUEST):
            return False
        server = await self._take(None)
        await self._give(server)
        made_up_key = message(b"K", secrets.token_bytes(8))
        writer.write(message(b"R", bytes(4)) + server.greeting + made_up_key + message(b"Z", b"I"))
        return True

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One transaction after another; the server stays with the client until it says that it is idle."""
        requests: asyncio.Queue[bytes] = asyncio.Queue()
        reading = asyncio.create_task(_read_all(reader, requests))
        last: Server | None = None
        try:
            while (first := await requests.get())[:1] != _TERMINATE:
                server = await self._take(last)
                self.moves += last is not None and server is not last
                last = server
                await self._transaction(server, first, requests, writer)
                await self._give(server)
        finally:
            reading.cancel()

    async def _transaction(
        self, server: Server, first: bytes, requests: "asyncio.Queue[bytes]", writer: asyncio.StreamWriter
    ) -> None:
        """Relay both ways until the server is idle; where the client goes before that, so does the server."""
        link = Link(server, writer)
        link.send(first)
        answers = asyncio.create_task(link.answers())
        try:
            while not answers.done():
                request = asyncio.create_task(requests.get())
                await asyncio.wait({request, answers}, return_when=asyncio.FIRST_COMPLETED)
                if not request.done():
                    request.cancel()
                    break
                if request.result()[:1] == _TERMINATE:
                    raise ConnectionResetError
                link.send(request.result())
            await answers
        except BaseException:
            answers.cancel()
            await _closed(server.writer)
            self._servers += 1
            raise

    async def _take(self, last: Server | None) -> Server:
        """An idle server, another one than the last where there is a choice. All are opened for the first who asks."""
        async with self._free:
            while self._servers > 0:
                self._servers -= 1
                self._idle.append(await self._connect())
            await self._free.wait_for(lambda: self._idle)
            others = [server for server in self._idle if server is not last]
            chosen = random.choice(others or self._idle)
            self._idle.remove(chosen)
            return chosen

    async def _give(self, server: Server) -> None:
        async with self._free:
            self._idle.append(server)
            self._free.notify()

    async def _connect(self) -> Server:
        target = self._target
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        names = {"user": target.username or "", "database": target.path.removeprefix("/")}
        body = b"".join(f"{name}\0{value}\0".encode() for name, value in names.items()) + b"\0"
        writer.write((8 + len(body)).to_bytes(4) + _PROTOCOL_3 + body)
        await _authenticate(reader, writer, target)
        greeting = b""
        while True:
            kind, raw = await typed(reader)
            if kind == b"Z":
                return Server(reader, writer, greeting)
            greeting += raw if kind == b"S" else b""


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4) + body


async def typed(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The next message's kind, and all of its bytes."""
    head = await reader.readexactly(5)
    return head[:1], head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


async def _read_all(reader: asyncio.StreamReader, requests: "asyncio.Queue[bytes]") -> None:
    """Put a client's messages into the queue; the last one says that it has gone."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            requests.put_nowait((await typed(reader))[1])
    requests.put_nowait(_TERMINATE)


async def _untyped(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)


async def _authenticate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: SplitResult) -> None:
    """SCRAM-SHA-256, as PostgreSQL asks for it."""
    await typed(reader)
    bare = f"n=,r={secrets.token_urlsafe(18)}"
    start = f"n,,{bare}".encode()
    writer.write(message(b"p", b"SCRAM-SHA-256\0" + len(start).to_bytes(4) + start))
    challenge = (await typed(reader))[1][9:].decode()
    nonce, salt, rounds = (part.partition("=")[2] for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", (target.password or "").encode(), base64.b64decode(salt), int(rounds))
    key = hmac.digest(salted, b"Client Key", "sha256")
    unproven = f"c=biws,r={nonce}"
    signature = hmac.digest(hashlib.sha256(key).digest(), f"{bare},{challenge},{unproven}".encode(), "sha256")
    proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, signature, strict=True))).decode()
    writer.write(message(b"p", f"{unproven},p={proof}".encode()))
    await typed(reader)
    await typed(reader)
