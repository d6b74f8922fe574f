"""What a host's name leads to, as the system answers."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From a host and port to the addresses it has now; OSError where it has none."""


async def resolve(host: str, port: int) -> list[str]:
    """The system's answer, IPv4 and IPv6."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
