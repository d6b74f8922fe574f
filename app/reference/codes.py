"""Every code that a refusal can carry: its status, what it means, and what stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Code:
    """`extra` are further members of the problem, by an example of each."""

    name: str
    status: int
    detail: str
    extra: Mapping[str, Any] = field(default_factory=dict)


_ALL = (
    Code("invalid_request", 400, "provider: is required"),
    Code("invalid_json", 400, "The body is not valid JSON"),
    Code("invalid_form", 400, "The form cannot be read: it names no boundary"),
    Code("model_not_found", 400, "There is no model sora-9 here; GET /v1/models lists those there are"),
    Code("wrong_key_kind", 400, "This key is one for omni, not for veo"),
    Code("malformed_key", 400, "This is not a key for veo"),
    Code("malformed_idempotency_key", 400, "Idempotency-Key must be one text of 1 to 255 printable ASCII characters"),
    Code("no_provider_key", 400, "There is no provider key for sora: store one, or send one with the call"),
    Code("no_project", 400, "This key for veo names no project"),
    Code("no_webhook_secret", 400, "Make a signing secret first: POST /api/webhooks/secret"),
    Code("key_refused", 400, "The provider refuses this key for omni; it was not stored"),
    Code("unsupported_operation", 400, "No kind of provider behind this server takes remix"),
    Code("unsupported_variant", 400, "Spritesheets are not made here; there are the variants video and thumbnail"),
    Code("unauthorized", 401, "Send your key in the header Authorization: Bearer KEY"),
    Code("session_over", 401, "The session is over; sign in again"),
    Code("bad_signature", 401, "No secret of this server fits the signature"),
    Code("token_not_valid", 401, "This token is not valid, or no longer"),
    Code(
        "over_budget",
        402,
        "This client's budget of 2026-11 (UTC) has 0.40 USD left; this needs 0.80 USD",
        {
            "budget": "client",
            "period": "month",
            "day": "2026-11-24",
            "remainingUsd": 0.4,
            "costEstimateUsd": 0.8,
        },
    ),
    Code("missing_scope", 403, "This key lacks the scope generate", {"scope": "generate"}),
    Code("cross_site", 403, "Only this server's own pages may do this with a cookie"),
    Code("not_from_dashboard", 403, "A session's write comes from the dashboard"),
    Code("link_not_valid", 403, "This link is not valid, or no longer; ask for a new one"),
    Code("not_found", 404, "There is no video with this id"),
    Code("not_retryable", 404, "There is no failed video with this id"),
    Code("no_such_path", 404, "Not Found"),
    Code("video_not_ready", 404, "The video is not ready: it is generating"),
    Code("method_not_allowed", 405, "Method Not Allowed"),
    Code("slow_body", 408, "The body did not come in time"),
    Code("job_id_taken", 409, "The job id 8f14e45f-ceea-467f-9a3c-1b2d3c4d5e6f is in use for another request"),
    Code(
        "already_paid",
        409,
        "The video is already paid for; ?discard=true ends it",
        {"stage": "generating"},
    ),
    Code("already_ended", 409, "The video has already ended: it is completed", {"stage": "completed"}),
    Code("not_queued", 409, "Only a queued video has a priority that can change"),
    Code("not_ready", 409, "The video is not there yet: it is generating", {"stage": "generating"}),
    Code("not_in_review", 409, "The video does not wait for a decision: completed"),
    Code("name_taken", 409, "There is a client with this name"),
    Code("no_receiver", 409, "No receiver is set: set ALERT_WEBHOOK_URL or SENTRY_DSN"),
    Code("restored", 409, "The database is a restored dump: work it off first"),
    Code("idempotency_key_in_use", 409, "The first request with this Idempotency-Key is still being answered"),
    Code("answer_unreadable", 409, "This request was carried out; its answer was sealed with a key that is gone"),
    Code("erased", 410, "This request was carried out, and what it was about has been erased since"),
    Code("model_retired", 410, "sora-2 was retired on 2026-09-24 at this host"),
    Code("too_large", 413, "The body is larger than 256 KB"),
    Code("no_such_range", 416, "The file has 1048576 bytes"),
    Code("cannot_adopt", 422, "Another video already has this provider id"),
    Code("idempotency_key_reused", 422, "This Idempotency-Key was used for another request"),
    Code("rate_limited", 429, "More than 600 calls in a minute; ask again in 12 s"),
    Code(
        "too_many_queued",
        429,
        "This client has 500 videos queued and may have 500: wait until some have started",
        {"queued": 500, "limit": 500},
    ),
    Code("internal_error", 500, "The server failed to answer; its log says why"),
    Code("not_told", 502, "1 of 2 receivers did not take the message; the log says why"),
    Code("unavailable", 503, "The database does not answer; ask again, a write best with an Idempotency-Key"),
    Code("storage_unavailable", 503, "The storage does not answer; try again"),
)

CODES: Mapping[str, Code] = MappingProxyType({code.name: code for code in _ALL})
