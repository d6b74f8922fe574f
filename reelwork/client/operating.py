"""What operators ask of a server: its queue, lanes, reviews, health and models."""

from typing import Literal, TypedDict, Unpack

from reelwork.client.answers import error_of, parse, read_as
from reelwork.client.flow import Flow, Reply, Request, exchange
from reelwork.client.paths import path
from reelwork.client.resending import send_again_if_lost
from reelwork.models import Catalogue
from reelwork.models_operations import Alerts, Done, Failures, Health, Lane, Lanes, Queue, Reviews, Spend


class LaneSettings(TypedDict, total=False):
    """What can be set on a lane. 0 is no limit, None gives the setting back to the server's environment."""

    rate_per_minute: int | None
    max_in_flight: int | None
    requests_per_second: int | None
    paused: bool
    policy: Literal["review", "resubmit"] | None


def queue() -> Flow[Queue]:
    """Counts, the latest failures, and whether work gets done."""
    return parse((yield from _read("/api/admin/queue")), Queue)


def failed(*, limit: int | None = None) -> Flow[Failures]:
    """The latest failures."""
    query = {} if limit is None else {"limit": str(limit)}
    reply = yield from send_again_if_lost(Request("GET", "/api/admin/queue/failed", query=query))
    return parse(reply, Failures)


def cleanup() -> Flow[Done]:
    """Drop the queue's outdated records now; no job and no video goes. The answer's `wire()` says how many."""
    return parse((yield from exchange(Request("POST", "/api/admin/queue/cleanup"))), Done)


def health() -> Flow[Health]:
    """Whether work gets done. A server that says it is unhealthy is an answer, not an error."""
    reply = yield from _read("/api/health/worker")
    if reply.status == 503 and reply.headers.get("content-type", "").startswith("application/json"):
        return read_as(reply, Health)
    return parse(reply, Health)


def models() -> Flow[Catalogue]:
    """Every model the server knows: callable or why not, price, limits, retirement."""
    return parse((yield from _read("/api/models")), Catalogue)


def lanes() -> Flow[Lanes]:
    """The provider accounts and their limits."""
    return parse((yield from _read("/api/admin/lanes")), Lanes)


def set_lane(lane_id: str, **settings: Unpack[LaneSettings]) -> Flow[Lane]:
    """Change a lane's limits; what is not named stays."""
    names = {"rate_per_minute": "ratePerMinute", "max_in_flight": "maxInFlight"}
    names["requests_per_second"] = "requestsPerSecond"
    body = {names.get(name, name): value for name, value in settings.items()}
    return parse((yield from exchange(Request("PATCH", path("/api/admin/lanes/{}", lane_id), body=body))), Lane)


def review() -> Flow[Reviews]:
    """Videos that wait for a person's decision because nobody knows whether they were paid for."""
    return parse((yield from _read("/api/admin/review")), Reviews)


def resolve(
    job_id: str,
    action: Literal["resubmit", "adopt", "fail"],
    *,
    provider_job_id: str | None = None,
    note: str | None = None,
) -> Flow[Done]:
    """Decide about a video in review: submit it again, adopt the provider's video of that id, or give it up."""
    body = {"action": action, "providerJobId": provider_job_id, "note": note}
    sent = {name: value for name, value in body.items() if value is not None}
    return parse((yield from exchange(Request("POST", path("/api/admin/jobs/{}/resolve", job_id), body=sent))), Done)


def pause(reason: str) -> Flow[Done]:
    """Stop all spending until `resume`, also over restarts."""
    return parse((yield from exchange(Request("POST", "/api/admin/pause", body={"reason": reason}))), Done)


def resume() -> Flow[Done]:
    """Spend again."""
    return parse((yield from exchange(Request("POST", "/api/admin/resume"))), Done)


def alerts() -> Flow[Alerts]:
    """What is wrong now, and what was; `receivers` is how many are told."""
    return parse((yield from _read("/api/admin/alerts")), Alerts)


def test_alerts() -> Flow[Done]:
    """Send a message to every receiver of alerts."""
    return parse((yield from exchange(Request("POST", "/api/admin/alerts/test"))), Done)


def spend(*, by: str = "day", since: str | None = None, until: str | None = None) -> Flow[Spend]:
    """What videos have cost, by any of day, month, client, lane and model (with commas); days like 2026-01-31, UTC."""
    given = {"by": by, "from": since, "to": until}
    query = {name: value for name, value in given.items() if value is not None}
    reply = yield from send_again_if_lost(Request("GET", "/api/admin/spend", query=query))
    return parse(reply, Spend)


def _read(where: str) -> Flow[Reply]:
    reply = yield from send_again_if_lost(Request("GET", where))
    if reply.status >= 400 and reply.status != 503:
        raise error_of(reply)
    return reply
