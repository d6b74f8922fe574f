"""Every metric there is: its kind and what it says. Nothing else is shown."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Family:
    """One metric. `bounds` are a histogram's upper bounds, without the last one, which takes all."""

    kind: Literal["counter", "gauge", "histogram"]
    text: str
    bounds: tuple[float, ...] = ()


_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LAG_S = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
_VIDEO_S = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
_CALL_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

FAMILIES = {
    "reelwork_http_requests_total": Family("counter", "Requests answered, by route template, method and status."),
    "reelwork_http_request_duration_seconds": Family("histogram", "Time until an answer began.", _REQUEST_S),
    "reelwork_provider_calls_total": Family("counter", "Calls to providers by outcome."),
    "reelwork_provider_call_duration_seconds": Family("histogram", "Time a provider took to answer.", _CALL_S),
    "reelwork_transitions_total": Family("counter", "Videos that a worker took from one stage to another."),
    "reelwork_stage_duration_seconds": Family(
        "histogram", "Time a video spent in a stage in one worker's hands; queued: from due to its start.", _VIDEO_S
    ),
    "reelwork_video_duration_seconds": Family(
        "histogram", "Time from the request, or its run time, until the video was stored.", _VIDEO_S
    ),
    "reelwork_stored_bytes_total": Family("counter", "Bytes of stored videos."),
    "reelwork_adopted_videos_total": Family("counter", "Videos taken over from workers that died or left."),
    "reelwork_dead_workers_total": Family("counter", "Workers called dead after a whole lease of silence."),
    "reelwork_event_loop_lag_seconds": Family("histogram", "How late a process's event loop woke up.", _LAG_S),
    "reelwork_db_pool_used_ratio": Family(
        "histogram", "Share of a process's database connections in use, looked at once a second.", (0, 0.25, 0.5, 0.75)
    ),
    "reelwork_videos": Family("gauge", "Unfinished videos by lane and stage; delayed: queued for later."),
    "reelwork_oldest_video_age_seconds": Family(
        "gauge", "Age of the oldest unfinished video by lane and stage: queued since due, needs_review since then."
    ),
    "reelwork_lane_in_flight": Family("gauge", "Submissions at the provider without a verdict."),
    "reelwork_lane_paused": Family("gauge", "1 where an operator paused the lane."),
    "reelwork_lane_blocked": Family("gauge", "1 while a refusal or a rate limit holds the lane back."),
    "reelwork_lane_breaker_open": Family("gauge", "1 where the lane's circuit breaker is not closed."),
    "reelwork_unknown_submissions": Family("gauge", "Submissions whose outcome nobody knows yet."),
    "reelwork_paused": Family("gauge", "1 while all spending is paused."),
    "reelwork_workers": Family("gauge", "Workers heard of within a lease."),
    "reelwork_workers_in_flight": Family("gauge", "Videos in living workers' hands."),
    "reelwork_workers_resident_bytes": Family("gauge", "Memory of all living workers."),
    "reelwork_spend_today_usd": Family("gauge", "Reserved and settled for the running UTC day, in US dollars."),
    "reelwork_budget_usd": Family("gauge", "What a UTC day may cost, in US dollars."),
    "reelwork_webhooks_pending": Family("gauge", "Messages to callers that are not delivered yet."),
}
