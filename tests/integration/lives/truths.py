"""What must be true of all rows together after every step, whatever came before it."""

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

from db.connection import Pool
from tests.integration.lives.book import Book

ENDED = {"completed", "failed", "cancelled"}
HELD = {"submitting", "generating", "collecting"}
OPEN = {*HELD, "queued", "needs_review"}
MAY_HAVE_BEEN_PAID = {None, "accepted", "unknown", "review"}

Rows = dict[UUID, dict[str, Any]]

_JOBS = "SELECT * FROM reelwork.video_jobs ORDER BY id"
_SUBMISSIONS = "SELECT * FROM reelwork.submissions"
_LEDGER = "SELECT job_id, attempt, entry, micros, delta_micros FROM reelwork.ledger"
_WORKERS = "SELECT id FROM reelwork.workers"
_LAST_WORDS = """
SELECT DISTINCT ON (job_id) job_id, state FROM reelwork.job_events WHERE state IS NOT NULL ORDER BY job_id, id DESC
"""


class Truths:
    """All rows at one moment; every `check` names the row that breaks its rule."""

    def __init__(self, jobs: Rows, submissions: Rows, lines: list[Any], told: dict[UUID, str], workers: set[UUID]):
        self.jobs = jobs
        self.submissions = submissions
        self._lines = lines
        self._told = told
        self._workers = workers

    @classmethod
    async def read(cls, pool: Pool) -> "Truths":
        jobs = {row["id"]: dict(row) for row in await pool.fetch(_JOBS)}
        submissions = {row["id"]: dict(row) for row in await pool.fetch(_SUBMISSIONS)}
        told = {row["job_id"]: row["state"] for row in await pool.fetch(_LAST_WORDS)}
        workers = {row["id"] for row in await pool.fetch(_WORKERS)}
        return cls(jobs, submissions, await pool.fetch(_LEDGER), told, workers)

    def check(self, book: Book) -> None:
        self.no_attempt_is_paid_for_twice(book)
        self.an_id_is_one_rows()
        self.somebody_moves_each_row()
        self.the_ledger_says_what_it_cost()
        self.the_timeline_ends_where_the_row_is()
        self.what_may_run_counts_as_in_flight()

    def no_attempt_is_paid_for_twice(self, book: Book) -> None:
        open_ones = Counter(
            (one["job_id"], one["attempt"])
            for one in self.submissions.values()
            if one["outcome"] in MAY_HAVE_BEEN_PAID or one["provider_id"]
        )
        assert all(count == 1 for count in open_ones.values()), open_ones
        attempts = defaultdict(set)
        for one in self.submissions.values():
            attempts[one["fingerprint"]].add((one["job_id"], one["attempt"]))
        paid = Counter(item.fingerprint for item in book.sent.values())
        assert all(count <= len(attempts[alike]) for alike, count in paid.items()), (paid, attempts)

    def an_id_is_one_rows(self) -> None:
        ids = Counter(job["provider_job_id"] for job in self.jobs.values() if job["provider_job_id"])
        assert all(count == 1 for count in ids.values()), ids
        for job in self.jobs.values():
            if job["provider_job_id"]:
                assert self.submissions[job["submission_id"]]["provider_id"] == job["provider_job_id"], job

    def somebody_moves_each_row(self) -> None:
        for job in self.jobs.values():
            assert job["owner"] is None or (job["state"] in HELD and job["owner"] in self._workers), job
            if job["state"] == "queued":
                assert job["due_at"] is not None and job["submission_id"] is None, job
                assert job["tag"] is not None or job["run_at"] is not None, job
            if job["state"] in HELD:
                assert job["submission_id"] in self.submissions, job
            if job["state"] == "generating":
                assert job["wait_until"] is not None and job["provider_job_id"] is not None, job
            if job["state"] == "collecting":
                assert job["result"] is not None, job
            if job["state"] in ENDED:
                assert job["completed_at"] is not None and job["cost_micros"] is not None, job

    def the_ledger_says_what_it_cost(self) -> None:
        books: dict[tuple[UUID, int], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for line in self._lines:
            books[line["job_id"], line["attempt"]][line["entry"]].append(line["delta_micros"])
        for (job_id, attempt), entries in books.items():
            verdicts = entries["settle"] + entries["release"]
            assert len(entries["reserve"]) == 1 and len(verdicts) <= 1, (job_id, attempt, entries)
            total = sum(sum(deltas) for deltas in entries.values())
            assert 0 <= total <= entries["reserve"][0], (job_id, attempt, entries)
            if not (job := self.jobs.get(job_id)) or job["state"] == "deleting":
                continue
            if attempt < job["attempt"] or job["state"] in ENDED:
                assert verdicts, (job, attempt, entries)
            if attempt == job["attempt"] and job["state"] in ENDED:
                assert total == job["cost_micros"], (job, entries)
        for job in self.jobs.values():
            assert all((job["id"], n) in books for n in range(1, job["attempt"] + 1)), job

    def the_timeline_ends_where_the_row_is(self) -> None:
        for job in self.jobs.values():
            if job["state"] != "deleting":
                assert self._told[job["id"]] == job["state"], (job, self._told[job["id"]])

    def what_may_run_counts_as_in_flight(self) -> None:
        for job in self.jobs.values():
            if job["state"] in ("submitting", "generating", "needs_review"):
                one = self.submissions[job["submission_id"]]
                was_over = job["state"] == "generating" and one["error_code"] == "generation_timeout"
                refused = one["outcome"] in ("rejected", "not_accepted", "not_sent")
                assert one["ended_at"] is None or was_over or refused, (job, one)
            elif job["state"] in ("queued", "completed", "collecting"):
                left = [one for one in self.submissions.values() if one["job_id"] == job["id"] and not one["ended_at"]]
                assert not left or job["state"] == "queued", (job, left)
