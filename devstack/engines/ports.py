"""Loopback ports for servers: the one used last time if it is still free, else a random one.

New ports lie below the range from which systems take the source ports of outgoing connections. There, a client that
reconnects to a stopped server can be given the server's own port as its source and end up connected to itself.
"""

from __future__ import annotations

import random
import socket

FIRST_PORT = 15_000
LAST_PORT = 31_999
ATTEMPTS = 100


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def pick_port(preferred: int | None = None) -> int:
    """A loopback port that is free now; `preferred` if it is. Another process may still win the race to it."""
    if preferred is not None and is_free(preferred):
        return preferred
    for _ in range(ATTEMPTS):
        port = random.randint(FIRST_PORT, LAST_PORT)
        if is_free(port):
            return port
    raise OSError(f"no free loopback port between {FIRST_PORT} and {LAST_PORT}")
