"""Clients, for who runs the installation: their names, their shares and their limits."""

from http import HTTPStatus
from typing import Annotated

from pydantic import Field
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers import operators as answers
from app.bodies import ChangeBody, ClientBody
from app.calls import Call, guarded
from app.money import Dollars, columns_of, usd_or_none
from app.problems import FieldError, Problem, invalid, not_found
from app.scopes import Scope
from app.validation import read_body
from app.views import moment
from app.writing import written
from db import clients
from db.clients import ClientChange
from db.connection import Executor
from db.retry import UniqueViolation
from db.tables import Client
from db.tables.accounts import DEFAULT_CLIENT


class ClientChangeBody(ChangeBody):
    """Only the members that are sent change; null gives `maxQueued` back to the environment and takes a budget away."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = ""
    weight: Annotated[float, Field(ge=0.01, le=1_000)] = 1.0
    max_queued: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    budget_usd_per_day: Dollars | None = None
    budget_usd_per_month: Dollars | None = None


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/clients", "GET", Scope.ADMIN, listed),
        guarded("/api/admin/clients", "POST", Scope.ADMIN, make),
        guarded("/api/admin/clients/{client_id}", "PATCH", Scope.ADMIN, change),
    ]


async def listed(call: Call) -> Response:
    return JSONResponse(answers.Clients(clients=[_client(row) for row in await clients.listed(call.deps.pool)]))


async def make(call: Call) -> Response:
    """A client of a name that no other has; `weight` is its share of a lane."""
    body = await read_body(call.request, ClientBody)

    async def making(conn: Executor) -> Response:
        row = await clients.make(conn, body.name, body.weight)
        if row is None:
            raise _taken()
        return JSONResponse(_client(row), HTTPStatus.CREATED)

    return await written(call, making)


async def change(call: Call) -> Response:
    """Sets the members that are sent; a new weight holds for what becomes due from now on."""
    client_id = call.id_in_path("client_id", "client")
    body = await read_body(call.request, ClientChangeBody)
    if not body.model_fields_set:
        raise invalid([FieldError("", "names no member to change")])
    if client_id == DEFAULT_CLIENT and "name" in body.model_fields_set:
        raise invalid([FieldError("name", "the built-in client keeps its name")])
    columns = columns_of(body)
    wanted = ClientChange(tuple(columns), **columns)

    async def changing(conn: Executor) -> Response:
        row = await clients.change(conn, client_id, wanted)
        if row is None:
            raise not_found("client")
        return JSONResponse(_client(row))

    try:
        return await written(call, changing)
    except UniqueViolation:
        raise _taken() from None


def _taken() -> Problem:
    return Problem(HTTPStatus.CONFLICT, "name_taken", "There is a client with this name")


def _client(row: Client) -> answers.Client:
    return {
        "id": str(row.id),
        "name": row.name,
        "weight": row.weight,
        "maxQueued": row.max_queued,
        "budgetUsdPerDay": usd_or_none(row.budget_day_micros),
        "budgetUsdPerMonth": usd_or_none(row.budget_month_micros),
        "createdAt": moment(row.created_at),
    }
