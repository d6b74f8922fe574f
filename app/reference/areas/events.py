"""Server-sent events."""

from app.answers import videos
from app.reference.areas import examples
from app.reference.headers import LAST_EVENT_ID
from app.reference.operations import Answer, Area, Operation, Query, Takes
from app.routes.events import TokenBody

_STREAM = f"""event: progress
data: {{"jobId":"{examples.JOB}","progress":40}}

event: end
data: {{}}

"""

AREA = Area(
    "Events",
    "Every change as it happens.",
    {
        ("GET", "/api/events"): Operation(
            summary="Hear of a video, a storyboard, or everything",
            description="Events `video` (the answer of GET /api/video/{job_id}), `timeline`, `progress`, `end`, each "
            "with JSON in `data`. A key (scope `read`) or a token says whose; neither `jobId` nor `storyboardId` means "
            "all videos, for ever.",
            query=(
                Query("jobId", {"type": "string", "format": "uuid"}, "One video, until it has ended."),
                Query("storyboardId", {"type": "string"}, "A storyboard, until its last scene has ended."),
                Query("lastEventId", {"type": "string", "pattern": "^[0-9]{1,18}$"}, "As the header Last-Event-ID."),
            ),
            headers=(LAST_EVENT_ID,),
            also_opened_by=("bearer", "eventToken"),
            answers={
                200: Answer("The stream.", {"type": "string"}, _STREAM, media=("text/event-stream",)),
                204: Answer("All of it has ended: do not come again."),
            },
            codes=("unauthorized", "token_not_valid", "missing_scope", "not_found", "rate_limited"),
        ),
        ("POST", "/api/events/token"): Operation(
            summary="A token for EventSource",
            description="A browser's EventSource sends no header: hand it the `url`. Whoever has it may hear that one "
            "thing and nothing else.",
            takes=Takes(TokenBody, {"storyboardId": "film-1", "ttlSeconds": 600}, required=False),
            answers={
                201: Answer(
                    "Good until `expiresAt`.",
                    videos.EventToken,
                    videos.EventToken(
                        token="eyJ0IjoiczEifQ.4f2c",
                        url="https://video.example.com/api/events?token=eyJ0IjoiczEifQ.4f2c",
                        expiresAt=1795522200,
                    ),
                )
            },
            codes=("not_found",),
        ),
    },
)
