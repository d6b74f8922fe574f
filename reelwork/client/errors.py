"""What can go wrong between a caller and the server, by what the caller can do about it.

ReelworkError
├── BadRequest         400, 413, 415, 422 …: the request itself must change; `errors` names each wrong field
├── Unauthorized       401: no key, or a wrong one
├── OverBudget         402: the server's budget has no room for it
├── Forbidden          403: the key lacks the scope
├── NotFound           404
├── Conflict           409: not in the video's present state (`code` says why)
├── RateLimited        429: later; `retry_after` seconds if the server said so
├── ServerUnavailable  502, 503, 504, nothing listens there, or the line went dead
└── WaitTimeout        the caller's own deadline passed; the video goes on
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that the server refused: its path in the request's body, and why."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """The server's own account of a refusal: HTTP status, stable code, the fields at fault, seconds until later."""

    status: int | None = None
    code: str | None = None
    errors: tuple[FieldError, ...] = ()
    retry_after: float | None = None


class ReelworkError(Exception):
    """The base of all. `str()` is a sentence for people; the attributes are for programs."""

    def __init__(self, sentence: str, problem: Problem | None = None) -> None:
        super().__init__(sentence)
        self.problem = problem or Problem()

    @property
    def status(self) -> int | None:
        """The HTTP status, None where no answer came."""
        return self.problem.status

    @property
    def code(self) -> str | None:
        """The server's stable word for the reason, None where it gave none."""
        return self.problem.code

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """The fields at fault, empty where it is not about fields."""
        return self.problem.errors

    @property
    def retry_after(self) -> float | None:
        """Seconds after which another try makes sense, None where the server did not say."""
        return self.problem.retry_after


class BadRequest(ReelworkError):
    """The server refused the request as it is."""


class Unauthorized(ReelworkError):
    """The key is missing or wrong."""


class OverBudget(ReelworkError):
    """The budget has no room for this video."""


class Forbidden(ReelworkError):
    """The key may not do this."""


class NotFound(ReelworkError):
    """There is no such thing, or it belongs to another client."""


class Conflict(ReelworkError):
    """It cannot be done in the present state."""


class RateLimited(ReelworkError):
    """Too many requests with this key."""


class ServerUnavailable(ReelworkError):
    """The server cannot be reached, or cannot work just now.

    `answer_lost` says that a request left and no answer came back, so that the server may have acted on it.
    """

    def __init__(self, sentence: str, problem: Problem | None = None, *, answer_lost: bool = False) -> None:
        super().__init__(sentence, problem)
        self.answer_lost = answer_lost


class WaitTimeout(ReelworkError, TimeoutError):
    """The video was not done when the caller's patience ended. Nothing was cancelled."""
