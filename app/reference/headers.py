"""Headers of requests and answers, described once."""

from collections.abc import Mapping
from typing import Any

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}

ANSWERED: Mapping[str, Mapping[str, Any]] = {
    "X-Request-Id": {"schema": _TEXT, "description": "Yours, if you sent one; it stands in the server's log too."},
    "Idempotent-Replayed": {
        "schema": {"const": "true"},
        "description": "The same request was answered before under this Idempotency-Key; nothing was done again.",
    },
    "RateLimit": {"schema": _TEXT, "description": 'What is left of this minute: `"minute";r=599;t=60`.'},
    "RateLimit-Policy": {"schema": _TEXT, "description": 'What a key may call in a minute: `"minute";q=600;w=60`.'},
    "Retry-After": {"schema": _NUMBER, "description": "Seconds after which the same may be sent again."},
    "WWW-Authenticate": {"schema": _TEXT, "description": "Which key is asked for."},
    "Set-Cookie": {"schema": _TEXT, "description": "The session, out of reach of scripts and of other sites."},
    "Location": {"schema": _TEXT, "description": "Where the video stands from now on."},
    "ETag": {"schema": _TEXT, "description": "Of the stored bytes, for If-None-Match and If-Range."},
    "Accept-Ranges": {"schema": _TEXT, "description": "Always `bytes`."},
    "Content-Range": {"schema": _TEXT, "description": "Which part of how many bytes this is."},
    "openai-poll-after-ms": {"schema": _TEXT, "description": "Milliseconds after which to ask again."},
    "x-should-retry": {
        "schema": {"enum": ["true", "false"]},
        "description": "`false`: sending the same again is of no use, which OpenAI's SDKs obey.",
    },
}

IDEMPOTENCY_KEY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "One key a request: sent again with it, the same request is answered as before and does nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
    "example": "film-1/scene-1/take-3",
}

PROVIDER_KEY: Mapping[str, Any] = {
    "name": "X-Provider-Key",
    "in": "header",
    "description": "The provider key that pays for this call; else a cookie `api_key_sora`, `api_key_veo` or "
    "`api_key_omni`, a stored key, the server's own.",
    "schema": {"type": "string"},
}
RANGE: Mapping[str, Any] = {
    "name": "Range",
    "in": "header",
    "description": "The part of the file to send.",
    "schema": {"type": "string"},
    "example": "bytes=0-1048575",
}
LAST_EVENT_ID: Mapping[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The last event that was seen: what was missed comes first.",
    "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
}
