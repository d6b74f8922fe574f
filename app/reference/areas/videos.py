"""Single videos, as `/api` has them."""

from app.answers import videos
from app.bodies import PriorityBody, VideoBody
from app.reference.areas import examples
from app.reference.headers import PROVIDER_KEY, RANGE
from app.reference.operations import Answer, Area, Operation, Query, Takes
from app.views import STATUSES

BINARY = {"type": "string", "format": "binary"}
STORED_HEADERS = ("ETag", "Accept-Ranges", "Content-Range")
CREATE_CODES = (
    *("model_not_found", "wrong_key_kind", "malformed_key", "no_provider_key", "no_project", "no_webhook_secret"),
    *("over_budget", "job_id_taken", "model_retired", "too_many_queued"),
)
DISCARD = Query(
    "discard",
    {"type": "boolean", "default": False},
    "End also what is paid for and cannot be stopped; its cost stays.",
)
_ENDED = Answer(
    "It has ended; a queued one cost nothing.",
    videos.Ended,
    videos.Ended(jobId=examples.JOB, status="cancelled"),
)
_ASKED = Answer(
    "It ends as soon as the outcome of its submission is known.",
    videos.CancelAsked,
    videos.CancelAsked(jobId=examples.JOB, status="processing", cancelRequested=True),
)


def stored(media: str, what: str) -> dict[int, Answer]:
    """What a stored file is answered with: whole, in part, or not again."""
    return {
        200: Answer(f"{what}, whole.", BINARY, media=(media,), headers=STORED_HEADERS[:2]),
        206: Answer(f"The part of {what.lower()} that Range asks for.", BINARY, media=(media,), headers=STORED_HEADERS),
        304: Answer("It is the one that If-None-Match names.", headers=STORED_HEADERS[:1]),
    }


_GENERATE = Operation(
    summary="Ask for a video",
    description="202 means that it is in the database. What a model cannot do is refused before anything is spent. "
    "Sent again with a `jobId` of your own it is answered as the first time.",
    headers=(PROVIDER_KEY,),
    takes=Takes(
        VideoBody,
        {
            "storyboardId": "film-1",
            "sceneId": "scene-1",
            "provider": "sora",
            "seconds": 8,
            "size": "1280x720",
            "scene": {"title": "Landfall", "description": "A keeper climbs the stairs as the storm breaks."},
            "presetKey": "cinematic",
        },
    ),
    answers={202: Answer("It will be made.", videos.Accepted, examples.ACCEPTED, headers=("Location",))},
    codes=CREATE_CODES,
)
_TIMELINE = videos.Timeline(
    jobId=examples.JOB,
    events=[
        {
            "id": 7,
            "at": "2026-11-24T12:00:00Z",
            "type": "accepted",
            "stage": "queued",
            "attempt": None,
            "worker": None,
            "data": {},
        }
    ],
)
_MODELS: videos.ModelOffers = {
    "models": [
        {
            "kind": "google_omni",
            "provider": "omni",
            "model": "gemini-omni-1.2-flash",
            "aliases": ["omni"],
            "server": None,
            "callable": True,
            "reason": None,
            "pricePerSecondUsd": 0.1,
            "seconds": {"min": 3, "max": 10},
            "defaultSeconds": 6,
            "sizes": [],
            "anySize": False,
            "resolutions": ["720p"],
            "aspectRatios": ["16:9", "9:16"],
            "audio": "always",
            "inputs": {"first_frame": 1},
            "negativePrompt": False,
            "seed": False,
            "retiredAt": None,
            "mayRetireFrom": None,
            "successor": None,
        }
    ]
}

AREA = Area(
    "Videos",
    "One video: ask for it, look at it, end it.",
    {
        ("POST", "/api/video/generate"): _GENERATE,
        ("GET", "/api/video/{job_id}"): Operation(
            summary="Where a video stands",
            answers={200: Answer("All keys are always there.", videos.Video, examples.VIDEO)},
        ),
        ("PATCH", "/api/video/{job_id}"): Operation(
            summary="Change its turn",
            description="While it is queued; 0 is first, 4 last.",
            takes=Takes(PriorityBody, {"priority": 0}),
            answers={
                200: Answer(
                    "It has this priority now.", videos.Prioritised, videos.Prioritised(jobId=examples.JOB, priority=0)
                )
            },
            codes=("not_queued",),
        ),
        ("DELETE", "/api/video/{job_id}"): Operation(
            summary="Remove it with its files",
            description="What has not ended is cancelled instead.",
            query=(DISCARD,),
            answers={200: _ENDED, 202: _ASKED},
            codes=("already_paid", "already_ended"),
        ),
        ("POST", "/api/video/{job_id}/cancel"): Operation(
            summary="Cancel it",
            query=(DISCARD,),
            answers={200: _ENDED, 202: _ASKED},
            codes=("already_paid", "already_ended"),
        ),
        ("GET", "/api/video/{job_id}/events"): Operation(
            summary="Its timeline",
            answers={200: Answer("Oldest first.", videos.Timeline, _TIMELINE)},
        ),
        ("GET", "/api/video/{job_id}/content"): Operation(
            summary="The stored video",
            headers=(RANGE,),
            answers=stored("video/mp4", "The video"),
            codes=("not_ready", "no_such_range", "storage_unavailable"),
        ),
        ("GET", "/api/video/{job_id}/thumbnail"): Operation(
            summary="Its poster",
            headers=(RANGE,),
            answers=stored("image/webp", "The poster"),
            codes=("not_ready", "no_such_range", "storage_unavailable"),
        ),
        ("GET", "/api/jobs"): Operation(
            summary="All videos that the caller may see",
            query=(
                Query("status", {"enum": list(STATUSES)}, "Only those of this status."),
                Query("storyboardId", {"type": "string"}, "Only those of this storyboard."),
                Query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "How many at once."),
                Query("after", {"type": "string"}, "`nextCursor` of the page before."),
            ),
            answers={
                200: Answer("Newest first.", videos.VideoPage, videos.VideoPage(jobs=[examples.VIDEO], nextCursor=None))
            },
        ),
        ("GET", "/api/models"): Operation(
            summary="What can be asked for",
            answers={200: Answer("Every model of the catalogue.", videos.ModelOffers, _MODELS)},
        ),
        ("GET", "/files/{key:path}"): Operation(
            summary="A file by its signed link",
            description="The links in `videoUrl` and `thumbnailUrl`: no key is needed until they expire.",
            query=(
                Query("exp", {"type": "string"}, "As the link has it."),
                Query("sig", {"type": "string"}, "As the link has it."),
            ),
            headers=(RANGE,),
            answers=stored("*/*", "The file"),
            codes=("link_not_valid", "not_found", "no_such_range", "storage_unavailable"),
        ),
    },
)
