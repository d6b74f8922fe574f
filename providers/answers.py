"""A provider's answer as plain values, and what a refusal in it says."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

Headers = Mapping[str, str]
"""Header names are in lower case."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read to its end or to its cap. `complete` is False where the body was cut on its way."""

    status: int
    headers: Headers
    body: bytes
    complete: bool = True

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def parsed(self) -> object:
        """The body as JSON, None where it is not."""
        try:
            return json.loads(self.body) if self.complete else None
        except (ValueError, RecursionError):
            return None

    def table(self) -> dict[str, object]:
        """The body as a JSON object, empty where it is not one."""
        return as_table(self.parsed())


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error body says. `code` is the provider's own word in lower case, empty where it gave none."""

    code: str
    message: str


def as_table(value: object) -> dict[str, object]:
    """The value where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """The value where it is a JSON list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str | None:
    """The value where it is a string with something in it."""
    return value if isinstance(value, str) and value else None


def complaint(body: object) -> Complaint:
    """The code and sentence in any of the error shapes that servers of these dialects send."""
    if isinstance(body, list) and body:
        return complaint(body[0])
    table = as_table(body)
    error = table.get("error", table.get("detail", table))
    if isinstance(error, str):
        return Complaint("", error)
    if isinstance(error, list):
        return Complaint("", "; ".join(str(as_table(item).get("msg", item)) for item in error))
    fields = as_table(error)
    message = as_text(fields.get("message")) or ""
    return Complaint(_reason(fields) or _code(fields), message)


def retry_after_s(answer: Answer, now: datetime | None = None) -> float | None:
    """The wait that the provider asks for, in seconds, None where it names none.

    It stands in its headers, in those that a gateway passes on under a name of its own, or in Google's error body.
    """
    millis = _number(answer.headers.get("retry-after-ms"))
    if millis is not None:
        return millis / 1000
    text = answer.headers.get("retry-after") or answer.headers.get("llm_provider-retry-after", "")
    seconds = _number(text)
    if seconds is None and text:
        then = http_date(text)
        seconds = (then - (now or datetime.now(UTC))).total_seconds() if then else None
    return max(seconds, 0.0) if seconds is not None else _retry_info(answer)


def http_date(text: str | None) -> datetime | None:
    """A date header as a moment, None where it is missing or none."""
    try:
        then = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return then.replace(tzinfo=UTC) if then.tzinfo is None else then


def iso_date(value: object) -> datetime | None:
    """An ISO time such as `2026-11-10T12:00:00Z` as a moment, None where it is none."""
    try:
        then = datetime.fromisoformat(as_text(value) or "")
    except ValueError:
        return None
    return then.replace(tzinfo=UTC) if then.tzinfo is None else then


def unix_date(value: object) -> datetime | None:
    """Seconds since 1970 as a moment, None where they are missing or none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _reason(fields: Mapping[str, object]) -> str:
    """The ErrorInfo reason in Google's details, which tells apart what shares one status."""
    reasons = (as_text(as_table(detail).get("reason")) for detail in as_list(fields.get("details")))
    return next((reason.lower() for reason in reasons if reason), "")


def _code(fields: Mapping[str, object]) -> str:
    for name in ("code", "status", "type"):
        value = fields.get(name)
        if isinstance(value, str) and value and not value.isdecimal():
            return value.lower()
    return ""


def _retry_info(answer: Answer) -> float | None:
    if answer.is_success:
        return None
    body = answer.parsed()
    error = as_table(as_table(body[0] if isinstance(body, list) and body else body).get("error"))
    for detail in as_list(error.get("details")):
        match = re.fullmatch(r"(\d+(?:\.\d+)?)s", as_text(as_table(detail).get("retryDelay")) or "")
        if match:
            return float(match[1])
    return None


def _number(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text.strip()) else None
