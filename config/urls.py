"""Addresses as hosting platforms hand them out, brought into the one form our drivers take.

Every function returns the cleaned address or raises ValueError with a sentence that holds no part of the value.
"""

import re
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

POSTGRES_SCHEMES = {"postgres", "postgresql", "postgresql+asyncpg", "postgres+asyncpg"}
REDIS_SCHEMES = {"redis": "redis", "rediss": "rediss", "unix": "unix", "valkey": "redis", "valkeys": "rediss"}

# Parameters of libpq and of ORMs that PostgreSQL would refuse as unknown server settings.
FOREIGN_POSTGRES_PARAMETERS = frozenset(
    """
    channel_binding connect_timeout connection_limit gssencmode keepalives keepalives_count keepalives_idle
    keepalives_interval pgbouncer pool_timeout schema sslcompression tcp_user_timeout
    """.split()  # noqa: SIM905 - a list of strings would fill fourteen lines
)
CERTIFICATE_WORDS = {"cert_none": "none", "cert_optional": "optional", "cert_required": "required"}


def database_url(value: str) -> str:
    """PostgreSQL, as `postgresql://…`; `postgres://` and every sslmode, also node's `no-verify`, are understood."""
    parts = _split(value, "must look like postgresql://user:password@host:5432/name")
    if parts.scheme not in POSTGRES_SCHEMES:
        raise ValueError("must start with postgresql:// or postgres://")
    query = [_postgres_parameter(key, text) for key, text in parse_qsl(parts.query)]
    kept = [(key, text) for key, text in query if key not in FOREIGN_POSTGRES_PARAMETERS]
    if not parts.netloc and "host" not in dict(kept):
        raise ValueError("names no host: postgresql://user:password@host:5432/name")
    user, at, hosts = parts.netloc.rpartition("@")
    netloc = user.replace("@", "%40") + at + hosts
    return _joined("postgresql", netloc, parts.path, kept)


def redis_url(value: str) -> str:
    """Redis or Valkey. `rediss://` that says nothing about certificates gets `ssl_cert_reqs=none`.

    Managed Redis mostly has a self-signed certificate; `?ssl_cert_reqs=required` asks for a checked one.
    """
    parts = _split(value, "must look like redis://:password@host:6379/0")
    scheme = REDIS_SCHEMES.get(parts.scheme)
    if scheme is None or not (parts.netloc or (scheme == "unix" and parts.path)):
        raise ValueError("must look like redis://host:6379/0, rediss://… or unix:///path")
    query = dict(parse_qsl(parts.query))
    if scheme == "rediss":
        asked = query.get("ssl_cert_reqs", "none").lower()
        query["ssl_cert_reqs"] = CERTIFICATE_WORDS.get(asked, asked)
        if query["ssl_cert_reqs"] not in CERTIFICATE_WORDS.values():
            raise ValueError("has an unknown ssl_cert_reqs: it is none, optional or required")
    return _joined(scheme, parts.netloc, parts.path, list(query.items()))


def storage_url(value: str) -> str:
    """`file:///absolute/folder` or `s3://bucket/prefix`, without a slash at the end."""
    form = "must be file:///absolute/folder or s3://bucket/prefix"
    parts = _split(value, form)
    if parts.scheme == "vercel-blob":
        raise ValueError("names Vercel Blob, which is not supported yet; it " + form)
    is_folder = parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.strip("/")
    is_bucket = parts.scheme == "s3" and parts.netloc and "@" not in parts.netloc
    if not (is_folder or is_bucket) or parts.query or parts.fragment:
        raise ValueError(form)
    return f"file://{parts.path.rstrip('/')}" if is_folder else value.rstrip("/")


def http_url(value: str) -> str:
    """An http or https address without user, query and fragment; the slash at the end is taken off."""
    parts = _split(value, "must look like https://host/path")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must start with https:// or http:// and name a host")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("must hold no user, query or fragment")
    return value.rstrip("/")


def versionless_url(value: str) -> str:
    """As `http_url`, for servers whose API version our requests put in themselves."""
    cleaned = http_url(value)
    if re.search(r"/v\d+(alpha|beta)?\d*$", cleaned):
        raise ValueError("must not end in an API version such as /v1")
    return cleaned


def webhook_url(value: str) -> str:
    """An http or https address that events are sent to; it may carry a token in its query."""
    parts = _split(value, "must look like https://host/path")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must start with https:// or http:// and name a host")
    return value


def bucket_uri(value: str) -> str:
    """`gs://bucket/prefix`, without a slash at the end."""
    if not re.fullmatch(r"gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/[^?#\s]*)?", value):
        raise ValueError("must look like gs://bucket/prefix")
    return value.rstrip("/")


def password_in(url: str) -> str | None:
    """The password that an address carries, as written there; None without one."""
    return urlsplit(url).password


def _split(value: str, sentence: str) -> SplitResult:
    """Split, and look at the port; a host list (`a:1,b:2`) has no single one."""
    try:
        parts = urlsplit(value)
        if "," not in parts.netloc:
            _ = parts.port
    except ValueError:
        # The cause quotes the address, password and all.
        raise ValueError(sentence) from None
    return parts


def _joined(scheme: str, netloc: str, path: str, query: list[tuple[str, str]]) -> str:
    """By hand: urlunsplit drops the slashes of an address without a host, and no driver knows it then."""
    return f"{scheme}://{netloc}{path}" + (f"?{urlencode(query)}" if query else "")


def _postgres_parameter(key: str, text: str) -> tuple[str, str]:
    if key == "ssl":
        return "sslmode", "require" if text.lower() in ("1", "true", "require") else "prefer"
    if (key, text) == ("sslmode", "no-verify"):
        return key, "require"
    return key, text
