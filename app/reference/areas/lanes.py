"""Provider accounts and the pause of all spending, for operators."""

from app.answers import operators
from app.bodies import LaneBody, PauseBody
from app.reference.operations import Answer, Area, Operation, Takes

LANE: operators.Lane = {
    "id": "0b6f8c1e-7f0e-4a5e-9c55-0a4f1f5b7d21",
    "kind": "openai_videos",
    "provider": "sora",
    "baseUrl": "https://video.example.com/v1",
    "server": None,
    "keyLast4": "6789",
    "ratePerMinute": 30,
    "maxInFlight": None,
    "requestsPerSecond": None,
    "policy": "review",
    "billing": None,
    "budgetUsdPerDay": None,
    "budgetUsdPerMonth": None,
    "paused": False,
    "pauseReason": None,
    "blockedUntil": None,
    "blockedReason": None,
    "breaker": "closed",
    "breakerReason": None,
    "breakerUntil": None,
    "inFlight": 4,
    "queued": 12,
    "createdAt": "2026-11-24T12:00:00Z",
}

AREA = Area(
    "Provider accounts",
    "Lanes: how fast each account may start videos, and the pause of all spending.",
    {
        ("GET", "/api/admin/lanes"): Operation(
            summary="Every lane, and what holds it back",
            answers={
                200: Answer(
                    "A setting that is null is the environment's.",
                    operators.Lanes,
                    operators.Lanes(lanes=[LANE], paused=False, pauseReason=None),
                )
            },
        ),
        ("PATCH", "/api/admin/lanes/{lane_id}"): Operation(
            summary="Change a lane",
            description="Only the members that are sent change; holds in every process within a second.",
            takes=Takes(LaneBody, {"ratePerMinute": 30, "paused": False}),
            answers={200: Answer("As it is now.", operators.Lane, LANE)},
        ),
        ("POST", "/api/admin/pause"): Operation(
            summary="Start nothing any more",
            description="Kept over restarts; what runs at a provider is waited for and collected.",
            takes=Takes(PauseBody, {"reason": "invoice to check"}, required=False),
            answers={
                200: Answer("Paused.", operators.Pause, operators.Pause(paused=True, reason="invoice to check")),
            },
        ),
        ("POST", "/api/admin/resume"): Operation(
            summary="Go on",
            answers={200: Answer("Not paused.", operators.Pause, operators.Pause(paused=False, reason=None))},
            codes=("restored",),
        ),
    },
)
