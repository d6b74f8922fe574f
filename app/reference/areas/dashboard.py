"""The whole installation at a glance: what the dashboard and the command line ask."""

from app.admin.bulk import BulkBody
from app.admin.signing_in import SignInBody
from app.answers import dashboard, operators
from app.reference.areas import examples
from app.reference.areas.queue import BUDGET
from app.reference.operations import Answer, Area, Operation, Query, Schema, Takes
from app.views import STATUSES
from db.job_search import Order

_TEXT: Schema = {"type": "string"}
_DAY: Schema = {"anyOf": [{"type": "string", "format": "date"}, {"const": ""}]}
_TIME: Schema = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}, {"const": ""}]}
_UUID: Schema = {"anyOf": [{"type": "string", "format": "uuid"}, {"const": ""}]}
_SIGNED_IN: dashboard.SignedIn = {
    "signedIn": True,
    "client": "default",
    "key": "ops",
    "scopes": ["observe", "operate", "read"],
    "mayOperate": True,
    "mayAdminister": False,
    "version": "0.1.0",
}
_NEW: dashboard.NewSession = {**_SIGNED_IN, "expiresAt": "2026-11-25T00:00:00Z"}
_ROW: dashboard.JobRow = {
    "jobId": examples.JOB,
    "client": "studio",
    "storyboardId": "film-1",
    "sceneId": "scene-1",
    "provider": "sora",
    "model": "sora-2",
    "prompt": examples.PROMPT,
    "status": "completed",
    "stage": "completed",
    "progress": 100,
    "priority": 2,
    "errorCode": None,
    "errorMessage": None,
    "attemptsMade": 1,
    "costUsd": 0.8,
    "costEstimateUsd": 0.8,
    "createdAt": "2026-11-24T12:00:00Z",
    "startedAt": "2026-11-24T12:00:01Z",
    "completedAt": "2026-11-24T12:00:42Z",
    "hasPoster": True,
    "simulated": False,
    "cancelRequested": False,
}
_CHOICES: dashboard.Choices = {
    "clients": [{"id": examples.CLIENT, "name": "studio"}],
    "models": [{"provider": "omni", "model": "gemini-omni-1.2-flash"}],
    "statuses": list(STATUSES),
    "stages": ["queued", "submitting", "generating", "collecting"],
}
_PIECE: dashboard.Piece = {"done": [examples.JOB], "refused": [], "refusedBy": {}, "nextAfter": None}
_AUDIT: dashboard.AuditLines = {
    "lines": [
        {
            "id": 12,
            "at": "2026-11-24T12:00:00Z",
            "keyId": None,
            "who": "default",
            "action": "POST /api/admin/pause",
            "target": None,
            "data": {"reason": "invoice to check"},
        }
    ],
    "nextBefore": None,
}
_SPEND: dashboard.Spend = {
    "from": "2026-11-01",
    "to": "2026-11-24",
    "groups": [{"day": "2026-11-24", "spentUsd": 12.4, "reservedUsd": 0.8, "attempts": 17}],
    "spentUsd": 12.4,
    "reservedUsd": 0.8,
    "budgets": [BUDGET],
}
_ALERTS: operators.Alerts = {
    "alerts": [
        {
            "key": "no_worker",
            "text": "No worker lives",
            "since": "2026-11-24T12:00:00Z",
            "endedAt": None,
            "told": "start",
            "toldAt": "2026-11-24T12:00:05Z",
        }
    ],
    "receivers": 1,
}
_SPAN = (
    Query("from", _DAY, "The first day (UTC); else the month's."),
    Query("to", _DAY, "The last day; else today."),
    Query("clientId", _UUID, "Only this client's."),
    Query("laneId", _UUID, "Only this provider account's."),
)
_FILTER = (
    *(Query(name, _TEXT, "Several with commas between them.") for name in ("ids", "status", "stage")),
    *(Query(name, _TEXT, "Only those.") for name in ("provider", "model", "storyboardId", "errorCode")),
    Query("clientId", _UUID, "Only this client's."),
    *(Query(name, _TIME, "When they were asked for; a number is Unix seconds.") for name in ("since", "until")),
    Query("q", _TEXT, "Words of the prompt, or an id."),
    Query("sort", {"enum": list(Order)}, "In which order."),
    Query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "How many at once."),
    Query("after", _TEXT, "`nextCursor` of the page before."),
)


