"""An operator hears of each trouble once when it begins and once when it is over, however many processes look."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from db import alerts
from db.connection import Pool
from db.queue_figures import StallPolicy
from observing import conditions
from observing.page import Limits
from observing.telling import Receivers
from observing.watch import Watch
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import move
from tests.stack.receiver import Receiver, receiving

LIMITS = Limits(timedelta(days=1), StallPolicy(timedelta(seconds=60), timedelta(minutes=30), 10), 1_000_000)
NOW_DUE = "UPDATE reelwork.alerts SET next_at = now()"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    with receiving() as opened:
        yield opened


def watch(pool: Pool, *receivers: Receiver) -> Watch:
    return Watch(pool, LIMITS, Receivers([one.url for one in receivers]), lambda: conditions.spent(pool, LIMITS))


async def test_one_message_at_start_and_one_at_end_though_many_look(api: Api, pool: Pool, receiver: Receiver) -> None:
    job_id = (await api.generate())["jobId"]
    watches = [watch(pool, receiver) for _ in range(6)]
    await move(pool, job_id, "needs_review")

    for _ in range(3):
        await asyncio.gather(*(one.run_once() for one in watches))
    assert len(receiver.texts) == 1
    await move(pool, job_id, "failed")
    for _ in range(3):
        await asyncio.gather(*(one.run_once() for one in watches))

    told = "1 video(s) need a decision, as nobody knows whether the provider accepted them. See `reelwork review`."
    assert receiver.texts == [f"Reelwork: {told}", f"Over: {told}"]


async def test_a_receiver_that_failed_is_told_again_and_the_other_is_not(api: Api, pool: Pool) -> None:
    await move(pool, (await api.generate())["jobId"], "needs_review")
    with receiving() as good, receiving() as bad:
        bad.status = 500
        looking = watch(pool, good, bad)
        await looking.run_once()
        await looking.run_once()
        assert (len(good.texts), len(bad.texts)) == (1, 0)

        bad.status = 200
        await pool.execute(NOW_DUE)
        await looking.run_once()
        await pool.execute(NOW_DUE)
        await looking.run_once()

        assert (len(good.texts), len(bad.texts)) == (1, 1)


async def test_each_trouble_is_seen_and_over_when_it_is_mended(
    open_api: OpenApi, pool: Pool, receiver: Receiver
) -> None:
    async with open_api(BUDGET_USD_PER_DAY="1") as api:
        await everything_goes_wrong_and_is_mended(api, pool, receiver)


async def everything_goes_wrong_and_is_mended(api: Api, pool: Pool, receiver: Receiver) -> None:
    job_id = (await api.generate())["jobId"]
    looking = watch(pool, receiver)
    await pool.execute("UPDATE reelwork.ledger SET micros = 900000, delta_micros = 900000")
    await pool.execute(
        "UPDATE reelwork.lanes SET breaker = 'open', blocked_until = now() + interval '1 minute',"
        " blocked_reason = 'invalid_api_key'"
    )
    await move(pool, job_id, "collecting")
    await pool.execute(
        "UPDATE reelwork.video_jobs SET error_code = 'storage_failed', error_message = 'no room',"
        " result = jsonb_build_object('expiresAt', now() + interval '10 minutes')"
    )
    await looking.run_once()

    open_keys = {one.key.partition(":")[0] for one in await alerts.listed(pool)}
    assert open_keys == {"breaker", "key_refused", "storage", "copy_expires", "budget_80", "budget_100"}
    assert len(receiver.texts) == 6

    await pool.execute("UPDATE reelwork.lanes SET breaker = 'closed', blocked_until = NULL")
    await pool.execute("UPDATE reelwork.video_jobs SET state = 'failed', error_code = 'asset_expired'")
    await pool.execute("UPDATE reelwork.ledger SET micros = 1, delta_micros = 1")
    await looking.run_once()
    await looking.run_once()

    assert all(one.ended_at is not None and one.told == "end" for one in await alerts.listed(pool))
    assert len(receiver.texts) == 12


async def test_a_rate_limit_that_passes_is_no_alert(api: Api, pool: Pool) -> None:
    await api.generate()
    await pool.execute(
        "UPDATE reelwork.lanes SET blocked_until = now() + interval '1 minute', blocked_reason = 'rate_limited'"
    )
    await watch(pool).run_once()

    assert await alerts.listed(pool) == []


async def test_what_comes_back_before_its_end_was_told_is_no_news(api: Api, pool: Pool, receiver: Receiver) -> None:
    job_id = (await api.generate())["jobId"]
    looking = watch(pool, receiver)
    await move(pool, job_id, "needs_review")
    await looking.run_once()
    receiver.status = 500
    await move(pool, job_id, "failed")
    await looking.run_once()
    receiver.status = 200
    await move(pool, job_id, "needs_review")
    await looking.run_once()

    assert len(receiver.texts) == 1
    (alert,) = await alerts.listed(pool)
    assert (alert.ended_at, alert.told) == (None, "start")


async def test_the_test_message_arrives_or_says_why_not(open_api: OpenApi, receiver: Receiver) -> None:
    async with open_api() as api:
        assert (await api.client.post("/api/admin/alerts/test")).json()["code"] == "no_receiver"
    async with open_api(ALERT_WEBHOOK_URL=receiver.url) as api:
        answer = await api.client.post("/api/admin/alerts/test")
        assert (answer.status_code, answer.json()) == (200, {"success": True, "receivers": 1})
        assert receiver.texts == ["Reelwork: this is a test. Alerts of this installation arrive here."]
        receiver.status = 404
        refused = await api.client.post("/api/admin/alerts/test")
        assert (refused.status_code, refused.json()["code"]) == (502, "not_told")
        assert "secret" not in refused.text
        assert (await api.client.get("/api/admin/alerts")).json()["receivers"] == 1


async def test_without_sentrys_package_its_address_is_a_receiver_that_fails(open_api: OpenApi) -> None:
    async with open_api(SENTRY_DSN="https://key@sentry.example/1") as api:
        assert (await api.client.post("/api/admin/alerts/test")).json()["code"] == "not_told"
