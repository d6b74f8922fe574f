"""One job with everything that is known of it, and what can be done now."""

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import views
from app.admin.details import ledger_line, standing_view, submission_view
from app.answers.overview import JobPage, PossibleAction, StoryboardRows
from app.calls import Call, guarded
from app.money import usd
from app.problems import not_found
from app.retrying import decide
from app.scopes import Scope
from app.views import moment
from db import job_details, reads
from db.states import ENDED, JobState
from db.tables import VideoJob

_USUAL_SCENES, _STORYBOARDS = 2000, 60


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/jobs/{job_id}", "GET", Scope.OBSERVE, show),
        guarded("/api/admin/storyboards", "GET", Scope.OBSERVE, storyboards),
    ]


async def show(call: Call) -> Response:
    """The video as callers see it, its standing, timeline, paid calls and ledger, and what its state allows."""
    job_id, pool = call.job_id(), call.deps.pool
    seen, standing = await reads.job(pool, job_id, None), await job_details.standing(pool, job_id)
    if seen is None or standing is None:
        raise not_found("video")
    answer: JobPage = {
        "video": await views.video(seen, call.deps.links, call.server_url),
        "standing": standing_view(standing),
        "events": [views.event(line) for line in await reads.events(pool, job_id)],
        "submissions": [submission_view(row) for row in await job_details.submissions(pool, job_id)],
        "ledger": [ledger_line(row) for row in await job_details.ledger_lines(pool, job_id)],
        "actions": _allowed(seen.row),
    }
    return JSONResponse(answer)


async def storyboards(call: Call) -> Response:
    """Those of the newest scenes, newest first."""
    found = await job_details.storyboards(call.deps.pool, _USUAL_SCENES, _STORYBOARDS)
    answer: StoryboardRows = {
        "storyboards": [
            {
                "storyboardId": row["storyboard_id"],
                "createdAt": moment(row["created_at"]),
                "scenes": row["scenes"],
                "completed": row["completed"],
                "unmade": row["unmade"],
            }
            for row in found
        ]
    }
    return JSONResponse(answer)


def _allowed(row: VideoJob) -> list[PossibleAction]:
    """What can be done with it now, and at what price."""
    if row.state == JobState.FAILED:
        chosen = decide(row)
        price = usd(row.estimate_micros) if chosen.is_paid else 0.0
        return [{"action": "retry", "costUsd": price}, _free("delete")]
    if row.state in ENDED:
        return [_free("delete")]
    if row.state == JobState.QUEUED:
        return [_free("cancel"), _free("reprioritise")]
    return [] if row.state == JobState.DELETING else [_free("cancel")]


def _free(action: str) -> PossibleAction:
    return {"action": action, "costUsd": 0.0}
