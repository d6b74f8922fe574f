"""The one S3 client of a process: made at the first call, kept open, spoken to in the dialect all servers share."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import aioboto3
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.handlers import add_expect_header

from storage.options import S3Options
from storage.s3_models import lean_loader


class S3Client:
    """Hands out the client. Raises what botocore raises."""

    def __init__(self, options: S3Options) -> None:
        self._options = options
        self._opening = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._client: Any = None

    async def get(self) -> Any:
        """The open client (aiobotocore's, which has no types of its own)."""
        if self._client is None:
            async with self._opening:
                if self._client is None:
                    self._client = await self._open()
        return self._client

    async def close(self) -> None:
        self._client = None
        await self._stack.aclose()

    async def _open(self) -> Any:
        options = self._options
        lean = get_session()
        lean.register_component("data_loader", lean_loader())
        session = aioboto3.Session(
            botocore_session=lean,
            aws_access_key_id=options.access_key_id,
            aws_secret_access_key=options.secret_access_key,
            aws_session_token=options.session_token,
            region_name=options.region or ("us-east-1" if options.endpoint_url else None),
        )
        opening = session.client("s3", endpoint_url=options.endpoint_url, config=client_config(options))
        client = await self._stack.enter_async_context(opening)
        _leave_out_expect(client.meta.events.unregister)
        return client


def client_config(options: S3Options) -> AioConfig:
    """SigV4 and no checksum beyond Content-MD5, which is what R2, GCS, B2 and MinIO take as well as Amazon does."""
    style = options.addressing_style
    if style == "auto" and options.endpoint_url:
        style = "path"
    return AioConfig(
        signature_version="s3v4",
        # A signed payload would be hashed on the event loop; Content-MD5 guards the bytes and is made in a thread.
        s3={"addressing_style": style, "payload_signing_enabled": False},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "max_attempts": 3},
        max_pool_connections=options.max_connections,
        tcp_keepalive=True,
    )


def _leave_out_expect(unregister: Callable[..., None]) -> None:
    # `Expect: 100-continue` costs a round trip a part, and a server that never answers 100 holds the upload up.
    unregister("before-call.s3", add_expect_header)
