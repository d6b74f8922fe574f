"""A person's decision about a video whose submission nobody can account for."""

import asyncio
from http import HTTPStatus
from uuid import UUID

from app.accounts import Account as ServerAccount
from app.bodies import ResolveBody
from app.deps import Deps
from app.problems import Problem, not_found, unavailable
from app.retrying import resubmit
from db import credentials, reads, steering
from db.credentials import OpenedAccount
from db.crypto import CannotOpen
from db.retry import UniqueViolation, contended
from db.states import JobState
from db.tables import VideoJob
from providers.base import Account
from providers.errors import CredentialRefused, Gone, ProviderError, Rejected

_PATIENCE_S = 10.0


async def resolve(deps: Deps, job_id: UUID, decision: ResolveBody) -> str:
    """Carry the decision out; returns the state the video is in then.

    Raises Problem: 404, 409 unless it needs review, 402 over budget, 422 for an id that cannot be adopted.
    """
    seen = await reads.job(deps.pool, job_id, None)
    if seen is None:
        raise not_found("video")
    if seen.row.state != JobState.NEEDS_REVIEW:
        raise _not_in_review(seen.row.state)
    state = await _decided(deps, seen.row, decision)
    if state is None:
        raise _not_in_review("decided meanwhile")
    await deps.bell.ring([seen.row.lane_id])
    await deps.bell.look_at(job_id)
    return state


async def _decided(deps: Deps, row: VideoJob, decision: ResolveBody) -> JobState | None:
    match decision.action:
        case "resubmit":
            taken, state = await resubmit(deps, row, JobState.NEEDS_REVIEW, "resubmitted"), JobState.QUEUED
        case "adopt":
            taken = await _adopt(deps, row, decision.provider_job_id or "", decision.note)
            state = JobState.GENERATING
        case "fail":
            message = decision.note or "An operator decided that it has failed"
            taken, state = await contended(lambda: _fail(deps, row.id, message)), JobState.FAILED
    return state if taken else None


async def _fail(deps: Deps, job_id: UUID, message: str) -> bool:
    return await steering.fail_review(deps.pool, job_id, message)


async def _adopt(deps: Deps, row: VideoJob, provider_id: str, note: str | None) -> bool:
    owner = await reads.owner_of_provider_id(deps.pool, row.lane_id, provider_id)
    if owner is not None:
        raise _cannot_adopt("Another video already has this provider id")
    await _check_shown(deps, row, provider_id)
    patience = deps.policy.stall.generation_timeout
    try:
        return await steering.adopt_provider_id(deps.pool, row.id, provider_id, patience, note)
    except UniqueViolation as error:
        raise _cannot_adopt("Another video already has this provider id") from error


async def _check_shown(deps: Deps, row: VideoJob, provider_id: str) -> None:
    """Raises Problem unless the provider shows that id to the key that submitted."""
    try:
        account = await credentials.opened(deps.pool, deps.sealer, row.credential_id)
        async with asyncio.timeout(_PATIENCE_S):
            await deps.providers[row.kind].poll(account_of(account), provider_id, row.model)
    except (Gone, Rejected) as error:
        raise _cannot_adopt("The provider does not show this id to the key that submitted") from error
    except (CredentialRefused, CannotOpen) as error:
        raise _cannot_adopt("The key that submitted can no longer be used, so the id cannot be checked") from error
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


def _cannot_adopt(detail: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_adopt", detail)


def _not_in_review(state: str) -> Problem:
    return Problem(HTTPStatus.CONFLICT, "not_in_review", f"The video does not wait for a decision: {state}")
