"""A client's own users."""

from app.answers import end_users
from app.reference.areas import examples
from app.reference.areas.videos import BINARY
from app.reference.operations import Answer, Area, Operation, Query

_EXPORT: end_users.Export = {
    "endUserId": "user-7",
    "videos": [
        {
            **examples.VIDEO,
            "webhookUrl": None,
            "inputs": [
                {
                    "role": "first_frame",
                    "contentType": "image/png",
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "url": f"/api/video/{examples.JOB}/inputs/0",
                }
            ],
            "events": [],
        }
    ],
    "files": [],
    "hasMore": False,
}

AREA = Area(
    "End users",
    "All that is kept about one of your own users, and its erasure.",
    {
        ("DELETE", "/api/end-users/{end_user_id}"): Operation(
            summary="Erase everything about a user",
            description="Sent again it tells how far it is, and does nothing twice.",
            answers={
                200: Answer(
                    "Nothing is left.",
                    end_users.Erasure,
                    end_users.Erasure(status="erased", ending=0, removing=0),
                ),
                202: Answer(
                    "Something is still left.",
                    end_users.Erasure,
                    end_users.Erasure(status="erasing", ending=1, removing=4),
                ),
            },
        ),
        ("GET", "/api/end-users/{end_user_id}/export"): Operation(
            summary="All that is kept about a user",
            query=(
                Query("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "Videos at once."),
                Query("after", {"type": "string"}, "The last `jobId` of the page before."),
            ),
            answers={200: Answer("Oldest first.", end_users.Export, _EXPORT)},
        ),
        ("GET", "/api/video/{job_id}/inputs/{position}"): Operation(
            summary="An image that came with a request",
            answers={200: Answer("The image.", BINARY, media=("image/png", "image/jpeg", "image/webp"))},
        ),
    },
)
