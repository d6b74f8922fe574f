"""Values as platforms and people write them, and what becomes of them."""

import base64
import json
from decimal import Decimal

import pytest
import redis.asyncio
from asyncpg.connect_utils import _parse_connect_dsn_and_args  # type: ignore[import-untyped]

from config import urls
from config.parts import Successor
from config.settings import SettingsError, load_settings


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("postgres://u:p@h:5432/d", "postgresql://u:p@h:5432/d"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql://u:p@h/d"),
        ("postgres://u:p@h/d?sslmode=require", "postgresql://u:p@h/d?sslmode=require"),
        ("postgres://u:p@h/d?sslmode=no-verify", "postgresql://u:p@h/d?sslmode=require"),
        ("postgres://u:p@h/d?ssl=true", "postgresql://u:p@h/d?sslmode=require"),
        ("postgresql://u:p@h/d?sslmode=require&channel_binding=require", "postgresql://u:p@h/d?sslmode=require"),
        ("postgresql://u:p@h/d?pgbouncer=true&connection_limit=1", "postgresql://u:p@h/d"),
        ("postgresql://u:p@ss@h/d", "postgresql://u:p%40ss@h/d"),
        ("postgresql://u@h1:5432,h2:5433/d", "postgresql://u@h1:5432,h2:5433/d"),
        ("postgresql:///d?host=/run/postgresql", "postgresql:///d?host=%2Frun%2Fpostgresql"),
    ],
)
def test_every_form_of_a_postgres_address_is_one_that_asyncpg_takes(given: str, cleaned: str) -> None:
    assert urls.database_url(given) == cleaned
    _parse_connect_dsn_and_args(
        dsn=cleaned, host=None, port=None, user=None, password=None, passfile=None, database=None, ssl=None,
        service=None, servicefile=None, direct_tls=None, server_settings=None, target_session_attrs=None,
        krbsrvname=None, gsslib=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "verification"),
    [
        ("rediss://:p@h:6379", "none"),
        ("rediss://:p@h:6379?ssl_cert_reqs=CERT_NONE", "none"),
        ("valkeys://:p@h:6379/1", "none"),
        ("rediss://:p@h:6379?ssl_cert_reqs=required", "required"),
    ],
)
def test_a_redis_with_its_own_certificate_is_taken_unless_a_checked_one_is_asked_for(
    given: str, verification: str
) -> None:
    pool = redis.asyncio.ConnectionPool.from_url(urls.redis_url(given))

    assert issubclass(pool.connection_class, redis.asyncio.SSLConnection)
    assert pool.connection_kwargs["ssl_cert_reqs"] == verification


