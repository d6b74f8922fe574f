"""The API as an ASGI application: `create_app` for a given set of parts, `from_environment` for a server."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from http import HTTPStatus

from loguru import logger
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from app import alerting, idempotency, policy_from
from app.auth import Authenticator
from app.bell import Bell
from app.calls import problem_of
from app.deps import Deps, Policy
from app.gathering import Gathering
from app.headers import SafeHeaders
from app.history import watch
from app.hooks.senders import Senders
from app.links import FileLinks, Links
from app.live.feed import Feed
from app.live.watched import EventTokens
from app.measuring import Measured
from app.outbound.fetch import Fetcher
from app.outbound.pinning import Pinner
from app.rate_limits import RateLimits
from app.reference import routes as reference
from app.refusals import refuse
from app.routes import all_routes
from app.storage_watch import watched
from app.tracing import HEADER, RequestIds
from app.webhooks.sender import Sender
from config.logs import configure_logs, register_secrets
from config.settings import Settings, load_settings_or_exit
from db.connection import open_pool
from db.crypto import Sealer
from jobqueue.pool import open_redis
from observing.meters import Meters
from observing.totals import Totals
from observing.watch import Watch
from providers import kinds
from providers.registry import open_keys, open_providers

OpenDeps = Callable[[], AbstractAsyncContextManager[Deps]]

_CLOSING_S = 5.0
"""Seconds for closing connections: a server that does not answer must not keep the process from leaving."""


def create_app(open_deps: OpenDeps, cors_origins: Sequence[str] = ()) -> Starlette:
    """The API over what `open_deps` opens for the life of the application."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        parts = AsyncExitStack()
        app.state.deps = deps = await parts.enter_async_context(open_deps())
        await parts.enter_async_context(_sending(deps))
        await parts.enter_async_context(_observing(deps))
        watching = asyncio.create_task(watch(deps.pool, deps.storage), name="history")
        await parts.enter_async_context(watched(deps.storage))
        try:
            yield
        finally:
            watching.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSING_S):
                    await parts.aclose()

    return Starlette(
        routes=[*all_routes(), *reference.routes()],
        lifespan=lifespan,
        middleware=[
            Middleware(Measured),
            Middleware(RequestIds),
            Middleware(SafeHeaders),
            *_cors(cors_origins),
        ],
        exception_handlers={HTTPException: _refused},
    )


def from_environment() -> Starlette:
    """What uvicorn serves in each of its processes; exits with one message where a setting is missing or wrong."""
    settings = load_settings_or_exit("web")
    register_secrets(settings.secret_values())
    configure_logs(settings.log_level, settings.log_format)
    return create_app(partial(open_deps, settings), settings.cors_origins)


@asynccontextmanager
async def open_deps(settings: Settings) -> AsyncIterator[Deps]:
    """Everything the routes need. Neither Postgres nor Redis nor the storage has to be there yet."""
    policy, catalogue = policy_from.policy_of(settings), policy_from.catalogue_of(settings)
    sealer = Sealer(settings.encryption_keys)
    async with AsyncExitStack() as opened:
        pool = await opened.enter_async_context(
            open_pool(policy_from.database_of(settings), settings.db_pool_max, min_size=0)
        )
        redis = open_redis(
            settings.redis_url, queue=settings.queue_name, max_connections=settings.redis_max_connections, patient=False
        )
        opened.push_async_callback(redis.aclose, close_connection_pool=True)
        storage = policy_from.storage_of(settings)
        opened.push_async_callback(storage.close)
        providers = await opened.enter_async_context(open_providers(catalogue, policy_from.wire_of(settings)))
        google_keys = await opened.enter_async_context(
            open_keys(policy_from.gemini_base_url(settings), policy_from.wire_of(settings))
        )
        links = FileLinks(sealer.link_keys(), timedelta(seconds=settings.video_url_ttl_seconds))
        bell, meters = Bell(pool, redis), Meters()
        feed = Feed(pool, bell)
        opened.push_async_callback(feed.close)
        if policy.budget_micros is None:
            logger.warning("no budget is set: BUDGET_USD_PER_DAY would limit what a day may cost")
        yield Deps(
            policy=policy,
            pool=pool,
            storage=storage,
            catalogue=catalogue,
            providers=providers,
            sealer=sealer,
            accounts=policy_from.accounts_of(settings),
            authenticator=Authenticator(settings.admin_key.get_secret_value(), pool, time.monotonic),
            bell=bell,
            creates=Gathering(),
            links=Links(storage, links, settings.storage_public_base_url),
            fetcher=Fetcher(),
            pinner=_pinner(policy),
            rate_limits=RateLimits(settings.api_rate_limit, redis),
            feed=feed,
            event_tokens=EventTokens(sealer.link_keys()),
            meters=meters,
            totals=Totals(pool, meters, "web"),
            receivers=policy_from.receivers_of(settings),
            hooks=Senders(policy_from.hook_secrets_of(settings), {kinds.GOOGLE_OMNI: google_keys}),
        )


@asynccontextmanager
async def _sending(deps: Deps) -> AsyncIterator[None]:
    """Webhooks leave during the block."""
    sender = Sender(deps.pool, deps.sealer, deps.links, deps.policy.public_url or "", deps.pinner)
    running = asyncio.create_task(sender.run(), name="webhooks")
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await sender.close()


@asynccontextmanager
async def _observing(deps: Deps) -> AsyncIterator[None]:
    """During the block figures are written down now and then, and alerts looked for."""
    stop = asyncio.Event()
    watch_for = Watch(deps.pool, deps.policy.limits, deps.receivers, lambda: alerting.seen(deps))
    running = [asyncio.create_task(loop.run(stop), name="observing") for loop in (deps.totals, watch_for)]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running, return_exceptions=True)
        await deps.totals.write()


def _pinner(policy: Policy) -> Pinner:
    """With simulated providers nothing leaves this machine, and its own receivers may be told too."""
    return Pinner(is_allowed=lambda address: True, plain=True) if policy.simulated else Pinner()


def _cors(origins: Sequence[str]) -> list[Middleware]:
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Range", "X-Provider-Key", idempotency.HEADER, HEADER],
            expose_headers=["Accept-Ranges", "Content-Range", "ETag", "Retry-After", idempotency.REPLAYED, HEADER],
        )
    ]


async def _refused(request: Request, error: Exception) -> Response:
    """No such path, no such method: like every other refusal."""
    problem = problem_of(error)
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
        problem.headers = {"Allow": ", ".join(_methods(request))}
    return refuse(request.url.path, problem)


def _methods(request: Request) -> list[str]:
    """All that the path takes; Starlette itself names those of the first route alone."""
    fitting = [route for route in request.app.routes if route.matches(request.scope)[0] != Match.NONE]
    return sorted({method for route in fitting if isinstance(route, Route) for method in route.methods or ()})
