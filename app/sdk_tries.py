"""The tries of an SDK that sends a create again by itself: which one this call is, and which video it belongs to."""

from collections.abc import Sequence

from starlette.requests import Request

from app.calls import Call
from app.drafts import Draft, body_hash
from db import create_calls
from db.create_calls import REMEMBERED, Try
from db.reads import SeenJob

HEADER = "X-Stainless-Retry-Count"
_MOST = 100


def try_of(call: Call, drafts: Sequence[Draft]) -> Try | None:
    """The numbered try that this call is; None where it is none, or where a key or the caller's own job id tells
    repeats."""
    number = _number(call.request)
    if number is None or call.once or len(drafts) != 1 or drafts[0].body.job_id is not None:
        return None
    return Try(call.principal.client_id, bytes.fromhex(body_hash(drafts[0].body)), number)


async def named_by(call: Call, seen: SeenJob) -> None:
    """Note that the caller knows its video's id, so that the answer of the create has arrived."""
    row = seen.row
    if row.client_id == call.principal.client_id and seen.read_at - row.created_at < 3 * REMEMBERED:
        await create_calls.answered(call.deps.pool, row.id)


def _number(request: Request) -> int | None:
    text = request.headers.get(HEADER, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and int(text) < _MOST else None
