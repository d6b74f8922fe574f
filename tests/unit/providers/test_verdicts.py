"""Which of our errors each refusal is, and what is shown of it."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from providers.answers import Answer, complaint, retry_after_s
from providers.errors import CredentialRefused, Gone, Moderated, OutcomeUnknown, Rejected, TryLater
from providers.verdicts import question_refused, submission_refused

KEY = "sk-very-secret-key-0123456789"


def answer(status, error=None, headers=None):
    body = json.dumps(error if isinstance(error, list) else {"error": error or {"message": "no"}}).encode()
    return Answer(status, headers or {}, body)


@pytest.mark.parametrize(
    ("status", "error", "kind", "code"),
    [
        (400, {"message": "bad size", "code": "invalid_value"}, Rejected, "invalid_request"),
        (404, {"message": "The model 'x' does not exist", "code": "model_not_found"}, Rejected, "model_not_found"),
        (404, {"message": "models/veo-3.1-generate-preview is no longer available"}, Rejected, "model_retired"),
        (410, {"message": "This model has been retired."}, Rejected, "model_retired"),
        (405, None, Rejected, "invalid_request"),
        (413, None, Rejected, "invalid_request"),
        (422, None, Rejected, "invalid_request"),
        (307, None, Rejected, "redirected"),
        (400, {"message": "Hmmm", "code": "sentinel_block"}, Moderated, "content_filtered"),
        (403, {"message": "no", "code": "moderation_blocked"}, Moderated, "content_filtered"),
        (
            400,
            {"message": "violates our usage guidelines", "status": "INVALID_ARGUMENT"},
            Moderated,
            "content_filtered",
        ),
        (401, {"message": "no", "code": "invalid_api_key"}, CredentialRefused, "invalid_api_key"),
        (402, None, CredentialRefused, "credential_refused"),
        (403, {"message": "no", "status": "PERMISSION_DENIED"}, CredentialRefused, "permission_denied"),
        (400, {"message": "API key not valid. Please pass", "status": "INVALID_ARGUMENT"}, CredentialRefused, None),
        (
            400,
            {"message": "no", "details": [{"reason": "API_KEY_INVALID"}]},
            *(CredentialRefused, "api_key_invalid"),
        ),
        (429, {"message": "slow down", "code": "rate_limit_exceeded"}, TryLater, "rate_limited"),
        (429, {"message": "no money", "code": "insufficient_quota"}, CredentialRefused, "insufficient_quota"),
        (429, {"message": 'Gateway: {"code":"insufficient_quota"}', "code": "429"}, CredentialRefused, None),
        (400, {"message": 'Gateway: {"code":"sentinel_block"}', "code": "400"}, Moderated, "content_filtered"),
        (
            429,
            {"message": "no", "details": [{"reason": "BILLING_QUOTA_EXCEEDED"}]},
            *(CredentialRefused, "billing_quota_exceeded"),
        ),
        (408, None, OutcomeUnknown, "unknown_outcome"),
        (409, None, OutcomeUnknown, "unknown_outcome"),
        (500, None, OutcomeUnknown, "unknown_outcome"),
        (502, None, OutcomeUnknown, "unknown_outcome"),
        (503, None, OutcomeUnknown, "unknown_outcome"),
        (504, None, OutcomeUnknown, "unknown_outcome"),
        (524, None, OutcomeUnknown, "unknown_outcome"),
    ],
)
def test_a_submissions_refusal_is_classified(status, error, kind, code):
    refused = submission_refused(answer(status, error))

    assert type(refused) is kind
    assert refused.status == status
    assert code is None or refused.code == code


def test_an_answered_unknown_outcome_says_that_it_was_answered():
    refused = submission_refused(answer(500))

    assert isinstance(refused, OutcomeUnknown)
    assert refused.answered


def test_503_is_busy_only_where_the_catalogue_says_so():
    refused = submission_refused(answer(503, headers={"retry-after": "7"}), busy=(503,))

    assert isinstance(refused, TryLater)
    assert (refused.code, refused.retry_after_s) == ("provider_busy", 7)


@pytest.mark.parametrize(
    ("status", "error", "kind", "whole_lane"),
    [
        (404, None, Gone, None),
        (410, None, Gone, None),
        (401, None, CredentialRefused, None),
        (403, None, CredentialRefused, None),
        (429, None, TryLater, True),
        (503, None, TryLater, True),
        (500, None, TryLater, False),
        (502, None, TryLater, False),
        (400, {"message": "something odd"}, TryLater, False),
        (409, None, TryLater, False),
    ],
)
def test_a_polls_refusal_never_ends_a_job_by_itself(status, error, kind, whole_lane):
    refused = question_refused(answer(status, error))

    assert type(refused) is kind
    if isinstance(refused, TryLater):
        assert refused.whole_lane is whole_lane


@pytest.mark.parametrize(
    "message",
    [
        f"Incorrect API key provided: {KEY}.",
        "Incorrect API key provided: sk-proj-abc***xyz.",
        "API key AIzaSyA1234567890abcdef is bad",
        "token ya29.a0AfH6SMBx-y_z was refused",
        "Authorization: Bearer abcdefghijklmnop1234",
        "see https://x.example/file?key=topsecretvalue&a=1",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----",
    ],
)
def test_no_secret_survives_in_what_is_shown(message):
    for refused in (submission_refused(answer(401, {"message": message}), KEY), question_refused(answer(401), KEY)):
        shown = repr(refused) + str(refused)
        for secret in (KEY, "sk-proj", "AIzaSy", "ya29.a0", "abcdefghijklmnop", "topsecretvalue", "MIIEvQ"):
            assert secret not in shown


def test_a_long_message_is_cut_to_a_kilobyte_of_whole_characters():
    refused = submission_refused(answer(400, {"message": "日本" * 1000}))

    assert len(refused.message.encode()) <= 1000
    assert set(refused.message) == {"日", "本"}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"message": "m", "type": "t", "code": "c"}}, "c", "m"),
        ({"error": {"message": "m", "code": 429, "status": "RESOURCE_EXHAUSTED"}}, "resource_exhausted", "m"),
        ([{"error": {"message": "m", "code": 400, "status": "INVALID_ARGUMENT"}}], "invalid_argument", "m"),
        ({"error": {"message": "m", "code": "invalid_request"}}, "invalid_request", "m"),
        ({"error": "plain words"}, "", "plain words"),
        ({"detail": "Not Found"}, "", "Not Found"),
        ({"detail": [{"msg": "field required", "type": "missing"}]}, "", "field required"),
        ({"message": "m"}, "", "m"),
        ("words", "", ""),
        (None, "", ""),
        ([], "", ""),
        ({"error": None}, "", ""),
    ],
)
def test_every_shape_of_error_body_is_read(body, code, message):
    assert complaint(body) == type(complaint(body))(code, message)


def test_retry_after_is_read_in_all_its_forms():
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    date = format_datetime(now + timedelta(seconds=30), usegmt=True)
    google = {"code": 429, "message": "m", "details": [{"@type": "x", "retryDelay": "12.5s"}]}

    assert retry_after_s(answer(429, headers={"retry-after-ms": "1500", "retry-after": "9"}), now) == 1.5
    assert retry_after_s(answer(429, headers={"retry-after": "9"}), now) == 9
    assert retry_after_s(answer(429, headers={"retry-after": date}), now) == 30
    assert retry_after_s(answer(429, headers={"retry-after": "Mon, 01 Jan 2024 00:00:00 GMT"}), now) == 0
    assert retry_after_s(answer(429, headers={"retry-after": "soon"}), now) is None
    assert retry_after_s(answer(429, google), now) == 12.5
    assert retry_after_s(answer(429, headers={"llm_provider-retry-after": "3"}), now) == 3
    assert retry_after_s(answer(429), now) is None
