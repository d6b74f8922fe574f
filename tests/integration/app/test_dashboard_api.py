"""What the dashboard stands on: its session, the search over all jobs, actions on many, and the audit log."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app import sessions
from db.connection import Pool
from tests.integration.app.conftest import ADMIN_KEY, Api
from tests.integration.app.rows import living_worker, move
from tests.integration.app.test_auth import key_of

OWN = {sessions.HEADER: "1", "Origin": "http://api.test"}


@asynccontextmanager
async def browser(api: Api, key: str, url: str = "http://api.test") -> Any:
    """A browser that is signed in."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api.app), base_url=url) as client:
        answer = await client.post("/api/admin/session", json={"key": key})
        assert answer.status_code == 201, answer.text
        yield client


async def act(api: Api, **wish: Any) -> Any:
    answer = await api.client.post("/api/admin/jobs/bulk", json=wish)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_key_becomes_a_session_that_ends_with_sign_out(api: Api) -> None:
    async with browser(api, ADMIN_KEY) as client:
        assert (await client.get("/api/admin/session")).json()["mayAdminister"] is True
        assert (await client.get("/api/jobs")).status_code == 200

        out = await client.delete("/api/admin/session", headers=OWN)

        assert out.json() == {"signedOut": True}
        assert (await client.get("/api/admin/session")).json() == {"signedIn": False}
        assert (await client.get("/api/jobs")).status_code == 401


async def test_the_cookie_is_for_this_server_alone_and_holds_no_key(api: Api) -> None:
    for url, secure in (("http://api.test", False), ("https://api.test", True)):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=api.app), base_url=url) as client:
            answer = await client.post("/api/admin/session", json={"key": ADMIN_KEY})
            cookie = answer.headers["set-cookie"].lower()
            assert "httponly" in cookie
            assert "samesite=strict" in cookie
            assert ("secure" in cookie) is secure
            assert ADMIN_KEY not in answer.text + answer.headers["set-cookie"]


async def test_a_session_is_over_after_its_time_and_never_one_that_was_changed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browser(api, ADMIN_KEY) as client:
        whole = client.cookies[sessions.COOKIE]
        client.cookies.set(sessions.COOKIE, whole[:-4] + "AAAA", domain="api.test")
        changed = await client.get("/api/jobs", headers={"Cookie": f"{sessions.COOKIE}={whole[:-4]}AAAA"})
    monkeypatch.setattr(sessions, "LIFETIME", -sessions.LIFETIME)
    cookie, _ = sessions.begin(api.app.state.deps.sealer, b"0" * 32, 1e9)
    old = await api.stranger.get("/api/jobs", headers={"Cookie": f"{sessions.COOKIE}={cookie}"})

    assert (changed.status_code, changed.json()["code"]) == (401, "session_over")
    assert (old.status_code, old.json()["code"]) == (401, "session_over")


async def test_a_sessions_write_comes_from_the_dashboard_or_not_at_all(api: Api) -> None:
    foreign = [
        ({sessions.HEADER: "1"}, "cross_site"),
        ({**OWN, "Origin": "https://evil.test"}, "cross_site"),
        ({"Origin": "http://api.test"}, "not_from_dashboard"),
    ]
    async with browser(api, ADMIN_KEY) as client:
        for headers, code in foreign:
            answer = await client.post("/api/admin/pause", json={}, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, code), headers

        assert (await client.post("/api/admin/pause", json={}, headers=OWN)).status_code == 200


async def test_who_only_observes_sees_everything_and_acts_on_nothing(api: Api) -> None:
    job_id = (await api.generate())["jobId"]
    await key_of(api, "watcher", "observe")
    key = api.stranger.headers["Authorization"].removeprefix("Bearer ")
    async with browser(api, key) as client:
        client.headers.update(OWN)
        assert (await client.get("/api/admin/session")).json()["mayOperate"] is False
        assert (await client.get(f"/api/video/{job_id}")).status_code == 200
        assert (await client.get("/api/admin/jobs")).json()["jobs"][0]["jobId"] == job_id
        assert (await client.get("/api/admin/lanes")).status_code == 200
        for path in ("/api/admin/pause", "/api/admin/jobs/bulk", f"/api/video/{job_id}/cancel"):
            assert (await client.post(path, json={})).status_code == 403, path


async def test_a_key_without_a_scope_for_it_opens_no_session(api: Api) -> None:
    await key_of(api, "studio", "read", "generate")
    key = api.stranger.headers["Authorization"].removeprefix("Bearer ")

    answer = await api.stranger.post("/api/admin/session", json={"key": key})
    wrong = await api.stranger.post("/api/admin/session", json={"key": "wrong"})

    assert (answer.status_code, answer.json()["scope"]) == (403, "observe")
    assert wrong.status_code == 401


