"""The state of things, and the whole life of a video, for observers; and the way in for providers' webhooks."""

from app.answers import overview
from app.reference.areas import examples
from app.reference.areas.lanes import LANE
from app.reference.areas.queue import BUDGET
from app.reference.operations import Answer, Area, Operation, Query, Takes

_AT = "2026-11-24T12:00:00Z"
_OVERVIEW: overview.Overview = {
    "advice": [{"level": "warn", "text": "A client's budget is nearly spent.", "page": "/admin/clients"}],
    "healthy": True,
    "stages": {"queued": 3, "generating": 12, "completed": 840},
    "delayed": 1,
    "oldestWaitingSeconds": 1.4,
    "workers": [
        {
            "id": "77c1a9d4-5b0e-4f3a-8d26-9e1f0c2b3a48",
            "host": "dyno-1",
            "pid": 7,
            "version": "0.1.0",
            "startedAt": _AT,
            "heartbeatAgeSeconds": 1.2,
            "inFlight": 12,
            "capacity": 1000,
            "rssBytes": 96468992,
            "draining": False,
        }
    ],
    "spentTodayUsd": 12.4,
    "budgetUsdPerDay": 50,
    "budgets": [BUDGET],
    "paused": False,
    "pauseReason": None,
}
_HISTORY: overview.History = {
    "span": "hour",
    "stepSeconds": 60,
    "buckets": [{"at": _AT, "completed": 4, "failed": 0, "cancelled": 0, "medianSeconds": 41.2}],
    "took": {
        "completed": 120,
        "failed": 1,
        "cancelled": 0,
        "perHour": 120,
        "medianSeconds": 41.2,
        "slowSeconds": 64,
    },
    "failures": [{"code": "moderated", "jobs": 1, "lastAt": _AT}],
    "spent": [{"day": "2026-11-24", "usd": 12.4}],
}
_JOB: overview.JobPage = {
    "video": examples.VIDEO,
    "standing": {
        "client": "studio",
        "clientId": examples.CLIENT,
        "laneId": LANE["id"],
        "baseUrl": LANE["baseUrl"],
        "server": None,
        "laneHeld": None,
        "owner": None,
        "ownerHost": None,
        "ownerSilentSeconds": None,
        "epoch": 3,
        "attempt": 1,
        "dueAt": None,
        "nextAt": None,
        "waitUntil": None,
        "reviewAt": None,
        "refusals": 0,
        "pollMisses": 0,
        "collectFailures": 0,
        "discard": False,
        "traceId": None,
        "catalogueVersion": None,
        "webhookUrl": None,
        "bytes": 1048576,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "width": 1280,
        "height": 720,
        "seconds": 8,
        "fps": 24,
    },
    "events": [],
    "submissions": [],
    "ledger": [
        {
            "attempt": 1,
            "entry": "settle",
            "usd": 0.8,
            "deltaUsd": 0,
            "day": "2026-11-24",
            "note": None,
            "at": _AT,
        }
    ],
    "actions": [{"action": "delete", "costUsd": 0}],
}
_LOST: overview.LostSubmission = {
    "intentAt": _AT,
    "deadlineAt": "2026-11-24T12:01:00Z",
    "label": "rw-8f14e45f",
    "errorCode": "submission_unknown",
    "errorMessage": None,
    "cleanLooks": 0,
    "costEstimateUsd": 0.8,
    "listed": True,
    "trouble": None,
    "candidates": [],
}
_STORYBOARDS: overview.StoryboardRows = {
    "storyboards": [{"storyboardId": "film-1", "createdAt": _AT, "scenes": 4, "completed": 3, "unmade": 0}]
}

AREA = Area(
    "The state of things",
    "For observers: what stands where, and the whole life of a video.",
    {
        ("GET", "/api/admin/overview"): Operation(
            summary="Now", answers={200: Answer("And what is wrong, in words.", overview.Overview, _OVERVIEW)}
        ),
        ("GET", "/api/admin/history"): Operation(
            summary="Lately",
            query=(Query("span", {"enum": ["hour", "day", "week"], "default": "hour"}, "How far back."),),
            answers={200: Answer("Ends, durations, failures, spend.", overview.History, _HISTORY)},
        ),
        ("GET", "/api/admin/jobs/{job_id}"): Operation(
            summary="Everything about a video", answers={200: Answer("All of it.", overview.JobPage, _JOB)}
        ),
        ("GET", "/api/admin/storyboards"): Operation(
            summary="Storyboards of the newest scenes",
            answers={200: Answer("Newest first.", overview.StoryboardRows, _STORYBOARDS)},
        ),
        ("GET", "/api/admin/review/{job_id}"): Operation(
            summary="What a decision about a lost submission needs",
            answers={200: Answer("Its intent, and what its provider shows.", overview.LostSubmission, _LOST)},
        ),
        ("POST", "/hooks/{kind}"): Operation(
            summary="A provider's webhook",
            description="Signed by the provider; a hint that lets the video be asked for at once.",
            takes=Takes({"type": "object"}, {"type": "video.completed", "data": {"id": "video_68d7512d"}}),
            answers={
                202: Answer(
                    "Taken, known or not.",
                    {"type": "object", "required": ["received"], "properties": {"received": {"const": True}}},
                    {"received": True},
                )
            },
            codes=("bad_signature", "not_found", "rate_limited"),
        ),
    },
)
