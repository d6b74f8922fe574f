"""The queue, its failures and its reviews, for operators."""

from app.answers import operators, videos
from app.bodies import ImportBody, ResolveBody
from app.reference.areas import examples
from app.reference.areas.videos import CREATE_CODES
from app.reference.headers import PROVIDER_KEY
from app.reference.operations import Answer, Area, Operation, Query, Takes

_FAILED: operators.FailedJob = {
    "id": examples.JOB,
    "data": {
        "jobId": examples.JOB,
        "storyboardId": "film-1",
        "sceneId": "scene-1",
        "provider": "sora",
        "model": "sora-2",
        "prompt": examples.PROMPT,
        "size": "1280x720",
        "resolution": None,
        "duration": 8,
    },
    "failedReason": "The provider refused the prompt",
    "attemptsMade": 1,
    "timestamp": "2026-11-24T12:00:42Z",
}
BUDGET: operators.BudgetStanding = {
    "budget": "client",
    "id": examples.CLIENT,
    "period": "month",
    "span": "2026-11",
    "limitUsd": 200,
    "committedUsd": 170.4,
    "remainingUsd": 29.6,
    "nearlySpent": True,
}
_QUEUE: operators.Queue = {
    "stats": {"waiting": 3, "active": 12, "completed": 840, "failed": 2, "delayed": 1, "total": 16},
    "recentFailures": [_FAILED],
    "healthy": True,
    "needsReview": 0,
    "workers": 2,
    "oldestWaitingSeconds": 1.4,
    "budgetsNearlySpent": [BUDGET],
}

AREA = Area(
    "The queue",
    "For operators: figures, failures, reviews.",
    {
        ("GET", "/api/admin/queue"): Operation(
            summary="Counts, failures, health",
            answers={200: Answer("How it stands.", operators.Queue, _QUEUE)},
        ),
        ("GET", "/api/admin/queue/failed"): Operation(
            summary="What failed",
            query=(Query("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}, "How many."),),
            answers={200: Answer("Latest first.", operators.Failures, operators.Failures(failures=[_FAILED]))},
        ),
        ("POST", "/api/admin/queue/retry/{job_id}"): Operation(
            summary="A second try",
            description="Goes on where the money is: collects or waits again for nothing, or submits anew at the price "
            "that it says.",
            answers={
                200: Answer(
                    "Taken up.",
                    operators.Retried,
                    operators.Retried(
                        success=True, message="Job queued for retry", stage="collecting", costEstimateUsd=0
                    ),
                )
            },
            codes=("over_budget", "not_retryable"),
        ),
        ("POST", "/api/admin/queue/cleanup"): Operation(
            summary="Drop old live-progress records",
            description="At once instead of by the hour. No job and no video goes.",
            answers={
                200: Answer(
                    "Done.",
                    operators.CleanedUp,
                    operators.CleanedUp(success=True, message="Removed 12 old progress records", removed=12),
                )
            },
        ),
        ("GET", "/api/admin/review"): Operation(
            summary="What waits for a decision",
            query=(Query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "How many."),),
            answers={
                200: Answer(
                    "Newest first.",
                    videos.ReviewList,
                    videos.ReviewList(jobs=[{**examples.VIDEO, "reviewAt": "2026-11-24T12:02:00Z"}]),
                )
            },
        ),
        ("POST", "/api/admin/jobs/{job_id}/resolve"): Operation(
            summary="Decide about a submission that nobody can account for",
            description="`resubmit` may pay twice; `adopt` takes an id that the provider shows; `fail` gives up.",
            takes=Takes(ResolveBody, {"action": "fail", "note": "not worth it"}),
            answers={
                200: Answer(
                    "Decided.",
                    operators.Resolved,
                    operators.Resolved(jobId=examples.JOB, status="failed", stage="failed"),
                )
            },
            codes=("over_budget", "not_in_review", "cannot_adopt"),
        ),
        ("POST", "/api/admin/import"): Operation(
            summary="Take over a video that another system has submitted",
            description="Waited for and stored here, never submitted.",
            headers=(PROVIDER_KEY,),
            takes=Takes(
                ImportBody,
                {
                    "jobId": examples.JOB,
                    "storyboardId": "film-1",
                    "provider": "sora",
                    "scene": "A harbour before dawn.",
                    "providerJobId": "video_68d7512d07848190b3e45da0ecbebcde",
                },
            ),
            answers={
                202: Answer(
                    "Waited for.",
                    operators.Imported,
                    operators.Imported(
                        jobId=examples.JOB,
                        status="processing",
                        stage="generating",
                        statusUrl=f"/api/video/{examples.JOB}",
                    ),
                )
            },
            codes=(*CREATE_CODES, "cannot_adopt"),
        ),
    },
)
