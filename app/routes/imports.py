"""Videos that another system has submitted, taken over by an operator."""

from functools import partial
from http import HTTPStatus
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import views
from app.answers.operators import Imported
from app.bodies import ImportBody
from app.calls import Call, guarded
from app.drafts import draft_of
from app.importing import take_over
from app.inputs import InputLoader
from app.problems import invalid
from app.provider_keys import key_in
from app.routes.videos import repeat_of
from app.scopes import Scope
from app.validation import LARGE_BODY, check, read_object
from db import reads
from db.states import JobState


def routes() -> list[BaseRoute]:
    return [guarded("/api/admin/import", "POST", Scope.OPERATE, import_video, creates=True)]


async def import_video(call: Call) -> Response:
    """202 once the row waits for the provider's video; a repeat of the same body says where it is now."""
    body, errors = check(await read_object(call.request, LARGE_BODY), ImportBody)
    if body is None:
        raise invalid(errors)
    if await repeat_of(call, body):
        seen = await reads.job(call.deps.pool, body.job_id, call.principal.client_id)
        return _told(body.job_id, seen.row.state if seen else JobState.DELETING)
    draft = await draft_of(call.deps, body, partial(key_in, call.request), InputLoader(call))
    return await take_over(call, draft, body, _told(draft.id, JobState.GENERATING))


def _told(job_id: UUID, state: str) -> Response:
    where = f"/api/video/{job_id}"
    answer = Imported(jobId=str(job_id), status=views.status_of(state), stage=state, statusUrl=where)
    return JSONResponse(answer, HTTPStatus.ACCEPTED)
