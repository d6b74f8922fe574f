"""A small S3 server that writes down every request as it came over the wire and never answers `100 Continue`.

Large bodies can be let go: then it remembers only how many bytes came, and gives zeros back.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PIECE_BYTES = 1 << 20
SMALL_BYTES = 100
_CREATED = b"<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
_COMPLETED = b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def length(self) -> int:
        return int(self.headers.get("content-length", 0))

    @property
    def name(self) -> str:
        return self.target.partition("?")[0]


@dataclass
class Wire:
    keeps_bodies: bool
    cuts_answers: bool = False
    mixes_objects_up: bool = False
    endpoint: str = ""
    requests: list[Request] = field(default_factory=list)
    objects: dict[str, list[Request]] = field(default_factory=dict)
    sha256: str = ""

    def named(self, method: str) -> list[Request]:
        return [request for request in self.requests if request.method == method]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                request = await self._read(head, reader)
                self.requests.append(request)
                if not self.mixes_objects_up:
                    self.sha256 = request.headers.get("x-amz-meta-sha256", self.sha256)
                await self._answer(request, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _read(self, head: bytes, reader: asyncio.StreamReader) -> Request:
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        if self.keeps_bodies or length < SMALL_BYTES:
            return Request(method, target, headers, await reader.readexactly(length))
        while length:
            length -= len(await reader.read(min(length, PIECE_BYTES)))
        return Request(method, target, headers, b"")

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        match request.method:
            case "PUT":
                others = self.objects.get(request.name, []) if "partNumber" in request.target else []
                self.objects[request.name] = [*others, request]
                await self._send(writer, b"", 0)
            case "POST":
                answer = _CREATED if "uploads" in request.target else _COMPLETED
                await self._send(writer, answer, len(answer))
            case "DELETE":
                self.objects.pop(request.name, None)
                await self._send(writer, b"", 0)
            case _ if request.name not in self.objects:
                await self._send(writer, b"", 0, "404 Not Found")
            case _:
                await self._give(request, writer)

    async def _give(self, request: Request, writer: asyncio.StreamWriter) -> None:
        parts = self.objects[request.name]
        size = sum(part.length for part in parts)
        if request.method == "HEAD":
            await self._send(writer, b"", size)
            return
        body = b"".join(part.body for part in parts)
        if self.cuts_answers:
            await self._send(writer, body[: size // 2], size)
            raise ConnectionAbortedError
        await self._send(writer, body, size)
        for start in range(len(body), size, PIECE_BYTES):
            writer.write(bytes(min(PIECE_BYTES, size - start)))
            await writer.drain()

    async def _send(self, writer: asyncio.StreamWriter, body: bytes, length: int, status: str = "200 OK") -> None:
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: application/xml\r\ncontent-length: {length}\r\netag: e\r\n"
            f"last-modified: Mon, 23 Nov 2026 10:00:00 GMT\r\nx-amz-meta-sha256: {self.sha256}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()


@asynccontextmanager
async def s3_wire(*, keeps_bodies: bool = True) -> AsyncIterator[Wire]:
    wire = Wire(keeps_bodies)
    listener = await asyncio.start_server(wire.serve, "127.0.0.1", 0, limit=4 * PIECE_BYTES)
    wire.endpoint = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield wire
