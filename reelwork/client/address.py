"""Where the server is and which key opens it: given by the caller, by the environment, or by a local `make run`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from reelwork.client.errors import BadRequest, Unauthorized

DEFAULT_URL: Final = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Address:
    """A server and the key for it. The key is never shown."""

    url: str
    api_key: str | None = field(repr=False)

    @property
    def is_local(self) -> bool:
        """It is this very machine."""
        return _is_loopback(urlsplit(self.url).hostname or "")


def find_address(
    url: str | None = None, api_key: str | None = None, environment: Mapping[str, str] | None = None
) -> Address:
    """The caller's own word first, then REELWORK_URL and REELWORK_API_KEY, then http://127.0.0.1:8000 and the key
    that `make run` left in `.reelwork/admin_key` (REELWORK_HOME) under the current directory.

    That file is the key of a server on this machine, so it is read for no other. BadRequest for a URL that is none.
    """
    env = os.environ if environment is None else environment
    chosen = (url or env.get("REELWORK_URL") or DEFAULT_URL).rstrip("/")
    host = _host_of(chosen)
    key = api_key or env.get("REELWORK_API_KEY") or None
    if key is None and _is_loopback(host):
        key = _left_by_a_local_server(Path(env.get("REELWORK_HOME") or ".reelwork"))
    return Address(chosen, _sendable(key))


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        valid = False
    if not valid or not parts.hostname:
        raise BadRequest(f"{url!r} is not a server's URL: it must look like {DEFAULT_URL} or https://host.")
    return parts.hostname


def _sendable(key: str | None) -> str | None:
    if key is None:
        return None
    key = key.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise Unauthorized("The key has characters in it that no key has; was something else pasted?")
    return key or None


def _left_by_a_local_server(home: Path) -> str | None:
    try:
        return (home / "admin_key").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
