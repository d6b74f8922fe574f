"""The provider accounts that the environment configures: the server's own keys, kind by kind."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from config.variables import Variables

OPENAI_BASE_URL = "https://api.openai.com/v1"
GEMINI_BASE_URL = "https://generativelanguage.googleapis.com"
OAUTH_TOKEN_PREFIX = "ya29."


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """One account. `kind` is the long name; `server` names one of OPENAI_VIDEOS_SERVERS, None is the kind's own.

    `secret` is the plain key, service-account JSON or OAuth token; empty where the server asks for none.
    """

    kind: str
    base_url: str
    secret: str = field(repr=False)
    server: str | None = None
    project: str | None = None
    location: str | None = None
    output_uri: str | None = None


def server_accounts(settings: Variables) -> tuple[ServerAccount, ...]:
    """Every account that has a key or a base URL; a kind with neither is absent.

    Raises ValueError, without any part of the credential, where the Google credential cannot be read.
    """
    named = (
        ServerAccount("openai_videos", server.url, _plain(server.key), server=name)
        for name, server in settings.openai_videos_servers.items()
    )
    kinds = (_openai(settings), _vertex(settings), _omni(settings))
    return (*(account for account in kinds if account), *named)


def operator_base_urls(settings: Variables) -> tuple[str, ...]:
    """The base URLs that the operator set; only these may lie at a private or loopback address."""
    own = (settings.openai_base_url, settings.vertex_base_url, settings.gemini_base_url)
    return (*(url for url in own if url), *(server.url for server in settings.openai_videos_servers.values()))


def vertex_base_url(location: str) -> str:
    """Google's own host for a region; `global` has no region in its name."""
    return f"https://{'' if location == 'global' else location + '-'}aiplatform.googleapis.com"


def google_credential(settings: Variables) -> str:
    """GOOGLE_CREDENTIALS_JSON, else the file of GOOGLE_APPLICATION_CREDENTIALS, as JSON text or OAuth token.

    Empty without either. ValueError where it is not readable or not a credential.
    """
    if settings.google_credentials_json:
        return _decoded(settings.google_credentials_json.get_secret_value())
    if settings.google_application_credentials:
        try:
            text = settings.google_application_credentials.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise ValueError("names a file that cannot be read") from None
        return _decoded(text.strip())
    return ""


def _openai(settings: Variables) -> ServerAccount | None:
    secret = _plain(settings.openai_api_key)
    if not secret and not settings.openai_base_url:
        return None
    return ServerAccount("openai_videos", settings.openai_base_url or OPENAI_BASE_URL, secret)


def _omni(settings: Variables) -> ServerAccount | None:
    secret = _plain(settings.gemini_api_key)
    if not secret and not settings.gemini_base_url:
        return None
    return ServerAccount("google_omni", settings.gemini_base_url or GEMINI_BASE_URL, secret)


def _vertex(settings: Variables) -> ServerAccount | None:
    secret = google_credential(settings)
    if not secret and not settings.vertex_base_url:
        return None
    location = settings.google_cloud_location
    return ServerAccount(
        "vertex_veo",
        settings.vertex_base_url or vertex_base_url(location),
        secret,
        project=settings.google_cloud_project_id or project_in(secret),
        location=location,
        output_uri=settings.vertex_output_uri,
    )


def project_in(credential: str) -> str | None:
    """The project that a service account belongs to; None where the credential names none."""
    parsed = _object(credential)
    project = parsed.get("project_id") or parsed.get("quota_project_id") if parsed else None
    return project if isinstance(project, str) else None


def _decoded(text: str) -> str:
    if text.startswith(OAUTH_TOKEN_PREFIX) or _object(text) is not None:
        return text
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        decoded = ""
    if _object(decoded) is None:
        raise ValueError("must be a Google credential: its JSON, or that JSON in base64")
    return decoded


def _object(text: str) -> dict[str, Any] | None:
    try:
        parsed = json.loads(text)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
