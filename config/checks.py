"""What the variables mean together: which ones a role needs, and which pairs cannot work."""

from collections.abc import Iterator, Mapping
from typing import Literal

from config.accounts import google_credential, project_in
from config.errors import Problem
from config.platforms import hosting_platform
from config.variables import Variables

Role = Literal["web", "worker", "release"]

NEEDED = {
    "DATABASE_URL": "PostgreSQL 15 or later, for example postgresql://user:password@host:5432/name",
    "REDIS_URL": "Redis or Valkey, for example redis://host:6379/0",
    "ENCRYPTION_KEY": "32 random bytes as 64 hex digits, for example from `openssl rand -hex 32`",
    "STORAGE_URL": "where videos are stored, s3://bucket/prefix or file:///absolute/folder",
    "ADMIN_KEY": "the operators' key, at least 32 characters, for example from `openssl rand -hex 32`",
}
NEEDED_BY: dict[Role, tuple[str, ...]] = {
    "web": tuple(NEEDED),
    "worker": ("DATABASE_URL", "REDIS_URL", "ENCRYPTION_KEY", "STORAGE_URL"),
    "release": ("DATABASE_URL",),
}


def problems(settings: Variables, role: Role, environ: Mapping[str, str]) -> list[Problem]:
    """Everything that stands in the way of this role; `environ` tells the platform and holds the servers' own keys."""
    found = [*_missing(settings, role), *_impossible(settings), *_unshared_folder(settings, environ)]
    if settings.reelwork_catalogue and not settings.reelwork_catalogue.is_file():
        found.append(Problem("REELWORK_CATALOGUE", "names a file that is not there."))
    if role == "web":
        found += [*_unusable_credential(settings), *_missing_server_keys(settings, environ)]
    if role == "release" and settings.db_pooler and not settings.direct_database_url:
        sentence = "is not set. DB_POOLER=transaction is, and migrations must connect to PostgreSQL past the pooler."
        found.append(Problem("DIRECT_DATABASE_URL", sentence))
    return found


def _missing(settings: Variables, role: Role) -> Iterator[Problem]:
    for name in NEEDED_BY[role]:
        value = getattr(settings, name.lower())
        is_direct = role == "release" and settings.direct_database_url
        if not (value if isinstance(value, str) else value.get_secret_value()) and not is_direct:
            yield Problem(name, f"is not set. Set it: {NEEDED[name]}.")


def _impossible(settings: Variables) -> Iterator[Problem]:
    if settings.heartbeat_seconds * 2 >= settings.lease_seconds:
        yield Problem("LEASE_SECONDS", "must be more than twice HEARTBEAT_SECONDS: one late heartbeat is no death.")
    if settings.submit_timeout_seconds >= settings.generation_timeout_seconds:
        yield Problem("GENERATION_TIMEOUT_SECONDS", "must be longer than SUBMIT_TIMEOUT_SECONDS.")
    if settings.submit_timeout_seconds > settings.submit_deadline_seconds:
        yield Problem("SUBMIT_DEADLINE_SECONDS", "must not be shorter than SUBMIT_TIMEOUT_SECONDS.")
    if bool(settings.aws_access_key_id) != bool(settings.aws_secret_access_key):
        absent = "AWS_SECRET_ACCESS_KEY" if settings.aws_access_key_id else "AWS_ACCESS_KEY_ID"
        yield Problem(absent, "is not set, but its partner is: set both or neither.")
    unpriced = [name for name, price in settings.openai_models.items() if price is None]
    if unpriced and settings.openai_default_price_usd_per_second is None:
        yield Problem("OPENAI_DEFAULT_PRICE_USD_PER_SECOND", "is not set, but OPENAI_MODELS has names without a price.")


def _unshared_folder(settings: Variables, environ: Mapping[str, str]) -> Iterator[Problem]:
    platform = hosting_platform(environ)
    if platform and settings.storage_url.startswith("file:") and not settings.storage_shared:
        yield Problem(
            "STORAGE_URL",
            f"is a folder, but on {platform} web and worker share no disk and a deploy empties it. Set STORAGE_URL to "
            "s3://bucket/prefix (with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, outside AWS, S3_ENDPOINT_URL), or "
            "STORAGE_SHARED=1 if the folder is a disk that all processes share.",
        )


def _unusable_credential(settings: Variables) -> Iterator[Problem]:
    try:
        credential = google_credential(settings)
    except ValueError as error:
        from_text = settings.google_credentials_json is not None
        yield Problem("GOOGLE_CREDENTIALS_JSON" if from_text else "GOOGLE_APPLICATION_CREDENTIALS", f"{error}.")
        return
    is_used = credential or settings.vertex_base_url
    if is_used and not (settings.google_cloud_project_id or project_in(credential)):
        yield Problem("GOOGLE_CLOUD_PROJECT_ID", "is not set, but Vertex is: set the project that is billed.")


def _missing_server_keys(settings: Variables, environ: Mapping[str, str]) -> Iterator[Problem]:
    for name, server in settings.openai_videos_servers.items():
        if server.key_env and not environ.get(server.key_env, "").strip():
            yield Problem(server.key_env, f"is not set, but the server {name!r} of OPENAI_VIDEOS_SERVERS names it.")
