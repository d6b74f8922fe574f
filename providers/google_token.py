"""Access tokens for Google Cloud from whatever credential an account holds, kept until shortly before they expire.

A credential may come from a caller, so only service accounts and refresh tokens are taken, and only Google's own token
address or the operator's: a credential that names a file, a command or another host is refused unread.
"""

import asyncio
import base64
import binascii
import hashlib
import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from providers.addresses import Origin, origin_of
from providers.errors import CredentialRefused, TryLater

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
TOKEN_URL = "https://oauth2.googleapis.com/token"
GOOGLE_TOKEN_ORIGINS = frozenset({("oauth2.googleapis.com", 443), ("accounts.google.com", 443)})
EXPIRY_MARGIN_S = 300.0
LONGEST_LIFE_S = 3600.0
REFRESH_TIMEOUT_S = 30.0
CALL_TIMEOUT_S = 10.0
MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    good_until: float


class GoogleTokens:
    """Tokens by credential. `trusted` are the operator's own origins, where a token may be asked for too."""

    def __init__(self, trusted: Collection[Origin]) -> None:
        self._trusted = trusted
        self._tokens: dict[str, _Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def token(self, secret: str) -> str:
        """A token that is good for minutes yet. An empty secret means the machine's own default credential.

        Raises CredentialRefused for a credential that cannot be used, TryLater where Google could not be asked.
        """
        fields = credential_fields(secret)
        if fields is None and secret.strip():
            return secret.strip()
        name = hashlib.sha256(secret.encode()).hexdigest()
        async with self._locks.setdefault(name, asyncio.Lock()):
            kept = self._tokens.get(name)
            if kept is None or kept.good_until <= time.monotonic():
                self._drop_oldest()
                kept = self._tokens[name] = await self._refreshed(fields)
            return kept.text

    def forget(self, secret: str) -> None:
        """Ask anew next time: the token was refused."""
        self._tokens.pop(hashlib.sha256(secret.encode()).hexdigest(), None)

    async def _refreshed(self, fields: Mapping[str, Any] | None) -> _Token:
        if fields is not None:
            self._check_address(fields)
        try:
            async with asyncio.timeout(REFRESH_TIMEOUT_S):
                text, life_s = await asyncio.to_thread(_refresh, fields)
        except TimeoutError as error:
            raise TryLater("token_timeout", "Google did not give an access token in time.") from error
        return _Token(text, time.monotonic() + max(life_s - EXPIRY_MARGIN_S, life_s / 2))

    def _check_address(self, fields: Mapping[str, object]) -> None:
        try:
            origin = origin_of(str(fields.get("token_uri") or TOKEN_URL))
        except ValueError as error:
            raise _unusable("has a token address that is none") from error
        if origin not in GOOGLE_TOKEN_ORIGINS and origin not in self._trusted:
            raise _unusable("names a token address that is not Google's")

    def _drop_oldest(self) -> None:
        while len(self._tokens) >= MOST_KEPT:
            oldest = next(iter(self._tokens))
            del self._tokens[oldest]
            self._locks.pop(oldest, None)


def credential_fields(secret: str) -> dict[str, Any] | None:
    """The credential's JSON object, given as it is or in base64; None for what is an access token itself.

    Raises CredentialRefused for JSON of any kind that may not be used.
    """
    text = secret.strip()
    if not text.startswith("{"):
        text = _decoded(text)
    if not text.startswith("{"):
        return None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unusable("is not JSON") from error
    if fields.get("type") not in ("service_account", "authorized_user"):
        raise _unusable("is neither a service account nor a user's refresh token")
    return dict(fields)


def project_of(secret: str) -> str | None:
    """The project that a credential belongs to, None where it names none."""
    fields = credential_fields(secret) or {}
    project = fields.get("project_id") or fields.get("quota_project_id")
    return project if isinstance(project, str) else None


def _decoded(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode().strip()
    except (binascii.Error, ValueError):
        return ""


def _refresh(fields: Mapping[str, Any] | None) -> tuple[str, float]:
    """A new token and its life in seconds. Runs in a thread: google-auth blocks, and is loaded only here."""
    import requests
    from google.auth import exceptions
    from google.auth.transport.requests import Request

    try:
        with requests.Session() as session:
            session.trust_env = False
            session.max_redirects = 0
            credentials = _credentials(fields)
            credentials.refresh(partial(Request(session), timeout=CALL_TIMEOUT_S))
    except exceptions.TransportError as error:
        raise TryLater("token_unreachable", "Google could not be asked for an access token.") from error
    except exceptions.RefreshError as error:
        if error.retryable:
            raise TryLater("token_trouble", "Google gave no access token just now.") from error
        raise _unusable("was refused by Google") from error
    except (exceptions.GoogleAuthError, ValueError) as error:
        raise _unusable("cannot be read") from error
    return str(credentials.token), _life_s(credentials)


def _credentials(fields: Mapping[str, Any] | None) -> Any:
    import google.auth
    from google.oauth2 import credentials, service_account

    if fields is None:
        return google.auth.default(scopes=SCOPES)[0]
    readers: dict[str, Any] = {
        "authorized_user": credentials.Credentials.from_authorized_user_info,
        "service_account": service_account.Credentials.from_service_account_info,
    }
    return readers[fields["type"]]({"token_uri": TOKEN_URL, **fields}, scopes=SCOPES)


def _life_s(credentials: Any) -> float:
    """google-auth keeps its expiry as UTC without saying so."""
    expiry: datetime | None = credentials.expiry
    if expiry is None:
        return LONGEST_LIFE_S
    return (expiry.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()


def _unusable(why: str) -> CredentialRefused:
    return CredentialRefused("credential_refused", f"The Google credential {why}.")
