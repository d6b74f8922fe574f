"""Which of our errors a provider's refusal is: one pure decision for submissions, one for everything else."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from providers.answers import Answer, complaint, retry_after_s
from providers.errors import (
    CredentialRefused,
    Gone,
    Moderated,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    TryLater,
)
from providers.scrub import scrubbed

FILTERED = "content_filtered"
MODERATION_CODE = re.compile(r"moderation|sentinel|content_?polic|content_?filter|safety|prohibited|blocklist")
MODERATION_WORDS = re.compile(
    r"(?i)moderation|safety|responsible ai|usage guidelines|content[ _]polic|sensitive words|sentinel_block"
)
QUOTA_CODE = re.compile(r"insufficient_quota|billing|budget|credit|payment")
KEY_CODE = re.compile(r"api_?key_(invalid|expired|not_found)|invalid_api_key|access_token_expired")
KEY_WORDS = re.compile(r"(?i)api key (not valid|expired|invalid|not found)|invalid api key")
RETIRED_WORDS = re.compile(r"(?i)no longer available|has been (retired|shut ?down|deprecated|discontinued)")
REQUEST_CODE = re.compile(r"invalid_|unsupported|bad_request|unprocessable|out_of_range")
MODEL_CODE = re.compile(r"model_not_found|model_retired|unknown_model|unsupported_model")

REFUSED_CREDENTIAL = frozenset({401, 402, 403})
MAY_HAVE_BEEN_ACCEPTED = frozenset({408, 409})


@dataclass(frozen=True, slots=True)
class Said:
    """A refusal in the provider's words: `code` in lower case, `message` fit to be shown, and its status."""

    status: int
    code: str
    message: str


def said(answer: Answer, *secrets: str) -> Said:
    """What a refusal says, with these secrets and all that looks like one taken out."""
    words = complaint(answer.parsed())
    message = scrubbed(words.message, *secrets) or f"The provider answered {answer.status}."
    return Said(answer.status, scrubbed(words.code, *secrets)[:64], message)


def submission_refused(answer: Answer, *secrets: str, busy: Collection[int] = ()) -> ProviderError:
    """The error for a submission that was not answered with 2xx. `busy` are statuses that mean it was not accepted."""
    words = said(answer, *secrets)
    if answer.status == 429 or answer.status in busy:
        return _limited(answer, words)
    if answer.status >= 500 or answer.status in MAY_HAVE_BEEN_ACCEPTED:
        return OutcomeUnknown("unknown_outcome", words.message, answer.status, answered=True)
    if _is_about_the_key(words) and not MODERATION_CODE.search(words.code):
        return CredentialRefused(words.code or "credential_refused", words.message, answer.status)
    if is_moderation(words.code, words.message):
        return Moderated(FILTERED, words.message, answer.status)
    return Rejected(_rejection_code(words), words.message, answer.status)


def question_refused(answer: Answer, *secrets: str) -> ProviderError:
    """The error for a poll, a listing, a download or any other free call that was not answered with 2xx."""
    words = said(answer, *secrets)
    if answer.status == 429:
        return _limited(answer, words)
    if _is_about_the_key(words):
        return CredentialRefused(words.code or "credential_refused", words.message, answer.status)
    if answer.status in (404, 410):
        return Gone("gone", words.message, answer.status)
    wait_s = retry_after_s(answer)
    return TryLater("provider_trouble", words.message, answer.status, wait_s, whole_lane=answer.status == 503)


def is_moderation(code: str, message: str) -> bool:
    """Whether a refusal or failure is the provider's content rules speaking."""
    return bool(MODERATION_CODE.search(code.lower()) or MODERATION_WORDS.search(message))


def is_about_the_request(code: str) -> bool:
    """Whether a failure's code blames what was asked for, so that asking again would fail the same way."""
    return bool(REQUEST_CODE.search(code.lower()) or MODEL_CODE.search(code.lower()))


def _limited(answer: Answer, words: Said) -> ProviderError:
    if QUOTA_CODE.search(words.code) or "insufficient_quota" in words.message:
        return CredentialRefused(words.code or "insufficient_quota", words.message, words.status)
    code = "rate_limited" if answer.status == 429 else "provider_busy"
    return TryLater(code, words.message, words.status, retry_after_s(answer))


def _is_about_the_key(words: Said) -> bool:
    says_so = KEY_CODE.search(words.code) or KEY_WORDS.search(words.message)
    return words.status in REFUSED_CREDENTIAL or (words.status == 400 and bool(says_so))


def _rejection_code(words: Said) -> str:
    if words.status < 400:
        return "redirected"
    if RETIRED_WORDS.search(words.message):
        return "model_retired"
    if words.status in (404, 410) or MODEL_CODE.search(words.code):
        return "model_not_found"
    return "invalid_request"
