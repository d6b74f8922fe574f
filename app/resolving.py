"""A person's decision about a video whose submission nobody can account for."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from starlette.responses import Response

from app.accounts import Account as ServerAccount
from app.bodies import ResolveBody
from app.calls import Call
from app.deps import Deps
from app.problems import Problem, not_found, unavailable
from app.retrying import resubmit
from app.writing import written
from db import credentials, reads, steering
from db.connection import Executor
from db.credentials import OpenedAccount
from db.crypto import CannotOpen
from db.retry import UniqueViolation
from db.states import JobState
from db.tables import VideoJob
from providers.base import Account
from providers.errors import CredentialRefused, Gone, ProviderError, Rejected

_PATIENCE_S = 10.0


async def resolve(call: Call, job_id: UUID, decision: ResolveBody, told: Callable[[JobState], Response]) -> Response:
    """Carry the decision out, and answer as `told` says the state in which the video is then.

    Raises Problem: 404, 409 unless it needs review, 402 over budget, 422 for an id that cannot be adopted.
    """
    row = await _in_review(call.deps.pool, job_id)
    if decision.action == "adopt":
        await _check_shown(call.deps, row, decision.provider_job_id or "")

    async def deciding(conn: Executor) -> Response:
        return told(await _decided(conn, call.deps, await _in_review(conn, job_id), decision))

    response = await written(call, deciding)
    await call.deps.bell.ring([row.lane_id])
    await call.deps.bell.look_at(job_id)
    return response


async def _in_review(conn: Executor, job_id: UUID) -> VideoJob:
    seen = await reads.job(conn, job_id, None)
    if seen is None:
        raise not_found("video")
    if seen.row.state != JobState.NEEDS_REVIEW:
        raise _not_in_review(seen.row.state)
    return seen.row


async def _decided(conn: Executor, deps: Deps, row: VideoJob, decision: ResolveBody) -> JobState:
    match decision.action:
        case "resubmit":
            taken, state = await resubmit(conn, deps, row, JobState.NEEDS_REVIEW, "resubmitted"), JobState.QUEUED
        case "adopt":
            taken, state = await _adopt(conn, deps, row, decision), JobState.GENERATING
        case "fail":
            message = decision.note or "An operator decided that it has failed"
            taken, state = await steering.fail_review(conn, row.id, message), JobState.FAILED
    if not taken:
        raise _not_in_review("decided meanwhile")
    return state


async def _adopt(conn: Executor, deps: Deps, row: VideoJob, decision: ResolveBody) -> bool:
    provider_id, patience = decision.provider_job_id or "", deps.policy.stall.generation_timeout
    if await reads.owner_of_provider_id(conn, row.lane_id, provider_id) is not None:
        raise cannot_adopt("Another video already has this provider id")
    try:
        return await steering.adopt_provider_id(conn, row.id, provider_id, patience, decision.note)
    except UniqueViolation as error:
        raise cannot_adopt("Another video already has this provider id") from error


async def _check_shown(deps: Deps, row: VideoJob, provider_id: str) -> None:
    await require_shown(deps, await opened(deps, row.credential_id), provider_id, row.model)


async def opened(deps: Deps, credential_id: UUID) -> OpenedAccount:
    """The account of a credential. Raises Problem (422) where its key cannot be read any more."""
    try:
        return await credentials.opened(deps.pool, deps.sealer, credential_id)
    except CannotOpen as error:
        raise _unusable() from error


async def require_shown(deps: Deps, account: OpenedAccount | ServerAccount, provider_id: str, model: str) -> None:
    """Raises Problem unless the provider shows that id to this account's key."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await deps.providers[account.kind].poll(account_of(account), provider_id, model)
    except (Gone, Rejected) as error:
        raise cannot_adopt("The provider does not show this id to the key that submitted") from error
    except CredentialRefused as error:
        raise _unusable() from error
    except (ProviderError, TimeoutError) as error:
        raise unavailable("The provider does not answer at the moment; try again", retry_after_s=10) from error


def account_of(opened: OpenedAccount | ServerAccount) -> Account:
    """The account as the adapters take it."""
    return Account(
        kind=opened.kind,
        base_url=opened.base_url,
        secret=opened.secret,
        server=opened.server,
        project=opened.project,
        location=opened.location,
        output_uri=opened.output_uri,
    )


def cannot_adopt(detail: str) -> Problem:
    """422 for an id that must not be waited for here."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_adopt", detail)


def _unusable() -> Problem:
    return cannot_adopt("The key that submitted can no longer be used, so the id cannot be checked")


def _not_in_review(state: str) -> Problem:
    return Problem(HTTPStatus.CONFLICT, "not_in_review", f"The video does not wait for a decision: {state}")
