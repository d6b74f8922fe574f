"""From the settings to the rooms' own small policies: the only place where the worker reads a variable's name."""

from datetime import timedelta

from config.settings import Settings
from config.version import VERSION
from db.claims import LaneDefaults
from db.connection import Database
from db.queue_figures import StallPolicy
from db.retention import Kept
from observing.page import Limits
from observing.telling import Receivers
from providers.catalogue import Catalogue, load_catalogue
from providers.http import WirePolicy
from providers.models import VideoServer
from providers.successors import Successor
from storage.base import Storage
from storage.open import open_storage
from storage.options import S3Options
from worker.lease import Incarnation, LeasePolicy
from worker.patience import Patience
from worker.policies import Policies
from worker.retention import Keeping

_SUBMISSIONS_AT_ONCE = 64


def database_of(settings: Settings) -> Database:
    return Database(
        settings.database_url,
        settings.database_schema,
        transaction_pooler=settings.db_pooler == "transaction",
        application_name="reelwork worker",
    )


def lease_of(settings: Settings) -> LeasePolicy:
    return LeasePolicy(beat_s=settings.heartbeat_seconds, lease_s=settings.lease_seconds)


def incarnation_of(settings: Settings) -> Incarnation:
    return Incarnation(policy=lease_of(settings), version=VERSION, capacity=settings.worker_max_in_flight)


def limits_of(settings: Settings) -> Limits:
    budget = settings.budget_usd_per_day
    stall = StallPolicy(
        after=timedelta(seconds=settings.queue_stall_seconds),
        generation_timeout=timedelta(seconds=settings.generation_timeout_seconds),
        max_in_flight=settings.lane_max_in_flight,
    )
    return Limits(lease_of(settings).lease, stall, None if budget is None else int(budget * 1_000_000))


def receivers_of(settings: Settings) -> Receivers:
    return Receivers(settings.alert_webhook_url, _plain(settings.sentry_dsn))


def policies_of(settings: Settings) -> Policies:
    generation_timeout = timedelta(seconds=settings.generation_timeout_seconds)
    return Policies(
        lease=lease_of(settings),
        lanes=LaneDefaults(
            rate_per_minute=settings.lane_rate_per_minute,
            max_in_flight=settings.lane_max_in_flight,
            generation_timeout=generation_timeout,
            submit_timeout=timedelta(seconds=settings.submit_timeout_seconds),
            probe_timeout=timedelta(seconds=settings.submit_timeout_seconds + settings.lease_seconds),
        ),
        patience=Patience.within(generation_timeout),
        submit_deadline=timedelta(seconds=settings.submit_deadline_seconds),
        shutdown_grace_s=settings.shutdown_grace_seconds,
        max_in_flight=settings.worker_max_in_flight,
        max_submissions=_SUBMISSIONS_AT_ONCE,
        transfer_concurrency=settings.transfer_concurrency,
        requests_per_second=settings.lane_requests_per_second,
        max_video_bytes=settings.max_video_bytes,
        work_dir=settings.work_dir,
        keep_provider_copy=settings.provider_copy == "keep",
        starts_paused=settings.lanes_paused,
        public_url=settings.public_url,
    )


def keeping_of(settings: Settings) -> Keeping:
    return Keeping(
        progress=Kept(
            completed_for=timedelta(seconds=settings.keep_completed_seconds),
            completed_newest=settings.keep_completed_count,
            failed_for=timedelta(seconds=settings.keep_failed_seconds),
            failed_newest=settings.keep_failed_count,
        ),
        events=timedelta(days=settings.event_retention_days),
        videos=_days(settings.video_retention_days),
        rows=_days(settings.row_retention_days),
    )


def wire_of(settings: Settings) -> WirePolicy:
    return WirePolicy(submit_s=settings.submit_timeout_seconds, trusted_base_urls=tuple(settings.operator_base_urls))


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
    return open_storage(
        settings.storage_url,
        S3Options(
            endpoint_url=settings.s3_endpoint_url,
            addressing_style=settings.s3_addressing_style,
            region=settings.aws_region,
            access_key_id=settings.aws_access_key_id,
            secret_access_key=_plain(settings.aws_secret_access_key),
            session_token=_plain(settings.aws_session_token),
        ),
    )


def _plain(secret: object) -> str | None:
    reveal = getattr(secret, "get_secret_value", None)
    return reveal() if reveal else None


def _days(days: float) -> timedelta | None:
    return timedelta(days=days) if days else None
