"""The simulator's own endpoints under /_sim: faults, options, clock, keys and the books."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reelwork.simulator.faults.grammar import rule_from_fields
from reelwork.simulator.faults.kinds import KINDS, Endpoint
from reelwork.simulator.faults.rules import Rule
from reelwork.simulator.signatures import key_set, service_account
from reelwork.simulator.world import World

_EMAIL = "reelwork@simulated-project.iam.gserviceaccount.com"
_Handler = Callable[[World, Request], Awaitable[Any]]


def control_routes(world: World) -> list[Route]:
    """Open to everybody who reaches the port: the simulator holds nothing worth keeping from them."""
    table: list[tuple[str, str, _Handler]] = [
        ("GET", "", _overview),
        ("GET", "/books", _books),
        ("DELETE", "/books", _reset_books),
        ("GET", "/faults", _faults),
        ("POST", "/faults", _add_faults),
        ("DELETE", "/faults", _clear_faults),
        ("DELETE", "/faults/{rule_id:int}", _remove_fault),
        ("GET", "/options", _options),
        ("PATCH", "/options", _change_options),
        ("POST", "/clock", _advance),
        ("POST", "/forget", _forget),
        ("POST", "/keys", _keys),
        ("POST", "/reset", _reset),
        ("GET", "/service-account", _service_account),
    ]
    routes = [Route("/_sim" + path, _endpoint(world, handler), methods=[method]) for method, path, handler in table]
    return [*routes, Route("/.well-known/jwks.json", _endpoint(world, _jwks), methods=["GET"])]


def _endpoint(world: World, handler: _Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await handler(world, request))
        except (ValueError, TypeError, AttributeError, KeyError) as exc:
            return JSONResponse({"error": str(exc)}, 400)

    return answer


async def _body(request: Request) -> Any:
    raw = await request.body()
    return json.loads(raw) if raw else {}


async def _overview(world: World, request: Request) -> dict[str, Any]:
    base = str(request.base_url).rstrip("/")
    return {
        "openai_base_url": f"{base}/v1",
        "gemini_base_url": base,
        "vertex_base_url": base,
        "media_url": world.media_url,
        "options": asdict(world.options),
        "endpoints": list(Endpoint),
        "faults": {
            kind.name: {"at": kind.stage, "does": kind.doc, "takes": list(kind.params)} for kind in KINDS.values()
        },
    }


async def _books(world: World, request: Request) -> dict[str, Any]:
    named = request.query_params.get("key") or request.query_params.get("account")
    account = world.accounts.named(named) if named else None
    return world.books.report(world.clock.now(), account, request.query_params.get("brief") == "1")


async def _reset_books(world: World, request: Request) -> dict[str, Any]:
    world.books.reset()
    return {}


async def _faults(world: World, request: Request) -> dict[str, Any]:
    return {"rules": [_shown(rule) for rule in world.rules.rules]}


async def _add_faults(world: World, request: Request) -> dict[str, Any]:
    given = await _body(request)
    texts = [rule_from_fields(fields) for fields in (given if isinstance(given, list) else [given])]
    return {"ids": [world.rules.add(text).id for text in texts]}


async def _clear_faults(world: World, request: Request) -> dict[str, Any]:
    world.rules.clear()
    return {}


async def _remove_fault(world: World, request: Request) -> dict[str, Any]:
    return {"removed": world.rules.remove(request.path_params["rule_id"])}


async def _options(world: World, request: Request) -> dict[str, Any]:
    return asdict(world.options)


async def _change_options(world: World, request: Request) -> dict[str, Any]:
    world.options = world.options.with_changes(await _body(request))
    return asdict(world.options)


async def _advance(world: World, request: Request) -> dict[str, Any]:
    world.clock.advance(float((await _body(request))["advance_s"]))
    return {"now": world.clock.now()}


async def _forget(world: World, request: Request) -> dict[str, Any]:
    given = await _body(request)
    account = world.accounts.named(given["key"]) if given.get("key") else None
    return {"forgotten": world.forget(given.get("dialect"), account)}


async def _keys(world: World, request: Request) -> dict[str, Any]:
    given = await _body(request)
    world.accounts.revoke(str(given["key"]), bool(given.get("revoked", True)))
    return {"account": world.accounts.named(str(given["key"])), "revoked": bool(given.get("revoked", True))}


async def _reset(world: World, request: Request) -> dict[str, Any]:
    world.reset()
    return {}


async def _service_account(world: World, request: Request) -> dict[str, Any]:
    project = request.query_params.get("project", "simulated-project")
    token_uri = f"{str(request.base_url).rstrip('/')}/token"
    return dict(service_account(project, request.query_params.get("email", _EMAIL), token_uri))


async def _jwks(world: World, request: Request) -> dict[str, Any]:
    return key_set()


def _shown(rule: Rule) -> dict[str, Any]:
    text = rule.text
    return {
        "id": rule.id,
        "endpoint": text.endpoint,
        "kind": text.fault.name,
        "params": dict(text.fault.params),
        "probability": text.probability,
        "times": text.times,
        "skip": text.skip,
        "match": dict(text.match),
        "seen": rule.seen,
        "hits": rule.hits,
    }
