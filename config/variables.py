"""One field for each environment variable, named as it is in lower case, in the unit of its name.

Values are checked one by one here; what they mean together is judged in `config.checks`.
"""

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic.functional_validators import AfterValidator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config import parts, urls

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=0, le=65535)]
Dollars = Annotated[Decimal, Field(ge=0, allow_inf_nan=False, decimal_places=6)]
HttpUrl = Annotated[str, AfterValidator(urls.http_url)]
VersionlessUrl = Annotated[str, AfterValidator(urls.versionless_url)]
PostgresUrl = Annotated[str, AfterValidator(urls.database_url)]
LOWER = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


def _level(value: object) -> object:
    return (
        {"warning": "warn", "critical": "error"}.get(value.lower(), value.lower()) if isinstance(value, str) else value
    )


def _schema(value: str) -> str:
    if value in ("public", "information_schema") or value.startswith("pg_"):
        raise ValueError("must be a schema of its own, not public or one of PostgreSQL's")
    return value


def _admin_key(value: SecretStr) -> SecretStr:
    key = value.get_secret_value()
    if len(key) < 32 or not key.isascii() or any(character.isspace() for character in key):
        raise ValueError("must be at least 32 characters, without blanks, such as `openssl rand -hex 32` prints")
    return value


def _encryption_key(value: SecretStr) -> SecretStr:
    parts.encryption_keys(value.get_secret_value())
    return value


class Variables(BaseSettings):
    """The environment, checked word by word. Which variables a process must have depends on its role (`config.checks`).

    Made from arguments only, so that nothing but `config.settings.load_settings` reads the process's environment.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=False)

    database_url: PostgresUrl = Field(default="", repr=False)
    direct_database_url: PostgresUrl | None = Field(default=None, repr=False)
    database_schema: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$"), AfterValidator(_schema)] = "reelwork"
    db_pool_max: Annotated[int, Field(ge=2)] = 5
    db_pooler: Literal["transaction"] | None = None
    redis_url: Annotated[str, AfterValidator(urls.redis_url)] = Field(default="", repr=False)
    redis_max_connections: Annotated[int, Field(ge=2)] = 10
    queue_name: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")] = "video-generation"
    encryption_key: Annotated[SecretStr, AfterValidator(_encryption_key)] = SecretStr("")
    admin_key: Annotated[SecretStr, AfterValidator(_admin_key)] = SecretStr("")

    storage_url: Annotated[str, AfterValidator(urls.storage_url)] = ""
    storage_shared: bool = False
    storage_public_base_url: HttpUrl | None = None
    s3_endpoint_url: HttpUrl | None = None
    s3_addressing_style: Annotated[Literal["auto", "path", "virtual"], LOWER] = "auto"
    aws_access_key_id: str | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = None
    aws_region: str | None = None
    video_url_ttl_seconds: AtLeastOne = 86400
    work_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "reelwork")
    max_video_bytes: AtLeastOne = 2147483648

    public_url: HttpUrl | None = None
    port: Port = 8000
    web_concurrency: AtLeastOne = 1
    cors_origins: Annotated[
        tuple[str, ...],
        BeforeValidator(parts.words),
        parts.each(lambda origin: origin if origin == "*" else urls.http_url(origin)),
    ] = ()
    api_rate_limit: Count = 600
    client_max_queued: Count = 0
    review_visible_seconds: Annotated[float, Field(ge=0)] = 900

    log_level: Annotated[Literal["debug", "info", "warn", "error"], BeforeValidator(_level)] = "info"
    log_format: Annotated[Literal["json", "text"], LOWER] | None = None
    metrics_port: Port | None = None
    alert_webhook_url: Annotated[tuple[str, ...], BeforeValidator(parts.words), parts.each(urls.webhook_url)] = Field(
        default=(), repr=False
    )
    sentry_dsn: SecretStr | None = None

    budget_usd_per_day: Dollars | None = None
    provider_copy: Annotated[Literal["delete", "keep"], LOWER] = "delete"
    openai_api_key: SecretStr | None = None
    openai_base_url: HttpUrl | None = None
    openai_webhook_secret: Annotated[tuple[SecretStr, ...], BeforeValidator(parts.words)] = ()
    openai_videos_servers: Annotated[dict[str, parts.OpenAIServer], BeforeValidator(parts.json_object)] = {}
    openai_models: Annotated[dict[str, Decimal | None], BeforeValidator(parts.prices)] = {}
    openai_default_price_usd_per_second: Dollars | None = None
    gemini_api_key: SecretStr | None = None
    gemini_webhook_secret: Annotated[tuple[SecretStr, ...], BeforeValidator(parts.words)] = ()
    gemini_base_url: VersionlessUrl | None = None
    google_cloud_project_id: str | None = None
    google_cloud_location: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = "us-central1"
    google_application_credentials: Path | None = None
    google_credentials_json: SecretStr | None = None
    vertex_base_url: VersionlessUrl | None = None
    vertex_output_uri: Annotated[str, AfterValidator(urls.bucket_uri)] | None = None
    model_successors: Annotated[tuple[parts.Successor, ...], BeforeValidator(parts.successors)] = ()
    reelwork_catalogue: Path | None = None
    reelwork_simulated: bool = False

    worker_max_in_flight: AtLeastOne = 1000
    transfer_concurrency: AtLeastOne = 4
    lane_rate_per_minute: Count = 10
    lane_max_in_flight: Count = 10
    lane_requests_per_second: Annotated[float, Field(gt=0, le=1000)] = 10
    lanes_paused: bool = False
    queue_stall_seconds: Seconds = 60
    submit_deadline_seconds: Seconds = 86400
    submit_timeout_seconds: Seconds = 60
    generation_timeout_seconds: Seconds = 1800
    shutdown_grace_seconds: Seconds = 25
    heartbeat_seconds: Seconds = 3
    lease_seconds: Seconds = 10
    arq_poll_delay_seconds: Annotated[float, Field(ge=0.01, le=60)] = 0.2

    keep_completed_seconds: Count = 3600
    keep_completed_count: Count = 100
    keep_failed_seconds: Count = 86400
    keep_failed_count: Count = 500
    event_retention_days: Days = 30
    video_retention_days: Days = 0
    row_retention_days: Days = 0

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments are the only source."""
        return (init_settings,)
