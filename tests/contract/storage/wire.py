"""A small S3 server that writes down every request as it came over the wire."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HEAD_LIMIT_BYTES = 65536


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


@dataclass
class Recorder:
    """Never answers `100 Continue`; remembers the last object's size and metadata for HEAD."""

    endpoint: str = ""
    requests: list[Request] = field(default_factory=list)
    size: int = 0
    metadata: dict[str, str] = field(default_factory=dict)

    def named(self, method: str) -> list[Request]:
        return [request for request in self.requests if request.method == method]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                request = await _read(head, reader)
                self.requests.append(request)
                writer.write(self._answer(request))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, request: Request) -> bytes:
        if request.method == "POST" and "uploads" in request.target:
            self.metadata = {k: v for k, v in request.headers.items() if k.startswith("x-amz-meta-")}
            return _response(b"<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>")
        if request.method == "POST":
            return _response(b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")
        if request.method == "PUT":
            is_part = "partNumber" in request.target
            self.size = len(request.body) + (self.size if is_part else 0)
            self.metadata |= {k: v for k, v in request.headers.items() if k.startswith("x-amz-meta-")}
            return _response(b"", {"etag": '"e"'})
        return _response(b"", {**self.metadata, "last-modified": "Mon, 23 Nov 2026 10:00:00 GMT"}, self.size)


async def _read(head: bytes, reader: asyncio.StreamReader) -> Request:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def _response(body: bytes, headers: dict[str, str] | None = None, length: int | None = None) -> bytes:
    fields = {"content-type": "application/xml", "content-length": str(length or len(body)), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + body


@asynccontextmanager
async def recorder() -> AsyncIterator[Recorder]:
    recording = Recorder()
    listener = await asyncio.start_server(recording.serve, "127.0.0.1", 0, limit=HEAD_LIMIT_BYTES)
    recording.endpoint = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield recording
