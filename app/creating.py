"""Accepts drafts: one transaction for all of them, the bell after its commit. There is no half of a storyboard."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from loguru import logger
from starlette.responses import Response

from app.accounts import Account
from app.budgets import over_budget, warn_of
from app.calls import Call
from app.deps import Deps
from app.drafts import Draft, body_hash, fingerprint, inputs_hash
from app.problems import Problem
from app.sdk_tries import try_of
from app.tracing import request_id
from app.webhooks.bodies import OPENAI
from app.webhooks.wishes import require_tellable
from app.writing import written
from db import accept, clients, create_calls, credentials, lane_settings
from db.clients import TooManyQueued
from db.connection import Executor, transaction
from db.create_calls import Try
from db.credentials import NewCredential, Pinned
from db.ledger import Budget, OverBudget
from db.retry import contended
from db.states import JobState
from db.tables import VideoJob
from db.tables.accounts import DEFAULT_CLIENT
from observing.spans import span
from providers import kinds

_QUEUE_PAUSE_S = 10
"""Seconds after which one who was told that too many are queued may ask again."""

Answer = Callable[[Executor, Mapping[UUID, VideoJob]], Awaitable[Response]]
"""The answer to a create, in its own transaction. By their drafts' ids it is given the rows of those that were there
before; the row of a create that an SDK has sent again has another id than its draft."""


Outcome = Response | Exception
"""What became of a create: its answer, or what it is refused with."""


@dataclass(frozen=True, slots=True)
class Create:
    """What one call asks for, and the id by which its jobs name it."""

    call: Call
    drafts: Sequence[Draft]
    answer: Answer
    trace_id: str | None


@dataclass(frozen=True, slots=True)
class Unkept:
    """An account whose key is in hand; `owner` is the client that its credential will belong to."""

    account: Account
    owner: UUID
    source: credentials.Source


@dataclass(frozen=True, slots=True)
class Accepted:
    """What creates of one client have come to: their answers, what is new, and budgets near their end."""

    responses: list[Response]
    jobs: Sequence[accept.NewJob] = ()
    nearly_spent: Sequence[Budget] = ()


async def accept_all(call: Call, drafts: Sequence[Draft], answer: Answer) -> Response:
    """Commit every draft that is new together with the answer, and ring its lane.

    Raises Problem where one id is taken, a key is missing, a budget is short, too many are queued or a webhook
    could not be sent: then nothing is written.
    """
    for url in {draft.body.webhook_url for draft in drafts if draft.body.webhook_url}:
        await require_tellable(call, url, "webhookUrl")
    if call.once:
        call.once.end_users.update(draft.body.end_user_id for draft in drafts if draft.body.end_user_id)
    create = Create(call, drafts, answer, request_id())
    if call.once is None and try_of(call, drafts) is None:
        outcome: Outcome = await call.deps.creates.answered(call.principal.client_id, create, accept_together)
    else:
        outcome = await _outcome(create)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def accept_together(creates: Sequence[Create]) -> list[Outcome]:
    """Creates of one client in one transaction; where one of them is refused, each in its own, one after another."""
    call = creates[0].call
    if len(creates) == 1:
        return [await _outcome(creates[0])]

    async def accepting() -> Accepted:
        async with transaction(call.deps.pool) as conn:
            return await _accepted(conn, creates, None)

    try:
        accepted = await contended(accepting)
    except Exception:  # noqa: BLE001 - whatever is wrong with one of them shows when it goes alone
        return [await _outcome(create) for create in creates]
    await _tell(call, accepted)
    return list(accepted.responses)


async def _outcome(create: Create) -> Outcome:
    try:
        return await _alone(create)
    except Exception as error:  # noqa: BLE001 - raised again to who asked for it
        return error


async def _alone(create: Create) -> Response:
    call, accepted = create.call, Accepted([])

    async def accepting(conn: Executor) -> Response:
        nonlocal accepted
        accepted = await _accepted(conn, [create], try_of(call, create.drafts))
        return accepted.responses[0]

    try:
        response = await written(call, accepting)
    except accept.IdTaken as error:
        raise taken(error.job_id) from error
    except OverBudget as error:
        raise over_budget(error) from error
    except TooManyQueued as error:
        raise _too_many_queued(error) from error
    await _tell(call, accepted)
    return response


async def _tell(call: Call, accepted: Accepted) -> None:
    warn_of(accepted.nearly_spent)
    for job in accepted.jobs:
        with span("accept", job.id, kind=job.kind):
            log = logger.bind(action="transition", job_id=str(job.id), provider=job.kind, stage=JobState.QUEUED)
            log.info("-> queued", request_id=job.trace_id)
    await call.deps.bell.ring({job.lane_id for job in accepted.jobs})


def taken(job_id: UUID) -> Problem:
    """409 for a job id that names another request."""
    detail = f"The job id {job_id} is in use for another request"
    return Problem(HTTPStatus.CONFLICT, "job_id_taken", detail)


def _too_many_queued(error: TooManyQueued) -> Problem:
    detail = f"This client has {error.queued} videos queued and may have {error.most}: wait until some have started"
    extra = {"queued": error.queued, "limit": error.most}
    headers = {"Retry-After": str(_QUEUE_PAUSE_S)}
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, "too_many_queued", detail, headers=headers, extra=extra)


async def _accepted(conn: Executor, creates: Sequence[Create], sent: Try | None) -> Accepted:
    """Creates of one client, in its transaction. `sent`: the only one is an SDK's try."""
    client_id, policy = creates[0].call.principal.client_id, creates[0].call.deps.policy
    nearly_spent: Sequence[Budget] = ()
    await clients.lock(conn, client_id)
    known = await _before(conn, client_id, [draft for create in creates for draft in create.drafts], sent)
    jobs = await _jobs(conn, creates, known)
    if jobs:
        await clients.require_room(conn, client_id, len(jobs), policy.max_queued)
        nearly_spent = await accept.accept(conn, jobs, policy.budget_micros)
    if jobs and sent:
        await create_calls.remember(conn, sent, jobs[0].id)
    responses = [await create.answer(conn, known) for create in creates]
    return Accepted(responses, jobs, nearly_spent)