def _page(summary: str, *media: str) -> Operation:
    return Operation(
        summary=summary, answers={200: Answer("The file.", _TEXT, media=media or ("text/html",))}, codes=("not_found",)
    )


AREA = Area(
    "The dashboard",
    "Everything that the pages under /admin show, for observers and operators.",
    {
        ("POST", "/api/admin/session"): Operation(
            summary="Sign in with a key",
            description="The answer sets a cookie that stands for the key for twelve hours.",
            takes=Takes(SignInBody, {"key": "rw_4f2c9ab1d7e84c06b5a3f1902e7d6c58"}),
            answers={201: Answer("Signed in.", dashboard.NewSession, _NEW, headers=("Set-Cookie",))},
            codes=("unauthorized", "missing_scope", "rate_limited"),
        ),
        ("GET", "/api/admin/session"): Operation(
            summary="Who is signed in",
            answers={
                200: Answer(
                    "Nobody is no failure.",
                    {
                        "anyOf": [
                            {"$ref": "#/components/schemas/SignedIn"},
                            {"$ref": "#/components/schemas/NotSignedIn"},
                        ]
                    },
                    _SIGNED_IN,
                )
            },
            codes=("missing_scope", "rate_limited"),
        ),
        ("DELETE", "/api/admin/session"): Operation(
            summary="Sign out",
            answers={
                200: Answer(
                    "The cookie is gone.",
                    dashboard.SignedOut,
                    dashboard.SignedOut(signedOut=True),
                    headers=("Set-Cookie",),
                )
            },
            codes=("cross_site", "not_from_dashboard"),
        ),
        ("GET", "/api/admin/jobs"): Operation(
            summary="All videos, by any of their marks",
            query=_FILTER,
            answers={200: Answer("A page.", dashboard.JobRows, dashboard.JobRows(jobs=[_ROW], nextCursor=None))},
        ),
        ("GET", "/api/admin/choices"): Operation(
            summary="What filters can name", answers={200: Answer("All there is.", dashboard.Choices, _CHOICES)}
        ),
        ("POST", "/api/admin/jobs/bulk"): Operation(
            summary="One action on many videos",
            description="With `dryRun` only what it would do (`Forecast`); else the next piece of at most 100, with "
            "`nextAfter` until nothing is left.",
            takes=Takes(BulkBody, {"action": "retry", "filter": {"status": ["failed"]}, "dryRun": False}),
            answers={
                200: Answer(
                    "Forecast or piece.",
                    {"anyOf": [{"$ref": "#/components/schemas/Forecast"}, {"$ref": "#/components/schemas/Piece"}]},
                    _PIECE,
                )
            },
        ),
        ("GET", "/api/admin/audit"): Operation(
            summary="What operators and administrators did",
            query=(
                Query("target", _TEXT, "Only what was done to this id."),
                Query("before", {"type": "integer", "minimum": 0}, "`nextBefore` of the page before."),
                Query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "How many at once."),
            ),
            answers={200: Answer("Newest first.", dashboard.AuditLines, _AUDIT)},
        ),
        ("GET", "/api/admin/spend"): Operation(
            summary="What was spent, in sums",
            query=(*_SPAN, Query("by", {"type": "string", "default": "day"}, "day, month, client, lane, model.")),
            answers={200: Answer("And every budget as it stands today.", dashboard.Spend, _SPEND)},
        ),
        ("GET", "/api/admin/ledger.csv"): Operation(
            summary="The ledger, line by line",
            query=_SPAN,
            answers={200: Answer("However many there are.", _TEXT, media=("text/csv",))},
        ),
        ("GET", "/api/admin/alerts"): Operation(
            summary="What is wrong, and what was",
            answers={200: Answer("Open ones first.", operators.Alerts, _ALERTS)},
        ),
        ("POST", "/api/admin/alerts/test"): Operation(
            summary="Tell every receiver that this is a test",
            answers={
                200: Answer("All of them took it.", operators.AlertTest, operators.AlertTest(success=True, receivers=1))
            },
            codes=("no_receiver", "not_told"),
        ),
        ("GET", "/metrics"): Operation(
            summary="Figures for Prometheus",
            answers={200: Answer("Of all processes.", _TEXT, media=("text/plain",))},
        ),
        ("GET", "/admin"): _page("The dashboard"),
        ("GET", "/admin/{view:path}"): _page("One of its views"),
        ("GET", "/admin/static/{name:path}"): _page(
            "What its pages load", "text/javascript", "text/css", "image/svg+xml"
        ),
    },
)
