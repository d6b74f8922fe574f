"""Waits until the API and a worker are ready to be given work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx

from devstack.engines.ports import is_free
from devstack.errors import StartFailed

READY_WITHIN_S = 60.0
LOOK_EVERY_S = 0.25


def require_free_port(port: int) -> None:
    """Raises StartFailed if somebody serves on `port`."""
    if not (is_free(port) and is_free(port, "0.0.0.0")):
        raise StartFailed(
            f"Port {port} is taken by another program. Set PORT to a free one, such as: make run PORT={port + 1}"
        )


async def wait_until_ready(url: str, check: Callable[[], None]) -> None:
    """Return when `/readyz` and the workers' health answer well.

    `check` is called at each look and may raise. Raises StartFailed after a minute, with the last answer.
    """
    deadline = time.monotonic() + READY_WITHIN_S
    # Proxies are for the outside; this is our own machine.
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=5) as client:
        for path in ("/readyz", "/api/health/worker"):
            while (trouble := await _look(client, path)) is not None:
                check()
                if time.monotonic() > deadline:
                    raise StartFailed(f"Not ready after {READY_WITHIN_S:.0f} s: {path} {trouble}")
                await asyncio.sleep(LOOK_EVERY_S)


async def _look(client: httpx.AsyncClient, path: str) -> str | None:
    try:
        answer = await client.get(path)
    except httpx.TransportError as error:
        return f"cannot be reached ({error or type(error).__name__})"
    return None if answer.status_code == 200 else f"answers {answer.status_code}: {answer.text[:500]}"
