"""What a person needs to decide about a lost submission: its intent, and what the provider shows of that time."""

import asyncio
from datetime import datetime, timedelta

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers.overview import Candidate, LostSubmission
from app.calls import Call, guarded
from app.money import usd
from app.problems import not_found
from app.resolving import account_of
from app.scopes import Scope
from app.views import moment
from db import credentials, job_details, submissions
from db.connection import Record
from db.crypto import CannotOpen
from providers.base import Account, RemoteVideo
from providers.errors import ProviderError
from providers.likeness import Asked, Likeness, likeness

_PATIENCE_S = 8.0
_PAGES_MOST = 5
_AROUND = timedelta(minutes=5)
_WORDS = {Likeness.SAME: "the same request", Likeness.HIDDEN: "cannot be told", Likeness.OTHER: "another request"}


def routes() -> list[BaseRoute]:
    return [guarded("/api/admin/review/{job_id}", "GET", Scope.OBSERVE, show)]


async def show(call: Call) -> Response:
    """The intent, and the videos made around then that no row owns; `listed` is false where the provider cannot list,
    or did not answer, which `trouble` says."""
    found = await job_details.intents(call.deps.pool, [call.job_id()])
    if not found:
        raise not_found("video")
    row = found[0]
    try:
        candidates, trouble = await _candidates(call, row), None
    except (ProviderError, TimeoutError, CannotOpen) as error:
        candidates, trouble = None, f"The provider was not asked to the end: {type(error).__name__}"
    answer: LostSubmission = {
        "intentAt": moment(row["intent_at"]),
        "deadlineAt": moment(row["deadline_at"]),
        "label": row["label"],
        "errorCode": row["error_code"],
        "errorMessage": row["error_message"],
        "cleanLooks": row["clean_looks"],
        "costEstimateUsd": usd(row["estimate_micros"]),
        "listed": candidates is not None,
        "trouble": trouble,
        "candidates": candidates or [],
    }
    return JSONResponse(answer)


async def _candidates(call: Call, row: Record) -> list[Candidate] | None:
    if row["intent_at"] is None:
        return None
    deps = call.deps
    account = account_of(await credentials.opened(deps.pool, deps.sealer, row["credential_id"]))
    if not deps.providers[row["kind"]].abilities(account).can_list:
        return None
    since, until = row["intent_at"] - _AROUND, row["deadline_at"] + _AROUND
    async with asyncio.timeout(_PATIENCE_S):
        videos = await _listed(call, row["kind"], account, since)
    around = [video for video in videos if video.created_at is None or since <= video.created_at <= until]
    known = await submissions.known(deps.pool, row["lane_id"], [video.provider_id for video in around])
    taken = {one.provider_id for one in known}
    asked = Asked(row["prompt"], row["model"], row["params"])
    return [_candidate(video, likeness(video, asked)) for video in around if video.provider_id not in taken]


async def _listed(call: Call, kind: str, account: Account, since: datetime) -> list[RemoteVideo]:
    videos: list[RemoteVideo] = []
    cursor = None
    for _ in range(_PAGES_MOST):
        page = await call.deps.providers[kind].list_recent(account, cursor)
        videos.extend(page.videos)
        cursor = page.cursor
        oldest = page.videos[-1].created_at if page.videos else None
        if cursor is None or (oldest is not None and oldest < since):
            break
    return videos


def _candidate(video: RemoteVideo, alike: Likeness) -> Candidate:
    return {
        "providerJobId": video.provider_id,
        "status": video.status,
        "createdAt": moment(video.created_at),
        "model": video.model,
        "prompt": video.prompt,
        "seconds": video.seconds,
        "size": video.size,
        "likeness": _WORDS[alike],
    }
