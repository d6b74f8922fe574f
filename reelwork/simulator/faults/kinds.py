"""The closed list of faults, each with the parameters it takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Endpoint(StrEnum):
    """What a call is for, the same in all dialects."""

    SUBMIT = "submit"
    POLL = "poll"
    LIST = "list"
    CONTENT = "content"
    FILE = "file"
    DELETE = "delete"
    CANCEL = "cancel"
    TOKEN = "token"
    MODELS = "models"
    WEBHOOK = "webhook"


class Stage(StrEnum):
    """When a fault strikes. A fate is decided at the submission and belongs to the video for good."""

    BEFORE = "before"
    AFTER = "after"
    CONTENT = "content"
    WEBHOOK = "webhook"
    FATE = "fate"


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of fault. `main` is the parameter that a bare `=value` after a fate's name fills."""

    name: str
    stage: Stage
    doc: str
    params: Mapping[str, type] = field(default_factory=dict)
    main: str | None = None


_REFUSAL = {
    "retry_after": float,
    "retry_after_ms": float,
    "code": str,
    "message": str,
    "should_retry": str,
    "array": int,
}
_WINDOW = {"window": float}

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("status", Stage.BEFORE, "answers this HTTP status, nothing is done", {"status": int, **_REFUSAL}),
        Kind("rate-limit", Stage.BEFORE, "429", _REFUSAL),
        Kind("quota", Stage.BEFORE, "429 that no waiting mends: quota or billing exhausted", _REFUSAL),
        Kind("retired", Stage.BEFORE, "404: the model is no longer available", _REFUSAL),
        Kind("moderate", Stage.BEFORE, "400: refused by the content rules at once", _REFUSAL),
        Kind("bad-key", Stage.BEFORE, "401", _REFUSAL),
        Kind("forbidden", Stage.BEFORE, "403", _REFUSAL),
        Kind("slow", Stage.BEFORE, "waits before doing anything", {"seconds": float}),
        Kind("hang", Stage.BEFORE, "says nothing (for `seconds`, then hangs up), nothing is done", {"seconds": float}),
        Kind("reset", Stage.BEFORE, "resets the connection, nothing is done"),
        Kind("hang-up", Stage.BEFORE, "closes the connection without an answer, nothing is done"),
        Kind("status-after", Stage.AFTER, "does it, then answers this status", {"status": int, **_REFUSAL, **_WINDOW}),
        Kind("slow-after", Stage.AFTER, "does it, then holds the answer back for `window` seconds", _WINDOW),
        Kind("hang-after", Stage.AFTER, "does it, then says nothing for `window` seconds and hangs up", _WINDOW),
        Kind("reset-after", Stage.AFTER, "does it, then resets the connection after `window` seconds", _WINDOW),
        Kind("hang-up-after", Stage.AFTER, "does it, then closes the connection after `window` seconds", _WINDOW),
        Kind("truncated-json", Stage.AFTER, "does it, then answers the first half of the JSON"),
        Kind("html", Stage.AFTER, "does it, then answers 200 with an HTML page"),
        Kind("no-id", Stage.AFTER, "does it, then answers 200 with an empty object"),
        Kind("huge", Stage.AFTER, "pads the JSON answer to this size", {"bytes": int}),
        Kind("cut", Stage.AFTER, "closes the connection in mid-body", {"at": float}),
        Kind("truncated", Stage.CONTENT, "a file cut short, with a length that agrees", {"at": float}),
        Kind("wrong-content", Stage.CONTENT, "html, png, json, random or empty instead of the video", {"of": str}),
        Kind("redirect", Stage.CONTENT, "302 to the second port (other), to itself (same) or to a URL", {"to": str}),
        Kind("drip", Stage.CONTENT, "sends this many bytes a second", {"bytes_per_s": float}),
        Kind("duplicate", Stage.WEBHOOK, "sends the event twice"),
        Kind("late", Stage.WEBHOOK, "sends the event this much later (events overtake each other)", {"seconds": float}),
        Kind("bad-signature", Stage.WEBHOOK, "signs with another key"),
        Kind("stale", Stage.WEBHOOK, "carries a time stamp this old", {"seconds": float}),
        Kind("lost", Stage.WEBHOOK, "is never sent"),
        Kind("fail", Stage.FATE, "the generation fails", {"code": str, "message": str}, "code"),
        Kind(
            "fail-as-500", Stage.FATE, "fails, and polls answer 500 with the Video as body", {"status": int}, "status"
        ),
        Kind("moderate-later", Stage.FATE, "accepted, then refused by the content rules", {"message": str}),
        Kind("filtered", Stage.FATE, "ends without an output because it was filtered"),
        Kind("rpc", Stage.FATE, "ends with this google.rpc code", {"code": int, "message": str}, "code"),
        Kind("text-only", Stage.FATE, "completes with words instead of a video"),
        Kind(
            "no-output",
            Stage.FATE,
            "completes without output, which follows `seconds` later or never",
            {"seconds": float},
            "seconds",
        ),
        Kind(
            "file-processing",
            Stage.FATE,
            "the file is still processing for `seconds` after the end",
            {"seconds": float},
            "seconds",
        ),
        Kind("stuck", Stage.FATE, "never gets past this percentage", {"at": int}, "at"),
        Kind("backwards", Stage.FATE, "the progress goes back halfway"),
        Kind("word", Stage.FATE, "shows this unknown status word while running", {"status": str}, "status"),
        Kind("cancelled", Stage.FATE, "ends as cancelled though nobody asked"),
        Kind(
            "vanish",
            Stage.FATE,
            "is unknown to the provider `seconds` after it was accepted",
            {"seconds": float},
            "seconds",
        ),
        Kind("unlisted", Stage.FATE, "never shows in a list"),
        Kind("hidden-prompt", Stage.FATE, "is shown without its prompt"),
        Kind("takes", Stage.FATE, "takes this many seconds", {"seconds": float}, "seconds"),
        Kind("expires", Stage.FATE, "the result can be fetched for this many seconds", {"seconds": float}, "seconds"),
        Kind("bytes", Stage.FATE, "the result is padded to this size", {"size": int}, "size"),
        Kind("wrong-length", Stage.FATE, "the clip is this long", {"seconds": float}, "seconds"),
        Kind("wrong-size", Stage.FATE, "the clip has this size", {"size": str}, "size"),
        Kind("wrong-fps", Stage.FATE, "the clip has this many frames per second", {"fps": int}, "fps"),
        Kind("silent", Stage.FATE, "the clip has no sound"),
        Kind("mark", Stage.FATE, "counted under this name in the books", {"name": str}, "name"),
    )
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault with its parameters, already of the types its kind names."""

    kind: Kind
    params: Mapping[str, str | int | float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.kind.name

    def number(self, param: str, default: float) -> float:
        return float(self.params.get(param, default))

    def text(self, param: str, default: str) -> str:
        return str(self.params.get(param, default))
