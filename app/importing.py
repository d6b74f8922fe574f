"""Takes a video over that another system has submitted and paid for: waited for and stored here, never submitted."""

from starlette.responses import Response

from app.bodies import ImportBody
from app.calls import Call
from app.creating import chosen_account, pin, row_of, taken
from app.drafts import Draft, body_hash
from app.problems import Problem
from app.resolving import cannot_adopt, opened, require_shown
from app.tracing import request_id
from app.webhooks.wishes import require_tellable
from app.writing import written
from db import accept, clients, imports, reads
from db.connection import Executor
from db.credentials import Pinned
from db.retry import UniqueViolation


async def take_over(call: Call, draft: Draft, body: ImportBody, told: Response) -> Response:
    """A row in `generating` under the provider's id, which its poll has shown. What is paid already is refused by no
    budget, but counts in it.

    Raises Problem: 422 unless the provider shows the id to this key and no other row has it, 409 for a taken job id.
    """
    if body.webhook_url:
        await require_tellable(call, body.webhook_url, "webhookUrl")
    if call.once and body.end_user_id:
        call.once.end_users.add(body.end_user_id)
    await _require_shown(call, draft, body.provider_job_id)

    async def taking(conn: Executor) -> Response:
        await clients.lock(conn, call.principal.client_id)
        if not await accept.existing(conn, call.principal.client_id, {draft.id: body_hash(body)}):
            await _take(conn, call, draft, body.provider_job_id)
        return told

    try:
        response = await written(call, taking)
    except accept.IdTaken as error:
        raise taken(error.job_id) from error
    except UniqueViolation as error:
        raise _owned() from error
    await call.deps.bell.look_at(draft.id)
    return response


async def _require_shown(call: Call, draft: Draft, provider_id: str) -> None:
    deps, plan = call.deps, draft.plan
    if (plan.requested_kind, plan.requested_model) != (plan.model.kind, plan.model.name):
        raise cannot_adopt("Its model has a successor here, which does not know this id")
    chosen = await chosen_account(deps.pool, deps, call.principal.client_id, draft)
    account = await opened(deps, chosen.credential_id) if isinstance(chosen, Pinned) else chosen.account
    await require_shown(deps, account, provider_id, plan.model.name)


async def _take(conn: Executor, call: Call, draft: Draft, provider_id: str) -> None:
    pinned = await pin(conn, call.deps, call.principal.client_id, draft)
    if await reads.owner_of_provider_id(conn, pinned.lane_id, provider_id) is not None:
        raise _owned()
    await accept.accept(conn, [row_of(call, draft, pinned, request_id())], None, already_paid=True)
    await imports.take_over(conn, draft.id, provider_id, call.deps.policy.stall.generation_timeout)


def _owned() -> Problem:
    return cannot_adopt("Another video already has this provider id")
