"""One call from its key to its answer: who calls, may they, how long may it take, and what every failure looks like."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from loguru import logger
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app import auditing, sessions
from app.auth import Principal, require
from app.deps import Deps
from app.idempotency import Once, Repeated, key_in, request_hash, with_body
from app.measuring import ROUTE
from app.openai.ids import job_of
from app.problems import Problem, not_found, unavailable
from app.refusals import refuse
from app.scopes import Scope
from app.validation import LARGE_BODY, SMALL_BODY, chunks_of, require_plain
from db.audit import Entry
from db.retry import CONTENDED, UNAVAILABLE

CLIENT_CLOSED_REQUEST = 499


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a known caller. `once` is the key under which a write happens once (None: it came without one);
    `entry` the audit log's line of it (None: it gets none)."""

    request: Request
    deps: Deps
    principal: Principal
    once: Once | None = None
    entry: Entry | None = None

    def job_id(self) -> UUID:
        """The job that the path names, by its own id or as a video of OpenAI's API. Raises Problem (404) where none."""
        named = self.request.path_params
        if "video_id" in named:
            found = job_of(named["video_id"])
            if found is None:
                raise not_found("video")
            return found
        return self.id_in_path("job_id", "video")

    def id_in_path(self, name: str, what: str) -> UUID:
        """The id that stands in the path. Raises Problem (404) for what cannot be one."""
        try:
            return UUID(self.request.path_params[name])
        except ValueError:
            raise not_found(what) from None

    @property
    def server_url(self) -> str:
        """How the caller reaches this API, without a slash at the end."""
        return server_url(self.request, self.deps)


Answering = Callable[[Request], Awaitable[Response]]


class ApiRoute(Route):
    """A route that says what it asks of its caller: a key with this scope, or none where it is None."""

    def __init__(self, path: str, method: str, endpoint: Answering, scope: Scope | None) -> None:
        super().__init__(path, endpoint, methods=[method])
        self.method = method
        self.scope = scope

    @property
    def is_write(self) -> bool:
        """Whether it may be sent with an Idempotency-Key: what has a caller and changes something."""
        return self.scope is not None and self.method != "GET"


Handler = Callable[[Call], Awaitable[Response]]
OpenHandler = Callable[[Request, Deps], Awaitable[Response]]


def server_url(request: Request, deps: Deps) -> str:
    """PUBLIC_URL, else the address that this very request came to.

    A router's word on https is taken from anybody: the link goes back to who said it, and nowhere else.
    """
    if deps.policy.public_url:
        return deps.policy.public_url
    is_https = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip() == "https"
    url = request.base_url.replace(scheme="https") if is_https else request.base_url
    return str(url).rstrip("/")


def deps_of(request: Request) -> Deps:
    deps: Deps = request.app.state.deps
    return deps


def guarded(path: str, method: str, scope: Scope, handler: Handler, *, creates: bool = False) -> ApiRoute:
    """A route for callers whose key has the scope; `creates` gives it the longer time of calls that fetch inputs."""

    async def answer(request: Request) -> Response:
        deps = deps_of(request)
        principal = await caller_of(request, deps)
        standing = await deps.rate_limits.count("key", str(principal.key_id)) if principal.key_id else None
        require(principal, scope)
        call = Call(request, deps, principal)
        if not creates and auditing.is_audited(principal, request):
            call = await _audited(call, f"{method} {path}")
        if method == "GET" or (key := key_in(request)) is None:
            response = await handler(call)
        else:
            response = await _once(call, key, handler, LARGE_BODY if creates else SMALL_BODY)
        response.headers.update(standing.headers() if standing else {})
        return response

    return ApiRoute(path, method, _endpoint(path, answer, creates=creates), scope)


async def caller_of(request: Request, deps: Deps) -> Principal:
    """Whose key the call brings, or whose session. Raises Problem (401; 403 for a session's write from elsewhere), and
    429 where one address tries too many keys."""
    authorization, cookie = request.headers.get("authorization"), request.cookies.get(sessions.COOKIE)
    try:
        if authorization is not None or cookie is None:
            return await deps.authenticator.authenticate(authorization)
        digest = sessions.key_digest_in(deps.sealer, cookie, time.time())
        sessions.require_own_page(request, server_url(request, deps))
        return await deps.authenticator.holder(digest)
    except Problem:
        await deps.rate_limits.count("address", address_of(request, deps))
        raise


def address_of(request: Request, deps: Deps) -> str:
    """The network address of the caller. Behind a router it is the last one named: what stands before it anybody may
    have written."""
    if deps.policy.behind_router and (named := request.headers.get("x-forwarded-for")):
        return named.rpartition(",")[2].strip()
    return request.client.host if request.client else "unknown"


async def _audited(call: Call, action: str) -> Call:
    body = b"".join([chunk async for chunk in chunks_of(call.request, SMALL_BODY)])
    entry = auditing.entry(call.principal, call.request, action, body)
    return replace(call, request=with_body(call.request, body), entry=entry)


async def _once(call: Call, key: str, handler: Handler, most_bytes: int) -> Response:
    """The handler's answer, or the one that the same write has had under this key."""
    body = b"".join([chunk async for chunk in chunks_of(call.request, most_bytes)])
    once = Once(call.principal.client_id, key, request_hash(call.request, body), call.deps.sealer)
    if (before := await once.before(call.deps.pool)) is not None:
        return before
    try:
        response = await handler(replace(call, request=with_body(call.request, body), once=once))
        await once.keep_unless_kept(call.deps.pool, response)
    except Repeated as repeated:
        return repeated.response
    return response


def open_to_all(path: str, handler: OpenHandler, *, limited: bool = False, method: str = "GET") -> ApiRoute:
    """A route that needs no key; `limited` counts its calls by address."""

    async def answer(request: Request) -> Response:
        deps = deps_of(request)
        if limited:
            await deps.rate_limits.count("address", address_of(request, deps))
        return await handler(request, deps)

    return ApiRoute(path, method, _endpoint(path, answer, creates=False), None)


def _endpoint(path: str, answer: Answering, *, creates: bool) -> Answering:
    async def endpoint(request: Request) -> Response:
        request.scope[ROUTE] = path
        policy = deps_of(request).policy
        return await _bounded(answer, request, policy.create_timeout if creates else policy.request_timeout)

    return endpoint


async def _bounded(answer: Answering, request: Request, limit: timedelta) -> Response:
    """The answer, or the problem that its failure is; nothing below leaves this function as an exception."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            require_plain(request)
            return await answer(request)
    except ClientDisconnect:
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    except Exception as error:  # noqa: BLE001 - the top of a request: every failure is answered, the unknown logged
        return refuse(request.url.path, problem_of(error))


def problem_of(error: Exception) -> Problem:
    """What a caller is told of a failure; what nobody expected is logged with its traceback and told without it."""
    match error:
        case Problem():
            return error
        case HTTPException():
            return _of_http(error)
        case _ if isinstance(error, (*UNAVAILABLE, *CONTENDED)) and not isinstance(error, ValueError):
            logger.warning("database unavailable", action="request", error=type(error).__name__)
            return unavailable("The database does not answer; ask again, a write best with an Idempotency-Key")
    logger.opt(exception=error).error("request failed")
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "The server failed to answer; its log says why")


def _of_http(error: HTTPException) -> Problem:
    """Starlette's own refusals (no such path, no such method) as problems."""
    codes = {404: "no_such_path", 405: "method_not_allowed", 413: "too_large"}
    code = codes.get(error.status_code, "http_error")
    return Problem(error.status_code, code, error.detail, headers=dict(error.headers or {}))
