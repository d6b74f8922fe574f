"""Storyboards: many scenes at once."""

from app.answers import videos
from app.bodies import SCENES, VideoBody
from app.reference.areas import examples
from app.reference.areas.videos import CREATE_CODES
from app.reference.headers import PROVIDER_KEY
from app.reference.operations import Answer, Area, Operation, Takes
from app.reference.schemas import without_required

_SCENE = without_required(VideoBody)

AREA = Area(
    "Storyboards",
    "All scenes go in together or none does.",
    {
        ("POST", "/api/storyboards/{storyboard_id}/generate"): Operation(
            summary="Ask for all scenes at once",
            description="`defaults` are laid under every scene; each scene is then a body of POST /api/video/generate.",
            headers=(PROVIDER_KEY,),
            takes=Takes(
                {
                    "title": "StoryboardBody",
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["scenes"],
                    "properties": {
                        "defaults": _SCENE,
                        "scenes": {"type": "array", "minItems": 1, "maxItems": SCENES, "items": _SCENE},
                    },
                },
                {
                    "defaults": {"provider": "omni", "seconds": 6, "presetKey": "noir"},
                    "scenes": [
                        {"sceneId": "1", "scene": "A harbour before dawn."},
                        {"sceneId": "2", "scene": "A lamp goes out.", "seconds": 4},
                    ],
                },
            ),
            answers={
                202: Answer(
                    "Every scene will be made.",
                    videos.StoryboardAccepted,
                    videos.StoryboardAccepted(storyboardId="film-1", jobs=[examples.ACCEPTED], costEstimateUsd=0.8),
                )
            },
            codes=CREATE_CODES,
        ),
        ("GET", "/api/storyboards/{storyboard_id}"): Operation(
            summary="All its videos at a glance",
            answers={
                200: Answer(
                    "In the order in which they were accepted.",
                    videos.Storyboard,
                    videos.Storyboard(
                        storyboardId="film-1",
                        counts={
                            "queued": 0,
                            "processing": 0,
                            "completed": 1,
                            "failed": 0,
                            "cancelled": 0,
                            "needs_review": 0,
                            "total": 1,
                        },
                        jobs=[examples.VIDEO],
                    ),
                )
            },
        ),
    },
)
