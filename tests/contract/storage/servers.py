"""A real S3 server in a thread, and a way to it that can be cut or held up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import httpx

from storage.options import S3Options
from storage.s3 import S3Storage
from storage.s3_client import S3Client

OPTIONS = S3Options(region="us-east-1", access_key_id="test-id", secret_access_key="test-secret")


@contextmanager
def s3_server() -> Iterator[str]:
    """The endpoint of a moto server on a free port."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@dataclass(frozen=True)
class Bucket:
    """One fresh bucket, and how to reach it."""

    name: str
    options: S3Options

    @asynccontextmanager
    async def storage(self, endpoint: str | None = None) -> AsyncIterator[S3Storage]:
        options = self.options if endpoint is None else replace(self.options, endpoint_url=endpoint)
        storage = S3Storage(self.name, "deep/er", options)
        try:
            yield storage
        finally:
            await storage.close()

    async def unfinished(self) -> list[str]:
        """The full names of the uploads that are neither completed nor aborted."""
        async with self.client() as client:
            answer = await client.list_multipart_uploads(Bucket=self.name)
        return [upload["Key"] for upload in answer.get("Uploads", [])]

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Any]:
        holder = S3Client(self.options)
        try:
            yield await holder.get()
        finally:
            await holder.close()


async def fresh_bucket(endpoint: str) -> Bucket:
    name = f"bucket-{uuid4().hex}"
    async with httpx.AsyncClient() as client:
        (await client.put(f"{endpoint}/{name}")).raise_for_status()
    return Bucket(name, replace(OPTIONS, endpoint_url=endpoint))


@dataclass
class Gate:
    """A way to a server that lets so many bytes of each connection through, then holds it up or cuts it."""

    server: str
    allow_bytes: int
    cuts: bool
    endpoint: str = ""
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    serving: set[asyncio.Task[None] | None] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        host, port = self.server.removeprefix("http://").split(":")
        answers, onward = await asyncio.open_connection(host, int(port))
        try:
            await asyncio.gather(self._pass_on(reader, onward), _copy(answers, writer))
        finally:
            onward.close()
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, onward: asyncio.StreamWriter) -> None:
        left = self.allow_bytes
        with contextlib.suppress(ConnectionError):
            while (chunk := await reader.read(65536)) and (left := left - len(chunk)) >= 0:
                onward.write(chunk)
                await onward.drain()
        if left < 0 and not self.cuts:
            await self.opened.wait()
        onward.close()


@asynccontextmanager
async def gate(server: str, allow_bytes: int, *, cuts: bool = False) -> AsyncIterator[Gate]:
    way = Gate(server, allow_bytes, cuts)
    listener = await asyncio.start_server(way.serve, "127.0.0.1", 0)
    way.endpoint = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield way
    finally:
        listener.close()
        way.opened.set()
        await asyncio.gather(*(task for task in way.serving if task), return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
