"""Refusals in the simulator's own words; each dialect's face turns them into its own shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reelwork.simulator.faults.kinds import Fault


@dataclass
class Refusal(Exception):
    """A call that is answered with an error. `code` is OpenAI's word, `in_service` that the API itself, not the front
    end before it, refuses (Google shapes the two differently); `is_about_key` lets the dialect choose its own status;
    `as_array` wraps the body as some gateways do."""

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    in_service: bool = False
    as_array: bool = False
    is_about_key: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"


_WORDS = {
    400: ("invalid_request", "The request is invalid."),
    401: ("invalid_api_key", "Incorrect API key provided."),
    403: ("permission_denied", "The caller does not have permission."),
    404: ("not_found", "Not found."),
    409: ("conflict", "The request conflicts with the current state."),
    410: ("gone", "The resource is gone."),
    429: ("rate_limit_exceeded", "Rate limit reached. Please slow down."),
    500: ("server_error", "The server had an error while processing your request."),
    502: ("bad_gateway", "Bad gateway."),
    503: ("server_overloaded", "The engine is currently overloaded, please try again later."),
    504: ("timeout", "The upstream request timed out."),
}
_NAMED = {
    "rate-limit": (429, "rate_limit_exceeded", "Rate limit reached. Please slow down."),
    "quota": (
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    "retired": (404, "model_not_found", "This model is no longer available."),
    "moderate": (400, "sentinel_block", "Hmmm something didn't look right with your request."),
    "bad-key": (401, "invalid_api_key", "Incorrect API key provided."),
    "forbidden": (403, "permission_denied", "The caller does not have permission."),
}
_FINAL = ("quota", "retired", "moderate", "bad-key", "forbidden")


def plain_refusal(status: int, message: str | None = None) -> Refusal:
    """A refusal with the usual words for this HTTP status."""
    code, words = _WORDS.get(status, _WORDS[400 if status < 500 else 500])
    return Refusal(status, message or words, code)


def refusal_by_fault(fault: Fault) -> Refusal:
    """The refusal that a `status`, `status-after` or named fault asks for, with its headers."""
    if fault.name in _NAMED:
        refusal = Refusal(_NAMED[fault.name][0], _NAMED[fault.name][2], _NAMED[fault.name][1])
    else:
        refusal = plain_refusal(int(fault.number("status", 500)))
    refusal.code = fault.text("code", refusal.code or "")
    refusal.message = fault.text("message", refusal.message)
    refusal.is_about_key = fault.name == "bad-key"
    refusal.as_array = bool(fault.params.get("array"))
    refusal.headers = _headers(fault)
    return refusal


def retired_model(model: str) -> Refusal:
    return Refusal(404, f"The model `{model}` is no longer available.", "model_not_found", "model", in_service=True)


def _headers(fault: Fault) -> dict[str, str]:
    headers: dict[str, str] = {}
    if "retry_after" in fault.params:
        headers["retry-after"] = f"{fault.number('retry_after', 0):g}"
    if "retry_after_ms" in fault.params:
        headers["retry-after-ms"] = f"{fault.number('retry_after_ms', 0):g}"
    if "should_retry" in fault.params or fault.name in _FINAL:
        headers["x-should-retry"] = fault.text("should_retry", "false")
    return headers
