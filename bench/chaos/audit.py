"""The auditor: pure comparisons of books, each of which says what is wrong, one sentence a case."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from bench.chaos.books import Books, Job, Line, Submission

ENDED = ("completed", "failed", "cancelled")
_REVIEWED = ("review", "unknown")


@dataclass(frozen=True, slots=True)
class Finding:
    """`promise` is what was broken."""

    promise: str
    about: str
    sentence: str


def audit(books: Books) -> list[Finding]:
    """Everything that is wrong; empty where all promises held."""
    checks = {
        "lost": lost,
        "stuck": stuck,
        "wrong ending": wrong_endings,
        "paid twice": paid_twice,
        "paid, in no book": unbooked,
        "place not freed": places_taken,
        "ledger wrong": ledger_wrong,
        "file wrong": files_wrong,
        "orphan file": orphans,
    }
    return [Finding(promise, about, said) for promise, check in checks.items() for about, said in check(books)]


Cases = Iterator[tuple[str, str]]


def lost(books: Books) -> Cases:
    """Ids that were answered 202 and have no row."""
    for job_id in sorted(books.accepted - books.jobs.keys()):
        yield str(job_id), "was accepted and has no row"


def stuck(books: Books) -> Cases:
    """Rows that neither ended nor wait for a person."""
    for job in books.jobs.values():
        if job.state not in (*ENDED, "needs_review"):
            yield str(job.id), f"is still {job.state}"


def wrong_endings(books: Books) -> Cases:
    """Failures that the provider did not cause, cancellations nobody asked for, successes that cannot be."""
    verdicts = {paid.id: paid.state for paid in books.paid}
    for job in books.jobs.values():
        verdict = verdicts.get(job.provider_job_id or "")
        if job.state == "failed" and job.id not in books.may_fail:
            yield str(job.id), f"failed with {job.error_code}; at the provider it is {verdict}"
        elif job.state == "cancelled" and job.id not in books.may_cancel:
            yield str(job.id), "is cancelled and nobody asked for it"
        elif job.state == "completed" and job.id in books.may_fail:
            yield str(job.id), f"is completed; at the provider it is {verdict}"
        elif job.state == "completed" and verdict is None:
            yield str(job.id), f"is completed under the id {job.provider_job_id}, which the provider never gave"


def paid_twice(books: Books) -> Cases:
    """More than one accepted submission for one attempt of a job."""
    count = Counter((one.job_id, one.attempt) for one in books.submissions if one.provider_id is not None)
    for (job_id, attempt), times in count.items():
        if times > 1:
            yield str(job_id), f"attempt {attempt} was accepted {times} times"


def unbooked(books: Books) -> Cases:
    """Accepted videos that no submission of ours names, less those that a person will decide on."""
    owned = {one.provider_id for one in books.submissions}
    by_label = {label: one for one in books.submissions for label in (one.label, str(one.job_id))}
    awaited = Counter(one.fingerprint for one in books.submissions if _waits_for_a_person(books, one))
    for paid in books.paid:
        if paid.id in owned:
            continue
        sent = by_label.get(paid.label or "")
        if sent is None:
            yield paid.id, "was accepted by the provider and belongs to no submission of ours"
        elif awaited[sent.fingerprint] > 0:
            awaited[sent.fingerprint] -= 1
        else:
            yield str(sent.job_id), f"attempt {sent.attempt}: {paid.id} was paid for and is in no book ({sent.outcome})"


def _waits_for_a_person(books: Books, one: Submission) -> bool:
    job = books.jobs.get(one.job_id)
    return job is not None and job.state == "needs_review" and one.provider_id is None and one.outcome in _REVIEWED


def places_taken(books: Books) -> Cases:
    """Submissions that still count against their lane's cap though nothing of theirs runs at the provider any more."""
    for one in books.submissions:
        job = books.jobs.get(one.job_id)
        if one.in_flight and job is not None and job.state in ("completed", "failed"):
            yield str(one.job_id), f"attempt {one.attempt} is {job.state} and counts as in flight ({one.outcome})"


def ledger_wrong(books: Books) -> Cases:
    """One reserve for each attempt, one verdict for each reserve, and sums that say what the job says."""
    lines: dict[UUID, list[Line]] = defaultdict(list)
    for line in books.ledger:
        lines[line.job_id].append(line)
    for job in books.jobs.values():
        for sentence in _wrong_lines(job, lines.pop(job.id, [])):
            yield str(job.id), sentence
    for job_id in lines:
        yield str(job_id), "has ledger lines and no row"


def _wrong_lines(job: Job, lines: list[Line]) -> Iterator[str]:
    for attempt in range(1, job.attempt + 1):
        entries = Counter(line.entry for line in lines if line.attempt == attempt)
        verdicts = entries["settle"] + entries["release"]
        expected = 1 if attempt < job.attempt or job.state in ENDED else 0
        if entries["reserve"] != 1:
            yield f"attempt {attempt} has {entries['reserve']} reserves"
        if verdicts != expected:
            yield f"attempt {attempt} has {verdicts} verdicts instead of {expected} while the job is {job.state}"
    if any(line.attempt > job.attempt for line in lines):
        yield "has ledger lines of attempts it never made"
    last = sum(line.delta_micros for line in lines if line.attempt == job.attempt)
    if job.state in ENDED and last != (job.cost_micros or 0):
        yield f"its ledger says {last} micros, its row {job.cost_micros}"
    if job.state == "completed" and job.cost_micros != job.estimate_micros:
        yield f"it is completed for {job.cost_micros} micros, {job.estimate_micros} were agreed"


def files_wrong(books: Books) -> Cases:
    """Completed jobs whose files are not there or are not what the row says."""
    for job in books.jobs.values():
        if job.state != "completed":
            continue
        file = books.files.get(job.video_key or "")
        if file is None:
            yield str(job.id), f"its video {job.video_key} is not in the storage"
        elif (file.size, file.sha256) != (job.video_bytes, job.video_sha256):
            yield str(job.id), f"its video has {file.size} bytes, its row says {job.video_bytes}, or other bytes"
        if job.poster_key is not None and job.poster_key not in books.files:
            yield str(job.id), f"its poster {job.poster_key} is not in the storage"


def orphans(books: Books) -> Cases:
    """Files that no row names."""
    named = {key for job in books.jobs.values() for key in (job.video_key, job.poster_key)}
    for key in sorted(books.files.keys() - named):
        yield key, "is in the storage and belongs to no row"
    for path in books.leftovers:
        yield str(path), "was left behind"
