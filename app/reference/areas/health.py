"""Three questions that platforms ask without a key."""

from app.answers import operators
from app.reference.operations import Answer, Area, Operation

_HEALTHY: operators.WorkerHealth = {
    "healthy": True,
    "redis": "connected",
    "postgres": "connected",
    "activeWorkers": True,
    "workers": [
        {
            "id": "77c1a9d4-5b0e-4f3a-8d26-9e1f0c2b3a48",
            "host": "dyno-1",
            "inFlight": 12,
            "heartbeatAgeSeconds": 1.2,
            "version": "0.1.0",
            "draining": False,
        }
    ],
    "oldestWaitingSeconds": None,
    "budget": "set",
    "timestamp": "2026-11-24T12:00:00Z",
}
_STALLED: operators.WorkerHealth = {
    **_HEALTHY,
    "healthy": False,
    "activeWorkers": False,
    "workers": [],
    "error": "no worker lives",
}

AREA = Area(
    "Health",
    "Open without a key.",
    {
        ("GET", "/healthz"): Operation(
            summary="The process serves",
            description="Touches nothing.",
            answers={200: Answer("It does.", {"type": "string"}, "ok", media=("text/plain",))},
        ),
        ("GET", "/readyz"): Operation(
            summary="It can serve",
            description="Postgres answers and stands at this release's migration.",
            answers={200: Answer("It can.", operators.Ready, operators.Ready(ready=True, revision="0009"))},
        ),
        ("GET", "/api/health/worker"): Operation(
            summary="Somebody works",
            answers={
                200: Answer("Work is being done, or there is none.", operators.WorkerHealth, _HEALTHY),
                503: Answer("Postgres is down, no worker lives, or work stalls.", operators.WorkerHealth, _STALLED),
            },
        ),
    },
)