async def test_jobs_are_found_by_every_mark_and_by_the_words_of_their_prompts(api: Api, pool: Pool) -> None:
    harbour = (await api.generate(scene="A harbour at dawn", storyboardId="sea"))["jobId"]
    desert = (await api.generate(scene="A desert at noon", storyboardId="land", provider="omni"))["jobId"]
    await move(pool, desert, "failed", error_code="moderation")

    async def found(query: str) -> list[str]:
        answer = await api.client.get(f"/api/admin/jobs?{query}")
        assert answer.status_code == 200, answer.text
        return [job["jobId"] for job in answer.json()["jobs"]]

    assert await found("") == [desert, harbour]
    assert await found("sort=oldest") == [harbour, desert]
    assert await found("sort=ended") == [desert]
    for query in ("q=harb+DAWN", f"q={harbour}", "status=queued", "stage=queued", "provider=sora", "storyboardId=sea"):
        assert await found(query) == [harbour], query
    for query in ("q=noon", "errorCode=moderation", "status=failed,cancelled", "model=gemini-omni-1.2-flash"):
        assert await found(query) == [desert], query
    assert await found("q=harbour+noon") == []
    assert await found("since=2999-01-01T00:00:00Z") == []
    assert len(await found("until=2999-01-01T00:00:00Z")) == 2


async def test_pages_follow_each_other_without_a_gap_in_every_order(api: Api, pool: Pool) -> None:
    made = [(await api.generate(scene=f"scene {number}"))["jobId"] for number in range(5)]
    for job_id in made:
        await move(pool, job_id, "completed")

    for sort in ("newest", "oldest", "ended"):
        seen, after = [], ""
        while after is not None:
            page = (await api.client.get("/api/admin/jobs", params={"sort": sort, "limit": 2, "after": after})).json()
            seen += [job["jobId"] for job in page["jobs"]]
            after = page["nextCursor"]
        assert seen == (made if sort == "oldest" else made[::-1]), sort


async def test_a_forecast_says_the_price_and_changes_nothing(api: Api, pool: Pool) -> None:
    paid, free = (await api.generate())["jobId"], (await api.generate(scene="another"))["jobId"]
    await move(pool, paid, "failed", error_code="provider_failed")
    await move(pool, free, "failed", error_code="storage_failed", result={"url": "x"})
    await api.generate(scene="waits")

    told = await act(api, action="retry", filter={}, dryRun=True)

    price = (await api.job(paid))["costEstimateUsd"]
    assert (told["matched"], told["affected"], told["paidRetries"], told["costUsd"]) == (3, 2, 1, price)
    assert (await api.job(paid))["status"] == "failed"
    assert (await api.client.get("/api/admin/audit")).json()["lines"] == []


async def test_actions_on_many_do_what_can_be_done_and_say_what_was_refused(api: Api, pool: Pool) -> None:
    failed, queued = (await api.generate())["jobId"], (await api.generate(scene="another"))["jobId"]
    running = (await api.generate(scene="a third", provider="omni"))["jobId"]
    await move(pool, failed, "failed", error_code="provider_failed")
    await move(pool, running, "collecting")

    moved = await act(api, action="reprioritise", ids=[queued, running], priority=0)
    retried = await act(api, action="retry", filter={"status": "failed"})
    ended = await act(api, action="cancel", filter={})
    deleted = await act(api, action="delete", ids=[queued, failed, running])

    assert moved["done"] == [queued]
    assert retried["done"] == [failed]
    assert set(ended["done"]) == {failed, queued}
    assert ended["refusedBy"] == {"already_paid": 1}
    assert set(deleted["done"]) == {failed, queued}
    assert (await api.client.get("/api/admin/jobs")).json()["jobs"][0]["jobId"] == running


