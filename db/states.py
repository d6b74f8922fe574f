"""The words of a job's life, a submission's outcome and a ledger line, as they stand in the rows."""

from enum import StrEnum


class JobState(StrEnum):
    QUEUED = "queued"
    SUBMITTING = "submitting"
    GENERATING = "generating"
    COLLECTING = "collecting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NEEDS_REVIEW = "needs_review"
    DELETING = "deleting"


OWNED = (JobState.SUBMITTING, JobState.GENERATING, JobState.COLLECTING)
"""States in which a worker holds the job."""

ENDED = (JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)


class Outcome(StrEnum):
    """What is known of a submission; a NULL in the row means that its call is still under way.

    UNKNOWN is being recovered, REVIEW waits for a person, NOT_SENT gave its slot back before a byte left, ABSENT was
    proven never to have been accepted.
    """

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_ACCEPTED = "not_accepted"
    NOT_SENT = "not_sent"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    REVIEW = "review"


class Entry(StrEnum):
    """One line of the ledger."""

    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"
    CORRECT = "correct"
