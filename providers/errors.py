"""What a provider's refusal or silence means for the job.

ProviderError
├── Rejected              final: bad parameters, unknown or retired model; nothing was accepted
│   └── Moderated         final: refused by the provider's content rules
├── TryLater              nothing was accepted; ask again after `retry_after_s`
├── CredentialRefused     the key is wrong, revoked, or its quota or billing is exhausted
├── OutcomeUnknown        the request may have been accepted: never send it again on a guess
├── NotSent               our own fence stopped the request before its first byte left
└── Gone                  the provider no longer knows the job or its result
"""

from dataclasses import dataclass


@dataclass
class ProviderError(Exception):
    """Base of all errors an adapter raises.

    `code` is stable and machine-readable (it becomes the job's errorCode), `message` is the provider's own sentence
    with secrets removed, fit to be shown to the caller; `status` is the HTTP status, None where no answer came.
    """

    code: str
    message: str
    status: int | None = None

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Rejected(ProviderError):
    """Refused for good; nothing was accepted and nothing was charged."""


class Moderated(Rejected):
    """Refused by the provider's content rules; never submitted again unchanged."""


@dataclass
class TryLater(ProviderError):
    """Certainly not accepted (429, busy, connection never made).

    `retry_after_s` is the provider's own wish in seconds, None where it named none. `whole_lane` is False only where
    the reason concerns this one request.
    """

    retry_after_s: float | None = None
    whole_lane: bool = True


class CredentialRefused(ProviderError):
    """401, 403, exhausted quota or billing: nothing was accepted, and nothing will be until a person acts."""


@dataclass
class OutcomeUnknown(ProviderError):
    """The provider may or may not have accepted the submission.

    `answered` is True where a definite answer came (a 5xx, a body without an id) and False where none came at all.
    """

    answered: bool = False


class NotSent(ProviderError):
    """The submission's guard refused just before the first byte left."""


class Gone(ProviderError):
    """404/410 for a job or a result that was there once."""
