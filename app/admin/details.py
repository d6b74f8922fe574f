"""A job's rows as the job page reads them. Secrets stand in none of these columns."""

from app.answers.overview import JobStanding, LedgerLine, SubmissionView
from app.money import usd
from app.views import moment
from db.connection import Record


def standing_view(row: Record) -> JobStanding:
    """Who has it, when it moves next, and what its file is like."""
    return {
        "client": row["client"],
        "clientId": str(row["client_id"]),
        "laneId": str(row["lane_id"]),
        "baseUrl": row["base_url"],
        "server": row["server"],
        "laneHeld": _held(row),
        "owner": str(row["owner"]) if row["owner"] else None,
        "ownerHost": row["owner_host"],
        "ownerSilentSeconds": row["owner_silent_s"],
        "epoch": row["epoch"],
        "attempt": row["attempt"],
        "dueAt": moment(row["due_at"]),
        "nextAt": moment(row["next_at"]),
        "waitUntil": moment(row["wait_until"]),
        "reviewAt": moment(row["review_at"]),
        "refusals": row["refusals"],
        "pollMisses": row["poll_misses"],
        "collectFailures": row["collect_failures"],
        "discard": row["discard"],
        "traceId": row["trace_id"],
        "catalogueVersion": row["catalogue_version"],
        "webhookUrl": row["webhook_url"],
        "bytes": row["video_bytes"],
        "sha256": row["video_sha256"],
        "width": row["video_width"],
        "height": row["video_height"],
        "seconds": row["video_seconds"],
        "fps": row["video_fps"],
    }


def submission_view(row: Record) -> SubmissionView:
    """One paid call: its intent, its answer, and what came of it."""
    return {
        "id": str(row["id"]),
        "attempt": row["attempt"],
        "worker": str(row["worker"]) if row["worker"] else None,
        "label": row["label"],
        "intentAt": moment(row["intent_at"]),
        "deadlineAt": moment(row["deadline_at"]),
        "answeredAt": moment(row["answered_at"]),
        "endedAt": moment(row["ended_at"]),
        "outcome": row["outcome"],
        "providerJobId": row["provider_id"],
        "inferred": row["inferred"],
        "counted": row["counted"],
        "errorCode": row["error_code"],
        "errorMessage": row["error_message"],
    }


def ledger_line(row: Record) -> LedgerLine:
    """One line of the ledger; `deltaUsd` is what it adds to its day."""
    return {
        "attempt": row["attempt"],
        "entry": row["entry"],
        "usd": usd(row["micros"]),
        "deltaUsd": usd(row["delta_micros"]),
        "day": row["day"].isoformat(),
        "note": row["note"],
        "at": moment(row["at"]),
    }


def _held(row: Record) -> str | None:
    """Why the lane starts nothing now; None where it may."""
    if row["lane_paused"]:
        return "paused"
    if row["breaker"] != "closed":
        return f"breaker {row['breaker']}"
    held: str | None = row["blocked_reason"]
    return held