async def _jobs(conn: Executor, creates: Sequence[Create], known: Mapping[UUID, VideoJob]) -> list[accept.NewJob]:
    """The rows of what is new; each account is looked up once."""
    jobs: list[accept.NewJob] = []
    pins: dict[tuple[str, str | None, str | None], Pinned] = {}
    for create in creates:
        deps, client_id = create.call.deps, create.call.principal.client_id
        for draft in create.drafts:
            account = (draft.plan.model.kind, draft.plan.model.server, draft.caller_key)
            if draft.id not in known:
                pins[account] = pins.get(account) or await pin(conn, deps, client_id, draft)
                jobs.append(row_of(create.call, draft, pins[account], create.trace_id))
    return jobs


def _face(call: Call) -> str | None:
    """What a webhook about the video is to look like."""
    return OPENAI if call.request.url.path.startswith("/v1/") else None


async def _before(conn: Executor, client_id: UUID, drafts: Sequence[Draft], sent: Try | None) -> dict[UUID, VideoJob]:
    """The rows of creates that came before, by their drafts' ids."""
    if sent is None:
        return await accept.existing(conn, client_id, {draft.id: body_hash(draft.body) for draft in drafts})
    job_id = await create_calls.join(conn, sent)
    if job_id is None:
        return {}
    found = await accept.existing(conn, client_id, {job_id: sent.body_hash.hex()})
    return {drafts[0].id: found[job_id]}


async def pin(conn: Executor, deps: Deps, client_id: UUID, draft: Draft) -> Pinned:
    """The lane and the credential of a draft, kept where they are new."""
    chosen = await chosen_account(conn, deps, client_id, draft)
    return chosen if isinstance(chosen, Pinned) else await _kept(conn, deps, chosen)


async def chosen_account(conn: Executor, deps: Deps, client_id: UUID, draft: Draft) -> Pinned | Unkept:
    """Which key a draft is made with: the caller's, else a stored one, else the server's own. Raises Problem."""
    model = draft.plan.model
    base_url = deps.catalogue.base_url(model.kind, model.server, deps.accounts.base_urls)
    if draft.caller_key is not None:
        account = deps.accounts.of_caller(model.kind, base_url, draft.caller_key, model.server)
        if model.kind == kinds.VERTEX_VEO and not account.project:
            raise no_project()
        return Unkept(account, client_id, "call")
    if stored := await credentials.stored_for(conn, client_id, model.kind, base_url):
        return stored
    own = deps.accounts.own.get((model.kind, model.server))
    if own is None:
        raise _no_key(model.kind)
    return Unkept(own, DEFAULT_CLIENT, "server")


async def _kept(conn: Executor, deps: Deps, chosen: Unkept) -> Pinned:
    lane = deps.accounts.lane_of(chosen.account, deps.sealer)
    lane_id = await lane_settings.find_or_make(conn, lane)
    key = NewCredential(chosen.owner, lane_id, chosen.source, chosen.account.secret, lane.key_last4)
    return Pinned(lane_id, await credentials.find_or_keep(conn, deps.sealer, key))


def row_of(call: Call, draft: Draft, pinned: Pinned, trace_id: str | None) -> accept.NewJob:
    """The row that a draft becomes on its lane."""
    body, plan = draft.body, draft.plan
    adjusted = {name: {"before": change.before, "after": change.after} for name, change in plan.adjusted.items()}
    return accept.NewJob(
        id=draft.id,
        client_id=call.principal.client_id,
        lane_id=pinned.lane_id,
        credential_id=pinned.credential_id,
        storyboard_id=body.storyboard_id,
        scene_id=body.scene_id,
        kind=plan.model.kind,
        server=plan.model.server,
        model=plan.model.name,
        requested_model=body.model or plan.requested_model,
        adjusted=adjusted or None,
        prompt=draft.prompt,
        params=draft.params,
        caller_metadata=body.metadata,
        webhook_url=body.webhook_url,
        end_user_id=body.end_user_id,
        body_hash=body_hash(body),
        fingerprint=fingerprint(draft, pinned.lane_id),
        inputs_hash=inputs_hash(draft),
        trace_id=trace_id,
        face=_face(call),
        simulated=call.deps.policy.simulated,
        priority=body.priority,
        run_at=body.run_at,
        expires_at=body.expires_at,
        estimate_micros=plan.estimate_micro_usd,
        catalogue_version=plan.catalogue_version,
        inputs=draft.inputs,
    )


def _no_key(kind: str) -> Problem:
    name = kinds.short(kind)
    detail = (
        f"There is no provider key for {name}: send the cookie api_key_{name} or the header X-Provider-Key, store one, "
        "or configure the server's own"
    )
    return Problem(HTTPStatus.BAD_REQUEST, "no_provider_key", detail)


def no_project() -> Problem:
    """400 for a key that cannot be used without one."""
    detail = "This key for veo names no project: send a service account's JSON, or set GOOGLE_CLOUD_PROJECT_ID"
    return Problem(HTTPStatus.BAD_REQUEST, "no_project", detail)
