"""Sessions of the dashboard: a sealed cookie that stands for a key, and what a browser's request must show besides."""

import base64
import binascii
import json
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from app import csrf
from app.problems import Problem
from db.crypto import CannotOpen, Sealer

COOKIE = "reelwork_session"
HEADER = "X-Reelwork-Dashboard"
LIFETIME = timedelta(hours=12)
_SEALED_FOR = UUID("7d1b0f5e-3c0e-4c62-9a55-5e5510a5e551")
"""Stands where a row's id stands for other sealed values: none of them opens as a session."""

_SAFE = ("GET", "HEAD")


def begin(sealer: Sealer, key_digest: bytes, now_s: float) -> tuple[str, int]:
    """The cookie of a new session, and when it ends (Unix time). The key itself is not in it."""
    ends_s = int(now_s + LIFETIME.total_seconds())
    text = json.dumps({"key": key_digest.hex(), "exp": ends_s})
    return base64.urlsafe_b64encode(sealer.seal(text, _SEALED_FOR)).decode().rstrip("="), ends_s


def key_digest_in(sealer: Sealer, cookie: str, now_s: float) -> bytes:
    """The digest of the key that the session stands for. Raises Problem (401) where it is over or not ours."""
    try:
        sealed = base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
        members = json.loads(sealer.open(sealed, _SEALED_FOR))
    except (CannotOpen, ValueError, binascii.Error):
        raise _over() from None
    if now_s >= members["exp"]:
        raise _over()
    return bytes.fromhex(members["key"])


def require_own_page(request: Request, own_url: str) -> None:
    """A write with a cookie must come from a page of this server, which says so in a header that no form can send.

    Raises Problem (403).
    """
    if request.method in _SAFE:
        return
    csrf.require_own_page(request, own_url)
    if HEADER not in request.headers:
        detail = f"A session's write comes from the dashboard, which sends the header {HEADER}"
        raise Problem(HTTPStatus.FORBIDDEN, "not_from_dashboard", detail)


def give(response: Response, cookie: str, *, secure: bool) -> None:
    """Let the browser keep the session, out of reach of scripts and of other sites."""
    lifetime_s = int(LIFETIME.total_seconds())
    response.set_cookie(COOKIE, cookie, lifetime_s, secure=secure, httponly=True, samesite="strict")


def end(response: Response, *, secure: bool) -> None:
    response.delete_cookie(COOKIE, secure=secure, httponly=True, samesite="strict")


def _over() -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, "session_over", "The session is over; sign in again")
