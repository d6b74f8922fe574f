"""What operators see and set: the queue's figures, lanes, the pause of all spending, priorities, housekeeping."""

from db.connection import Pool
from tests.integration.app.conftest import Api
from tests.integration.app.rows import living_worker, move


async def queue(api: Api) -> dict[str, object]:
    answer: dict[str, object] = (await api.client.get("/api/admin/queue")).json()
    return answer


async def test_the_queues_figures_count_rows_by_what_they_wait_for(api: Api, pool: Pool) -> None:
    for state in ("submitting", "generating", "collecting", "completed", "failed", "needs_review", "cancelled"):
        await move(pool, (await api.generate(sceneId=state))["jobId"], state, error_code="code", error_message="why")
    await api.generate()
    await api.generate(runAt="2099-01-01T00:00:00Z")

    answer = await queue(api)

    assert answer["stats"] == {
        "waiting": 1, "active": 3, "completed": 1, "failed": 1, "delayed": 1, "total": 5,
    }  # fmt: skip
    assert answer["needsReview"] == 1
    (failure,) = answer["recentFailures"]  # type: ignore[misc]
    assert set(failure) == {"id", "data", "failedReason", "attemptsMade", "timestamp"}
    assert set(failure["data"]) == {
        *("jobId", "storyboardId", "sceneId", "provider", "model", "prompt", "size", "resolution", "duration"),
    }
    assert (failure["failedReason"], failure["data"]["sceneId"]) == ("why", "failed")
    failures = (await api.client.get("/api/admin/queue/failed?limit=5")).json()["failures"]
    assert failures == [failure]


async def test_an_idle_queue_is_healthy_and_waiting_work_without_a_worker_is_not(api: Api, pool: Pool) -> None:
    idle = await queue(api)
    await api.generate()
    alone = await queue(api)
    await living_worker(pool)
    served = await queue(api)

    assert [idle["healthy"], alone["healthy"], served["healthy"]] == [True, False, True]
    assert served["workers"] == 1


async def test_a_video_that_waits_on_a_startable_lane_makes_the_queue_unhealthy(api: Api, pool: Pool) -> None:
    await living_worker(pool)
    await api.generate()
    await age(pool)

    waiting_too_long = await queue(api)
    await pool.execute("UPDATE reelwork.lanes SET paused = true")
    paused = await queue(api)
    await pool.execute("UPDATE reelwork.lanes SET paused = false, breaker = 'open'")
    broken = await queue(api)
    await pool.execute("UPDATE reelwork.lanes SET breaker = 'closed', max_in_flight = 1")
    await started(pool, "2 minutes", ended=False)
    full = await queue(api)

    answers = [waiting_too_long, paused, broken, full]
    assert [answer["healthy"] for answer in answers] == [False, True, True, True]
    assert float(str(waiting_too_long["oldestWaitingSeconds"])) > 100


async def test_a_lane_that_started_something_lately_is_at_work(api: Api, pool: Pool) -> None:
    await living_worker(pool)
    await api.generate()
    await age(pool)
    await started(pool, "20 seconds", ended=True)

    assert (await queue(api))["healthy"]


async def test_a_lane_is_listed_and_set_and_given_back_to_the_environment(api: Api) -> None:
    await api.generate()
    (lane,) = (await api.client.get("/api/admin/lanes")).json()["lanes"]
    path = f"/api/admin/lanes/{lane['id']}"

    changed = await api.client.patch(path, json={"ratePerMinute": 30, "maxInFlight": 0, "policy": "resubmit"})
    paused = await api.client.patch(path, json={"paused": True})
    back = await api.client.patch(path, json={"ratePerMinute": None, "paused": False})

    assert (lane["ratePerMinute"], lane["queued"], lane["keyLast4"]) == (None, 1, "6789")
    assert [changed.json()[name] for name in ("ratePerMinute", "maxInFlight", "policy")] == [30, 0, "resubmit"]
    assert (paused.json()["paused"], paused.json()["ratePerMinute"]) == (True, 30)
    assert (back.json()["paused"], back.json()["ratePerMinute"], back.json()["maxInFlight"]) == (False, None, 0)


async def test_a_lane_refuses_what_it_does_not_know(api: Api) -> None:
    unknown = await api.client.patch("/api/admin/lanes/nonsense", json={"paused": True})
    await api.generate()
    (lane,) = (await api.client.get("/api/admin/lanes")).json()["lanes"]
    wrong = [
        await api.client.patch(f"/api/admin/lanes/{lane['id']}", json=body)
        for body in ({}, {"policy": "hope"}, {"ratePerMinute": -1}, {"rate": 1})
    ]

    assert unknown.status_code == 404
    assert {answer.status_code for answer in wrong} == {400}


async def test_all_spending_is_paused_and_resumed(api: Api, pool: Pool) -> None:
    await api.client.post("/api/admin/pause", json={"reason": "invoice to check"})
    paused = (await api.client.get("/api/admin/lanes")).json()
    await api.client.post("/api/admin/resume")
    resumed = (await api.client.get("/api/admin/lanes")).json()

    assert (paused["paused"], paused["pauseReason"]) == (True, "invoice to check")
    assert (resumed["paused"], resumed["pauseReason"]) == (False, None)


async def test_only_a_queued_video_changes_its_priority(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]

    changed = await api.client.patch(f"/api/video/{job_id}", json={"priority": 0})
    await move(pool, job_id, "generating")
    late = await api.client.patch(f"/api/video/{job_id}", json={"priority": 1})

    assert changed.json() == {"jobId": job_id, "priority": 0}
    assert (late.status_code, late.json()["code"]) == (409, "not_queued")
    assert (await api.job(job_id))["priority"] == 0


async def test_the_timeline_tells_what_happened(api: Api) -> None:
    job_id = (await api.generate())["jobId"]
    await api.client.post(f"/api/video/{job_id}/cancel")

    answer = (await api.client.get(f"/api/video/{job_id}/events")).json()

    assert [(event["type"], event["stage"]) for event in answer["events"]] == [
        ("created", "queued"),
        ("cancelled", "cancelled"),
    ]


async def test_housekeeping_keeps_every_job(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "completed")
    await pool.execute("UPDATE reelwork.video_jobs SET completed_at = now() - interval '1 year'")
    await pool.execute("INSERT INTO reelwork.job_events (job_id, type) VALUES ($1::uuid, 'progress')", job_id)

    answer = (await api.client.post("/api/admin/queue/cleanup")).json()

    assert (answer["success"], answer["removed"]) == (True, 1)
    assert (await api.job(job_id))["status"] == "completed"


async def age(pool: Pool) -> None:
    """Everything that waits has waited for ten minutes, on lanes as old."""
    await pool.execute("UPDATE reelwork.video_jobs SET due_at = now() - interval '10 minutes'")
    await pool.execute("UPDATE reelwork.lanes SET updated_at = now() - interval '10 minutes'")


async def started(pool: Pool, ago: str, *, ended: bool) -> None:
    """A submission on the only lane that was started so long ago."""
    await pool.execute(
        "INSERT INTO reelwork.submissions "
        "(id, job_id, lane_id, attempt, epoch, fingerprint, label, intent_at, deadline_at, ended_at) "
        "SELECT gen_random_uuid(), gen_random_uuid(), id, 1, 1, '', 'rw-x', now() - $1::text::interval, now(), "
        "CASE WHEN $2 THEN now() END FROM reelwork.lanes",
        ago,
        ended,
    )
