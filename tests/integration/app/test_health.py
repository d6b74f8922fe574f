"""Three questions that platforms ask without a key."""

from db.connection import Pool
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import living_worker


async def test_the_process_says_that_it_serves_whatever_else_is_away(open_api: OpenApi) -> None:
    async with open_api(DATABASE_URL="postgresql://nobody@127.0.0.1:9/none", REDIS_URL="redis://127.0.0.1:9") as api:
        alive = await api.stranger.get("/healthz")
        ready = await api.stranger.get("/readyz")
        worker = await api.stranger.get("/api/health/worker")

    assert (alive.status_code, alive.text) == (200, "ok")
    assert (ready.status_code, "retry-after" in ready.headers) == (503, True)
    assert worker.status_code == 503
    assert (worker.json()["postgres"], worker.json()["redis"]) == ("down", "down")


async def test_ready_means_that_postgres_stands_at_this_releases_migration(api: Api, pool: Pool) -> None:
    ready = await api.stranger.get("/readyz")
    await pool.execute("UPDATE reelwork.alembic_version SET version_num = 'older'")
    behind = await api.stranger.get("/readyz")

    assert (ready.status_code, behind.status_code) == (200, 503)
    assert "python -m db.migrate" in behind.json()["detail"]


async def test_without_a_worker_health_is_503_and_says_so(api: Api, pool: Pool) -> None:
    await living_worker(pool, silent_for_s=60)

    answer = await api.stranger.get("/api/health/worker")

    assert answer.status_code == 503
    assert answer.json()["error"] == "no worker lives"
    assert answer.json()["activeWorkers"] is False


async def test_a_living_worker_is_shown_and_makes_it_healthy(api: Api, pool: Pool) -> None:
    await living_worker(pool, silent_for_s=2)

    answer = await api.stranger.get("/api/health/worker")

    body = answer.json()
    assert (answer.status_code, body["healthy"], body["activeWorkers"]) == (200, True, True)
    assert (body["redis"], body["postgres"]) == ("connected", "connected")
    assert {"id", "host", "inFlight", "heartbeatAgeSeconds", "version"} <= set(body["workers"][0])
    assert 2 <= body["workers"][0]["heartbeatAgeSeconds"] < 8
    assert "error" not in body


async def test_with_redis_down_alone_health_stays_200(open_api: OpenApi, pool: Pool) -> None:
    await living_worker(pool)
    async with open_api(REDIS_URL="redis://127.0.0.1:9") as api:
        answer = await api.stranger.get("/api/health/worker")

    assert (answer.status_code, answer.json()["redis"]) == (200, "down")


async def test_work_that_stalls_makes_it_503(api: Api, pool: Pool) -> None:
    await living_worker(pool)
    await api.generate()
    await pool.execute("UPDATE reelwork.video_jobs SET due_at = now() - interval '10 minutes'")
    await pool.execute("UPDATE reelwork.lanes SET updated_at = now() - interval '10 minutes'")

    answer = await api.stranger.get("/api/health/worker")

    assert (answer.status_code, answer.json()["activeWorkers"]) == (503, True)
    assert "waits too long" in answer.json()["error"]
