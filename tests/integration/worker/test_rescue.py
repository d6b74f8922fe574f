"""Every row that nothing would move, built by hand, moves while a worker runs."""

from uuid import UUID, uuid4

from tests.stack.installation import Installation
from tests.stack.waiting import until

_NOWHERE = "UPDATE reelwork.video_jobs SET state = $2, due_at = NULL, owner = $3 WHERE id = $1"
_PUT_OFF = "UPDATE reelwork.video_jobs SET due_at = now() + interval '1 day', tag = NULL WHERE id = ANY ($1::uuid[])"
_INTENT = """
WITH intent AS (
  INSERT INTO reelwork.submissions (id, job_id, lane_id, attempt, epoch, fingerprint, label, deadline_at, provider_id)
  SELECT gen_random_uuid(), id, lane_id, attempt, epoch, fingerprint, 'rw-' || id, now(), $2
  FROM reelwork.video_jobs WHERE id = $1 RETURNING id, job_id
)
UPDATE reelwork.video_jobs j SET submission_id = intent.id, provider_job_id = $3, wait_until = now() + interval '1 hour'
FROM intent WHERE j.id = intent.job_id
"""
_COLLECT = """
UPDATE reelwork.video_jobs SET state = 'collecting', result = '{}', next_at = now() - interval '1 hour' WHERE id = $1
"""
_ENDED_WORKER = """
INSERT INTO reelwork.workers (id, host, pid, version, beat, ended_at) VALUES ($1, 'gone', 1, '0', now(), now())
"""
_LIVING = "SELECT id FROM reelwork.workers WHERE host <> 'gone'"
_CANCEL = "UPDATE reelwork.video_jobs SET cancel_requested_at = now() WHERE id = $1"
_EXPIRE = "UPDATE reelwork.video_jobs SET expires_at = now() WHERE id = $1"
_HALF_DELETED = """
UPDATE reelwork.video_jobs SET state = 'deleting', updated_at = now() - interval '2 minutes' WHERE id = $1
"""


async def _held(installation: Installation, job_id: UUID, state: str, owner: UUID | None, name: str | None) -> None:
    """A row in somebody's hands; `name`, where given, is the provider's and known to row and submission."""
    await installation.pool.execute(_INTENT, job_id, name, name if state == "generating" else None)
    await installation.pool.execute(_NOWHERE, job_id, state, owner)


async def _named(installation: Installation, number: int) -> list[str]:
    """Ids of videos at the provider that are nobody's here yet."""
    await installation.submit([f"made before {n}" for n in range(number)])
    first = installation.start_worker(PROVIDER_COPY="keep")
    await installation.all_ended(120)
    first.kill()
    first.wait(10)
    rows = await installation.pool.fetch("DELETE FROM reelwork.submissions RETURNING provider_id")
    await installation.pool.execute("DELETE FROM reelwork.video_jobs")
    return [row["provider_id"] for row in rows]


async def test_each_row_that_nobody_would_move_is_moved(installation: Installation) -> None:
    installation.settings |= {"LEASE_SECONDS": "4", "HEARTBEAT_SECONDS": "1"}
    names = await _named(installation, 7)
    jobs = await installation.submit([f"stuck {n}" for n in range(12)])
    await installation.pool.execute(_PUT_OFF, jobs)
    installation.start_worker()

    async def living() -> object:
        return await installation.pool.fetchval(f"{_LIVING} AND ended_at IS NULL ORDER BY started_at DESC LIMIT 1")

    me, gone = UUID(str(await until(living, 120, "a worker"))), uuid4()
    await installation.pool.execute(_ENDED_WORKER, gone)
    await _held(installation, jobs[0], "generating", me, names[0])
    await _held(installation, jobs[1], "generating", None, names[1])
    await _held(installation, jobs[2], "generating", gone, names[2])
    await _held(installation, jobs[3], "generating", uuid4(), names[3])
    await _held(installation, jobs[4], "submitting", None, names[4])
    await _held(installation, jobs[5], "generating", None, names[5])
    await installation.pool.execute(_COLLECT, jobs[5])
    await _held(installation, jobs[6], "generating", me, names[6])
    await installation.pool.execute(_COLLECT, jobs[6])
    await installation.pool.execute(_NOWHERE, jobs[7], "submitting", me)
    await installation.pool.execute(_NOWHERE, jobs[8], "queued", None)
    for statement, job_id in zip((_CANCEL, _EXPIRE, _HALF_DELETED), jobs[9:], strict=True):
        await installation.pool.execute(statement, job_id)

    async def all_moved() -> bool:
        wanted = {"completed": 8, "needs_review": 1, "cancelled": 1, "failed": 1}
        return await installation.states() == wanted

    try:
        await until(all_moved, 200, "all rows to be moved")
    except AssertionError as error:
        rows = await installation.pool.fetch("SELECT prompt, state, owner, error_code FROM reelwork.video_jobs")
        raise AssertionError(f"{error}: {[tuple(row) for row in rows]}\n{installation.logs()}") from None
    assert [prompt for prompt in installation.paid() if prompt.startswith("stuck")] == ["stuck 8"]
