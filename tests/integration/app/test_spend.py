"""What was spent: sums that agree with the ledger, and the ledger as a spreadsheet."""

import csv
import io
from typing import Any

from db.connection import Pool
from db.states import JobState
from tests.integration.app.conftest import Api
from tests.integration.app.rows import committed, move
from tests.integration.app.test_auth import key_of

VIDEO = {"storyboardId": "s", "provider": "sora", "scene": "x", "seconds": 8}
NAME = "=HYPERLINK(A1)"


async def spent(api: Api, **query: str) -> Any:
    answer = await api.client.get("/api/admin/spend", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def filled(api: Api, pool: Pool) -> None:
    """One video settled as spent, one cancelled for nothing, one that waits; and two of another client."""
    done, ended = [(await api.generate(seconds=8))["jobId"] for _ in range(2)]
    await api.generate(provider="omni", seconds=6)
    await move(pool, done, JobState.GENERATING, provider_job_id="video_1")
    for path in (f"/api/video/{done}/cancel?discard=true", f"/api/video/{ended}/cancel"):
        assert (await api.client.post(path)).status_code == 200
    other = await key_of(api, NAME, "generate")
    for _ in range(2):
        assert (await other.post("/api/video/generate", json=VIDEO)).status_code == 202
    assert (await api.client.delete(f"/api/video/{done}")).status_code == 200


async def test_sums_agree_with_the_ledger_and_tell_spent_from_reserved(api: Api, pool: Pool) -> None:
    await filled(api, pool)

    by_model = {one["model"]: one for one in (await spent(api, by="model"))["groups"]}
    by_client = {one["client"]: one for one in (await spent(api, by="client,month"))["groups"]}
    everything = await spent(api)
    one_client = await spent(api, clientId=by_client[NAME]["clientId"], by="lane")

    assert everything["spentUsd"] + everything["reservedUsd"] == await committed(pool) / 1_000_000
    assert everything["spentUsd"] == by_client["default"]["spentUsd"] == by_model["sora-2"]["spentUsd"] == 0.8
    assert (by_model["sora-2"]["reservedUsd"], by_model["sora-2"]["attempts"]) == (1.6, 4)
    assert (by_client[NAME]["reservedUsd"], by_client[NAME]["spentUsd"]) == (1.6, 0)
    assert set(by_model) == {"sora-2", "gemini-omni-1.2-flash"}
    assert [one["provider"] for one in one_client["groups"]] == ["sora"]
    assert (await spent(api, **{"from": "2020-01-01", "to": "2020-12-31"}))["groups"] == []


async def test_budgets_are_shown_with_what_is_left(api: Api, pool: Pool) -> None:
    await filled(api, pool)
    (default, *_) = (await api.client.get("/api/admin/clients")).json()["clients"]
    await api.client.patch(f"/api/admin/clients/{default['id']}", json={"budgetUsdPerMonth": 10})

    (budget,) = (await spent(api))["budgets"]

    assert (budget["budget"], budget["id"], budget["period"]) == ("client", default["id"], "month")
    assert budget["remainingUsd"] == 10 - budget["committedUsd"]


async def test_the_ledger_comes_as_csv_that_adds_up_and_runs_nothing(api: Api, pool: Pool) -> None:
    await filled(api, pool)

    answer = await api.client.get("/api/admin/ledger.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["content-type"].startswith("text/csv")
    assert len(rows) == await pool.fetchval("SELECT count(*) FROM reelwork.ledger")
    assert round(sum(float(row["deltaUsd"]) for row in rows), 6) == await committed(pool) / 1_000_000
    assert {row["client"] for row in rows} == {"default", "'" + NAME}
    assert "-0.800000" in [row["deltaUsd"] for row in rows]
    narrowed = await api.client.get("/api/admin/ledger.csv", params={"clientId": rows[-1]["clientId"]})
    assert len(narrowed.text.splitlines()) == 1 + len([row for row in rows if row["clientId"] == rows[-1]["clientId"]])


async def test_a_query_that_is_not_one_is_refused_by_name(api: Api) -> None:
    for query in ({"by": "colour"}, {"from": "soon"}, {"from": "2026-01-02", "to": "2026-01-01"}, {"laneId": "x"}):
        for path in ("spend", "ledger.csv"):
            answer = await api.client.get(f"/api/admin/{path}", params=query)
            expected = 200 if path == "ledger.csv" and "by" in query else 400
            assert answer.status_code == expected, (path, query)
