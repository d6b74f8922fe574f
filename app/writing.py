"""The one way in which a call writes: in one transaction with the answer that its Idempotency-Key keeps, and with its
line in the audit log."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from app.calls import Call
from db import audit
from db.connection import Executor, transaction
from db.retry import contended

Work = Callable[[Executor], Awaitable[Response]]


async def written(call: Call, work: Work) -> Response:
    """The answer of `work`, committed with what it wrote; run again where another transaction was in its way.

    What it raises undoes it. Whoever is to hear of it is told after this has returned.
    """
    return await contended(lambda: _once(call, work))


async def _once(call: Call, work: Work) -> Response:
    once = call.once
    async with transaction(call.deps.pool) as conn:
        claimed = await once.claim(conn) if once else None
        response = await work(conn)
        if call.entry:
            await audit.note(conn, call.entry)
        if once and claimed:
            await once.keep(conn, claimed, response)
    if once:
        once.is_kept = True
    return response
