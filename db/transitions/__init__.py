"""The owner's steps: each is one guarded statement that moves the row, books the money and writes the timeline.

Every function takes the hold under which its caller owns the row, and answers whether the step was taken; False means
that the row was no longer there to be moved, and the caller reads it again before it concludes anything. Facts about a
submission are written whoever owns the job now.
"""

from db.transitions.collecting import Stored, collect_later, result_renewed, stored
from db.transitions.ending import Ending, end, note
from db.transitions.generating import again, finished, poll_missed, progress
from db.transitions.hold import Hold
from db.transitions.submitting import (
    Refusal,
    accepted,
    outcome_unknown,
    requeued,
    review,
    stamped_anew,
    watch_output,
)

__all__ = [
    "Ending",
    "Hold",
    "Refusal",
    "Stored",
    "accepted",
    "again",
    "collect_later",
    "end",
    "finished",
    "note",
    "outcome_unknown",
    "poll_missed",
    "progress",
    "requeued",
    "result_renewed",
    "review",
    "stamped_anew",
    "stored",
    "watch_output",
]