async def test_a_large_action_goes_on_piece_by_piece(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.admin.bulk._PIECE", 2)
    made = {(await api.generate(scene=f"scene {number}"))["jobId"] for number in range(5)}

    done, after, pieces = set(), None, 0
    while pieces == 0 or after:
        piece = await act(api, action="cancel", filter={}, after=after)
        done, after, pieces = done | set(piece["done"]), piece["nextAfter"], pieces + 1

    assert done == made
    assert pieces == 3


async def test_every_act_of_an_operator_is_in_the_audit_log_with_its_key(api: Api) -> None:
    job_id = (await api.generate())["jobId"]
    await key_of(api, "night-shift", "operate", "generate")
    operator = api.stranger
    await operator.post("/api/admin/jobs/bulk", json={"action": "cancel", "ids": [job_id]})
    await operator.post("/api/admin/pause", json={"reason": "invoice"})
    await api.client.delete(f"/api/video/{job_id}")
    await api.client.post("/api/admin/credentials", json={"provider": "omni", "key": "AIzaSecret0123456789"})

    lines = (await api.client.get("/api/admin/audit")).json()["lines"]

    acts = [(line["who"], line["action"], line["target"]) for line in lines]
    assert ("night-shift/test", "POST /api/admin/jobs/bulk", job_id) in acts
    assert ("night-shift/test", "POST /api/admin/pause", None) in acts
    assert ("default/ADMIN_KEY", "DELETE /api/video/{job_id}", job_id) in acts
    assert next(line for line in lines if "pause" in line["action"])["data"] == {"reason": "invoice"}
    assert "AIzaSecret0123456789" not in str(lines)
    of_job = (await api.client.get(f"/api/admin/audit?target={job_id}&limit=1")).json()
    assert (len(of_job["lines"]), of_job["nextBefore"]) == (1, of_job["lines"][0]["id"])


async def test_the_pages_load_nothing_from_elsewhere(api: Api) -> None:
    for path in ("/admin", "/admin/jobs/anything", "/admin/static/main.js", "/admin/static/base.css"):
        answer = await api.stranger.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    assert (await api.stranger.get("/admin/static/%2e%2e/routes.py")).status_code == 404
    assert (await api.stranger.get("/admin/static/nothing.js")).status_code == 404


async def test_the_overview_says_in_words_what_is_wrong_and_where_to_go(api: Api, pool: Pool) -> None:
    async def advice() -> dict[str, str]:
        seen = (await api.client.get("/api/admin/overview")).json()
        return {one["text"]: one["level"] for one in seen["advice"]}

    lost = (await api.generate())["jobId"]
    await move(pool, lost, "needs_review")
    waiting = (await api.generate(scene="another"))["jobId"]
    without_worker = await advice()
    await living_worker(pool)
    await pool.execute("UPDATE reelwork.lanes SET breaker = 'open', breaker_reason = 'five errors in a row'")
    await api.client.post("/api/admin/pause", json={"reason": "invoice"})
    held = await advice()

    assert any("No worker is alive, and 1 video waits for one" in text for text in without_worker)
    assert any("1 video needs a decision" in text for text in held)
    assert any("five errors in a row); 1 video waits" in text for text in held)
    assert held["All spending is paused (invoice): nothing new starts until you resume it."] == "bad"
    assert not any("No worker" in text for text in held)
    seen = (await api.client.get("/api/admin/overview")).json()
    assert (seen["stages"], seen["workers"][0]["host"]) == ({"needs_review": 1, "queued": 1}, "dyno-1")
    assert seen["spentTodayUsd"] == 2 * (await api.job(waiting))["costEstimateUsd"]


async def test_history_counts_what_ended_by_time_and_by_reason(api: Api, pool: Pool) -> None:
    made = [(await api.generate(scene=f"scene {number}"))["jobId"] for number in range(3)]
    await move(pool, made[0], "completed", created_at=datetime.now(UTC) - timedelta(seconds=90))
    await move(pool, made[1], "failed", error_code="moderation")
    await move(pool, made[2], "cancelled")

    for span, buckets in (("hour", 61), ("day", 49), ("week", 57)):
        seen = (await api.client.get("/api/admin/history", params={"span": span})).json()
        ended = [sum(one[name] for one in seen["buckets"]) for name in ("completed", "failed", "cancelled")]
        assert ended == [1, 1, 1], span
        assert len(seen["buckets"]) in (buckets, buckets + 1)
        assert seen["failures"][0]["code"] == "moderation"
        assert 89 < seen["took"]["medianSeconds"] < 180
        assert len(seen["spent"]) == 7
    assert (await api.client.get("/api/admin/history?span=year")).status_code == 400


async def test_a_job_is_shown_with_its_calls_its_ledger_and_what_can_be_done(api: Api, pool: Pool) -> None:
    job_id = (await api.generate(storyboardId="sea"))["jobId"]
    await move(pool, job_id, "failed", error_code="provider_failed", provider_job_id="video_1")

    seen = (await api.client.get(f"/api/admin/jobs/{job_id}")).json()
    boards = (await api.client.get("/api/admin/storyboards")).json()["storyboards"]

    assert seen["video"]["jobId"] == job_id
    assert [call["providerJobId"] for call in seen["submissions"]] == ["video_1"]
    assert [(line["entry"], line["usd"]) for line in seen["ledger"]] == [("reserve", seen["video"]["costEstimateUsd"])]
    assert [(one["action"], one["costUsd"]) for one in seen["actions"]] == [
        ("retry", seen["video"]["costEstimateUsd"]),
        ("delete", 0.0),
    ]
    assert [(one["storyboardId"], one["scenes"], one["unmade"]) for one in boards] == [("sea", 1, 1)]
    assert (await api.client.get("/api/admin/jobs/00000000-0000-4000-8000-00000000dead")).status_code == 404


async def test_a_review_shows_the_intent_where_the_provider_does_not_answer(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "needs_review")

    seen = (await api.client.get(f"/api/admin/review/{job_id}")).json()

    assert seen["label"] == f"rw-{job_id}"
    assert (seen["candidates"], seen["listed"]) == ([], False)
    assert "TryLater" in seen["trouble"]
