"""What a simulator can be told at its start and, most of it, while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_type_hints


@dataclass(frozen=True, slots=True)
class Options:
    """Every knob of the simulator; `_s` are seconds, `_ms` milliseconds.

    generation_s, jitter      how long a video takes, give or take this fraction of it
    queue_s                   how much of that it is shown as queued
    submit_delay_ms           how long the answer to an accepted submission is held back
    listing_delay_s           how long an accepted video is missing in lists
    hide_prompts              lists and polls show no prompt
    expiry_s, expired_status  how long a result can be fetched, and what is answered after that
    poll_after_ms             the wish sent as `openai-poll-after-ms`
    skew_s                    how far the clock shown outside is ahead of the real one
    delete_aborts             DELETE of a running OpenAI-dialect video aborts it instead of being refused
    lean                      one plain clip for each size and length instead of one drawn for each prompt
    payload_bytes             results are padded to about this many bytes
    fps                       frames per second where the request names none
    token_ttl_s               how long an OAuth token of the simulator is good
    render_threads            how many clips are drawn at the same time
    cache_bytes               how much memory finished clips may take
    retired                   models refused as retired, comma-separated
    webhook_url, webhook_secret  where OpenAI-dialect events are sent, and the secret that signs them
    seed                      makes jitter and fault probabilities repeatable
    """

    generation_s: float = 6.0
    jitter: float = 0.1
    queue_s: float = 0.5
    submit_delay_ms: float = 0.0
    listing_delay_s: float = 0.0
    hide_prompts: bool = False
    expiry_s: float = 3600.0
    expired_status: int = 404
    poll_after_ms: int = 1000
    skew_s: float = 0.0
    delete_aborts: bool = False
    lean: bool = False
    payload_bytes: int = 0
    fps: int = 24
    token_ttl_s: float = 3599.0
    render_threads: int = 2
    cache_bytes: int = 256_000_000
    retired: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("generation_s", "queue_s", "submit_delay_ms", "listing_delay_s", "expiry_s", "payload_bytes"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        if not 0 <= self.jitter <= 1:
            raise ValueError("jitter is a fraction between 0 and 1")
        if self.expired_status not in (404, 410):
            raise ValueError("expired_status is 404 or 410")
        if not 1 <= self.fps <= 120 or self.render_threads < 1:
            raise ValueError("fps is between 1 and 120, render_threads at least 1")

    @property
    def retired_models(self) -> frozenset[str]:
        return frozenset(name.strip() for name in self.retired.split(",") if name.strip())

    def with_changes(self, changes: Mapping[str, Any]) -> "Options":
        """A copy with `changes`, each converted to its field's type; ValueError names what is unknown or malformed."""
        kinds = get_type_hints(Options)
        known = {field.name for field in fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise ValueError(f"unknown option {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        return replace(self, **{name: _converted(name, value, kinds[name]) for name, value in changes.items()})


def _converted(name: str, value: Any, kind: type) -> Any:
    if kind is bool:
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("1", "true", "yes", "0", "false", "no"):
            return str(value).lower() in ("1", "true", "yes")
        raise ValueError(f"{name} is true or false, not {value!r}")
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is a {kind.__name__}, not {value!r}") from None
