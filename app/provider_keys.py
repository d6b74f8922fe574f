"""The provider key that comes with a call: where it stands, what form it has, and which kind it fits."""

import base64
import binascii
import json
from http import HTTPStatus
from urllib.parse import unquote

from starlette.requests import Request

from app.problems import Problem
from providers import kinds

HEADER = "X-Provider-Key"
_LONGEST = 16_384


def key_in(request: Request, kind: str) -> str | None:
    """The key that a call brings for a kind (long name): its cookie, else the header. Raises Problem.

    A service account comes in base64 and goes out as its JSON.
    """
    cookie = request.cookies.get(f"api_key_{kinds.short(kind)}", "")
    text = (unquote(cookie) if "%" in cookie else cookie).strip() or request.headers.get(HEADER, "").strip()
    return checked_key(kind, text) if text else None


def checked_key(kind: str, text: str) -> str:
    """The key in the form in which it is kept. Raises Problem where it is malformed or of another kind."""
    if len(text) > _LONGEST or not text.isprintable() or not text.isascii():
        raise _malformed(kind)
    key = _service_account(text) or text
    fitting = kinds.kind_of_key(key)
    if fitting is not None and fitting != kind:
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "wrong_key_kind",
            f"The provider key is not one for {kinds.short(kind)}: by its form it fits {kinds.short(fitting)}",
        )
    if any(character.isspace() for character in key) and not key.startswith("{"):
        raise _malformed(kind)
    return key


def last4(key: str) -> str:
    """What people recognise a key by; nothing where the key is too short to give that away."""
    shown = _members(key).get("private_key_id", "") if key.startswith("{") else key
    return shown[-4:] if isinstance(shown, str) and len(shown) >= 16 else ""


def project_of(key: str) -> str | None:
    """The project that a service account belongs to; None for any other key."""
    project = _members(key).get("project_id") if key.startswith("{") else None
    return project if isinstance(project, str) else None


def _service_account(text: str) -> str | None:
    """The account's JSON where the text is that, plain or in base64; spelled the one way in which it is kept."""
    candidates = [text]
    try:
        padded = text + "=" * (-len(text) % 4)
        candidates.append(base64.b64decode(padded, altchars=b"-_" if "-" in text or "_" in text else None).decode())
    except (binascii.Error, ValueError):
        pass
    found = next((members for candidate in candidates if (members := _members(candidate)).get("private_key")), None)
    return json.dumps(found, sort_keys=True, separators=(",", ":")) if found else None


def _members(text: str) -> dict[str, object]:
    if not text.lstrip().startswith("{"):
        return {}
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _malformed(kind: str) -> Problem:
    form = "a service account's JSON in base64, or an OAuth token" if kind == kinds.VERTEX_VEO else "one word of ASCII"
    return Problem(HTTPStatus.BAD_REQUEST, "malformed_key", f"The provider key for {kinds.short(kind)} must be {form}")
