"""From the settings to the API's own small policies: the only place where it reads a variable's name."""

from datetime import timedelta

from pydantic import SecretStr

from app.accounts import Account, Accounts, Terms
from app.deps import Policy
from app.money import MICROS
from config.accounts import GEMINI_BASE_URL, vertex_base_url
from config.platforms import is_behind_router
from config.settings import ServerAccount, Settings
from db.connection import Database
from db.queue_figures import StallPolicy
from db.retention import Kept
from db.revision import EXPECTED
from observing.telling import Receivers
from providers import kinds
from providers.catalogue import Catalogue, load_catalogue
from providers.http import WirePolicy
from providers.models import VideoServer
from providers.successors import Successor
from storage.base import Storage
from storage.open import open_storage
from storage.options import S3Options

_PATIENCE_S = 5.0
"""Seconds that a request waits for an answer of Postgres before it is told to come again."""


def policy_of(settings: Settings) -> Policy:
    budget = settings.budget_usd_per_day
    return Policy(
        public_url=settings.public_url,
        budget_micros=None if budget is None else int(budget * MICROS),
        simulated=settings.reelwork_simulated,
        stall=StallPolicy(
            after=timedelta(seconds=settings.queue_stall_seconds),
            generation_timeout=timedelta(seconds=settings.generation_timeout_seconds),
            max_in_flight=settings.lane_max_in_flight,
        ),
        lease=timedelta(seconds=settings.lease_seconds),
        kept=Kept(
            completed_for=timedelta(seconds=settings.keep_completed_seconds),
            completed_newest=settings.keep_completed_count,
            failed_for=timedelta(seconds=settings.keep_failed_seconds),
            failed_newest=settings.keep_failed_count,
        ),
        revision=EXPECTED,
        behind_router=is_behind_router(),
        max_queued=settings.client_max_queued,
        review_visible=timedelta(seconds=settings.review_visible_seconds),
        videos_kept=_videos_kept(settings),
    )


def receivers_of(settings: Settings) -> Receivers:
    return Receivers(settings.alert_webhook_url, _plain(settings.sentry_dsn))


def database_of(settings: Settings) -> Database:
    return Database(
        settings.database_url,
        settings.database_schema,
        transaction_pooler=settings.db_pooler == "transaction",
        application_name="reelwork web",
        patience_s=_PATIENCE_S,
    )


def accounts_of(settings: Settings) -> Accounts:
    """Where each kind is called, and with which key of the server's own."""
    return Accounts(
        own={(account.kind, account.server): _account(account) for account in settings.server_accounts()},
        base_urls=_base_urls(settings),
        terms={
            name: Terms(server.billing, server.max_in_flight) for name, server in settings.openai_videos_servers.items()
        },
        project=settings.google_cloud_project_id,
        location=settings.google_cloud_location,
    )


def catalogue_of(settings: Settings) -> Catalogue:
    """The built-in catalogue with what the settings add; BadCatalogue says what is wrong."""
    servers = [
        VideoServer(name, server.url, server.models, server.price_per_second_usd, server.billing, server.max_in_flight)
        for name, server in settings.openai_videos_servers.items()
    ]
    rules = [
        Successor(rule.kind, rule.model, rule.to_kind, rule.to_model, rule.rounds_down)
        for rule in settings.model_successors
    ]
    return load_catalogue(
        settings.reelwork_catalogue, openai_models=settings.openai_prices, servers=servers, successors=rules
    )


def storage_of(settings: Settings) -> Storage:
    """The storage of STORAGE_URL; nothing is connected yet."""
    options = S3Options(
        endpoint_url=settings.s3_endpoint_url,
        addressing_style=settings.s3_addressing_style,
        region=settings.aws_region,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=_plain(settings.aws_secret_access_key),
        session_token=_plain(settings.aws_session_token),
    )
    return open_storage(settings.storage_url, options)


def wire_of(settings: Settings) -> WirePolicy:
    return WirePolicy(submit_s=settings.submit_timeout_seconds, trusted_base_urls=tuple(settings.operator_base_urls))


def hook_secrets_of(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The secrets that providers sign their webhooks with, by kind."""
    return {
        kinds.OPENAI_VIDEOS: tuple(secret.get_secret_value() for secret in settings.openai_webhook_secret),
        kinds.GOOGLE_OMNI: tuple(secret.get_secret_value() for secret in settings.gemini_webhook_secret),
    }


def gemini_base_url(settings: Settings) -> str:
    """Where Gemini is called, and publishes the keys it signs with."""
    return settings.gemini_base_url or GEMINI_BASE_URL


def _base_urls(settings: Settings) -> dict[str, str]:
    configured = {
        kinds.OPENAI_VIDEOS: settings.openai_base_url,
        kinds.GOOGLE_OMNI: settings.gemini_base_url,
        kinds.VERTEX_VEO: settings.vertex_base_url or vertex_base_url(settings.google_cloud_location),
    }
    return {kind: url for kind, url in configured.items() if url}


def _account(account: ServerAccount) -> Account:
    place = (account.project, account.location, account.output_uri)
    return Account(account.kind, account.base_url, account.secret, account.server, *place)


def _videos_kept(settings: Settings) -> timedelta | None:
    days = [days for days in (settings.video_retention_days, settings.row_retention_days) if days]
    return timedelta(days=min(days)) if days else None


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
