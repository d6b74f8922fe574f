"""The auditor sees each kind of breach, and nothing where there is none."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bench.chaos.audit import audit
from bench.chaos.books import Books, File, Job, Line, Paid, Submission

PRICE = 400_000
DONE, FAILED, REVIEWED = UUID(int=1), UUID(int=2), UUID(int=3)
FILES = {f"{DONE}/1/video.mp4": File(9, "aa"), f"{DONE}/1/poster.webp": File(3, "bb")}


def job(job_id: UUID, state: str, **columns: object) -> Job:
    return Job(**{"id": job_id, "state": state, "estimate_micros": PRICE, **columns})


def submission(job_id: UUID, provider_id: str | None, **columns: object) -> Submission:
    made = {"id": uuid4(), "job_id": job_id, "attempt": 1, "label": f"rw-{job_id}-{provider_id}", "fingerprint": b"f"}
    return Submission(**{**made, "outcome": "accepted", "provider_id": provider_id, **columns})


def paid(provider_id: str, sent: Submission, state: str = "succeeded") -> Paid:
    return Paid(provider_id, sent.label, state)


@pytest.fixture
def books() -> Books:
    """One video completed, one failed by its provider at the second attempt, one that a person has to decide on."""
    done = job(DONE, "completed", cost_micros=PRICE, provider_job_id="v1", video_key=f"{DONE}/1/video.mp4")
    done = replace(done, poster_key=f"{DONE}/1/poster.webp", video_bytes=9, video_sha256="aa")
    failed = job(FAILED, "failed", attempt=2, cost_micros=0, error_code="server_error", provider_job_id="v3")
    sent = [
        submission(DONE, "v1"),
        submission(FAILED, "v2"),
        submission(FAILED, "v3", attempt=2),
        submission(REVIEWED, None, outcome="review", fingerprint=b"r"),
    ]
    return Books(
        accepted=frozenset({DONE, FAILED, REVIEWED}),
        may_fail=frozenset({FAILED}),
        may_cancel=frozenset(),
        jobs={one.id: one for one in (done, failed, job(REVIEWED, "needs_review"))},
        submissions=sent,
        ledger=[
            Line(DONE, 1, "reserve", PRICE, PRICE),
            Line(DONE, 1, "settle", PRICE, 0),
            *(Line(FAILED, attempt, "reserve", PRICE, PRICE) for attempt in (1, 2)),
            *(Line(FAILED, attempt, "release", PRICE, -PRICE) for attempt in (1, 2)),
            Line(REVIEWED, 1, "reserve", PRICE, PRICE),
        ],
        paid=[paid("v1", sent[0]), paid("v2", sent[1], "failed"), paid("v3", sent[2], "failed"), paid("v4", sent[3])],
        files=FILES,
    )


def with_job(books: Books, job_id: UUID, **columns: object) -> Books:
    return replace(books, jobs={**books.jobs, job_id: replace(books.jobs[job_id], **columns)})


def test_books_that_agree_have_no_finding(books: Books) -> None:
    assert audit(books) == []


BREACHES: dict[str, tuple[str, Callable[[Books], Books]]] = {
    "an accepted job without a row": ("lost", lambda b: replace(b, accepted=b.accepted | {uuid4()})),
    "a row that never ended": ("stuck", lambda b: with_job(b, DONE, state="generating")),
    "a failure that nobody caused": ("wrong ending", lambda b: replace(b, may_fail=frozenset())),
    "a cancellation nobody asked for": ("wrong ending", lambda b: with_job(b, FAILED, state="cancelled")),
    "a success that the provider refused": ("wrong ending", lambda b: replace(b, may_fail=frozenset({DONE, FAILED}))),
    "a success under an unknown id": ("wrong ending", lambda b: with_job(b, DONE, provider_job_id="v9")),
    "two accepted calls for one attempt": (
        "paid twice",
        lambda b: replace(b, submissions=[*b.submissions, submission(DONE, "v7")]),
    ),
    "a paid video that is in no book": (
        "paid, in no book",
        lambda b: replace(b, paid=[*b.paid, Paid("v8", b.submissions[0].label, "succeeded")]),
    ),
    "a paid video that a review waits for, twice": (
        "paid, in no book",
        lambda b: replace(b, paid=[*b.paid, Paid("v8", b.submissions[3].label, "succeeded")]),
    ),
    "a paid video that nobody sent for": (
        "paid, in no book",
        lambda b: replace(b, paid=[*b.paid, Paid("v8", "someone's", "succeeded")]),
    ),
    "a place that an ended video takes": (
        "place not freed",
        lambda b: replace(b, submissions=[replace(b.submissions[0], in_flight=True), *b.submissions[1:]]),
    ),
    "an attempt without a reserve": ("ledger wrong", lambda b: replace(b, ledger=b.ledger[1:])),
    "a reserve without a verdict": ("ledger wrong", lambda b: replace(b, ledger=[b.ledger[0], *b.ledger[2:]])),
    "a verdict while a person decides": (
        "ledger wrong",
        lambda b: replace(b, ledger=[*b.ledger, Line(REVIEWED, 1, "settle", PRICE, 0)]),
    ),
    "a failure that was free and is settled": ("ledger wrong", lambda b: with_job(b, FAILED, cost_micros=PRICE)),
    "a success for another price": ("ledger wrong", lambda b: with_job(b, DONE, estimate_micros=1)),
    "money for a job that is not there": (
        "ledger wrong",
        lambda b: replace(b, ledger=[*b.ledger, Line(uuid4(), 1, "reserve", PRICE, PRICE)]),
    ),
    "a video that is not in the storage": ("file wrong", lambda b: replace(b, files={})),
    "a video with other bytes": ("file wrong", lambda b: with_job(b, DONE, video_sha256="cc")),
    "a file that belongs to nobody": (
        "orphan file",
        lambda b: replace(b, files={**b.files, f"{FAILED}/2/video.mp4": File(9, "aa")}),
    ),
    "a transfer left behind": ("orphan file", lambda b: replace(b, leftovers=[Path("work/rw-transfer-x")])),
}


@pytest.mark.parametrize("case", BREACHES)
def test_each_kind_of_breach_is_found(books: Books, case: str) -> None:
    promise, breach = BREACHES[case]

    assert promise in {finding.promise for finding in audit(breach(books))}