def test_a_redis_socket_stays_a_socket() -> None:
    pool = redis.asyncio.ConnectionPool.from_url(urls.redis_url("unix:///run/valkey.sock?db=1"))

    assert pool.connection_class is redis.asyncio.UnixDomainSocketConnection
    assert pool.connection_kwargs["path"] == "/run/valkey.sock"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://u:p@h/d"),
        ("DATABASE_URL", "postgresql://u:p@h:port/d"),
        ("DATABASE_URL", "reelwork"),
        ("REDIS_URL", "http://h:6379"),
        ("REDIS_URL", "rediss://h?ssl_cert_reqs=perhaps"),
        ("STORAGE_URL", "file://videos"),
        ("STORAGE_URL", "file:///"),
        ("STORAGE_URL", "s3:///prefix"),
        ("STORAGE_URL", "vercel-blob:store"),
        ("STORAGE_URL", "/var/videos"),
        ("PUBLIC_URL", "reelwork.example.com"),
        ("PUBLIC_URL", "https://user:pass@reelwork.example.com"),
        ("GEMINI_BASE_URL", "https://gateway.example.com/v1beta"),
        ("VERTEX_BASE_URL", "https://gateway.example.com/v1"),
        ("VERTEX_OUTPUT_URI", "s3://bucket"),
        ("DATABASE_SCHEMA", "public"),
        ("DATABASE_SCHEMA", 'a"; drop'),
        ("ENCRYPTION_KEY", "too-short"),
        ("ENCRYPTION_KEY", ","),
        ("ENCRYPTION_KEY", "ab" * 32 + ",short"),
        ("ADMIN_KEY", "short"),
        ("ADMIN_KEY", "a key with blanks in it, long as it is"),
        ("CORS_ORIGINS", "https://a.example, b.example"),
        ("ALERT_WEBHOOK_URL", "ops@example.com"),
        ("MODEL_SUCCESSORS", "sora-2=omni"),
        ("MODEL_SUCCESSORS", "imax:a=omni:b"),
        ("MODEL_SUCCESSORS", "sora:a=sora:a"),
        ("MODEL_SUCCESSORS", "sora:a=omni:b,openai_videos:a=omni:c"),
        ("OPENAI_MODELS", "my-model=cheap"),
        ("OPENAI_MODELS", "my-model=0.0000001"),
        ("OPENAI_VIDEOS_SERVERS", "[]"),
        ("OPENAI_VIDEOS_SERVERS", '{"a": {"models": ["m"]}}'),
        ("OPENAI_VIDEOS_SERVERS", '{"a": {"url": "http://a/v1", "billing": "never"}}'),
        ("LEASE_SECONDS", "nan"),
        ("LEASE_SECONDS", "-1"),
        ("PORT", "65536"),
        ("LANES_PAUSED", "perhaps"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_malformed_value_is_refused_by_its_name(needed: dict[str, str], variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({**needed, variable: value})

    assert {problem.variable for problem in raised.value.problems} == {variable}


def test_encryption_keys_come_as_hex_or_base64_and_the_first_one_leads(needed: dict[str, str]) -> None:
    urlsafe = base64.urlsafe_b64encode(b"\xfb" * 32).decode()
    standard = base64.b64encode(b"\xfb" * 32).decode().rstrip("=")

    settings = load_settings({**needed, "ENCRYPTION_KEY": f"{'0a' * 32}, {urlsafe},{standard}"})

    assert settings.encryption_keys == (b"\x0a" * 32, b"\xfb" * 32, b"\xfb" * 32)


def test_successors_take_short_and_long_names_of_kinds(needed: dict[str, str]) -> None:
    rules = "sora:sora-2=omni:gemini-omni-1.2-flash~, vertex_veo:veo-3.1=openai_videos:org/model:tag"

    settings = load_settings({**needed, "MODEL_SUCCESSORS": rules})

    assert settings.model_successors == (
        Successor("openai_videos", "sora-2", "google_omni", "gemini-omni-1.2-flash", rounds_down=True),
        Successor("vertex_veo", "veo-3.1", "openai_videos", "org/model:tag"),
    )


def test_models_without_a_price_take_the_default_one(needed: dict[str, str]) -> None:
    prices = {"OPENAI_MODELS": "wan=0.05, hunyuan, *", "OPENAI_DEFAULT_PRICE_USD_PER_SECOND": "0.2"}

    settings = load_settings({**needed, **prices})

    assert settings.openai_prices == {"wan": Decimal("0.05"), "hunyuan": Decimal("0.2"), "*": Decimal("0.2")}


@pytest.mark.parametrize(("given", "level"), [("WARNING", "warn"), ("Info", "info"), ("critical", "error")])
def test_log_levels_are_taken_in_any_case_and_by_python_s_names(needed: dict[str, str], given: str, level: str) -> None:
    assert load_settings({**needed, "LOG_LEVEL": given}).log_level == level


def test_slashes_at_the_end_of_addresses_are_dropped(needed: dict[str, str]) -> None:
    settings = load_settings({**needed, "PUBLIC_URL": "https://a.example/", "STORAGE_URL": "file:///var/videos/"})

    assert (settings.public_url, settings.storage_url) == ("https://a.example", "file:///var/videos")


def test_google_s_and_amazon_s_other_names_count_too(needed: dict[str, str]) -> None:
    settings = load_settings({**needed, "GOOGLE_CLOUD_PROJECT": "acme", "AWS_DEFAULT_REGION": "eu-west-1"})

    assert (settings.google_cloud_project_id, settings.aws_region) == ("acme", "eu-west-1")


def test_a_named_server_is_read_from_json_and_cannot_be_changed(needed: dict[str, str]) -> None:
    servers = {"lab": {"url": "http://lab/v1/", "models": ["wan"], "pricePerSecondUsd": 0.05, "maxInFlight": 4}}

    settings = load_settings({**needed, "OPENAI_VIDEOS_SERVERS": json.dumps(servers)})

    lab = settings.openai_videos_servers["lab"]
    assert (lab.url, lab.models, lab.price_per_second_usd, lab.max_in_flight) == (
        "http://lab/v1",
        ("wan",),
        Decimal("0.05"),
        4,
    )
    with pytest.raises(ValueError, match="frozen"):
        lab.url = "http://elsewhere/v1"  # type: ignore[misc]
