"""/metrics under some load: what Prometheus reads is well formed, complete and bounded."""

import asyncio
import shutil
from asyncio.subprocess import PIPE, STDOUT

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from db.connection import Pool
from observing.families import FAMILIES
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import move


async def page_of(api: Api) -> str:
    answer = await api.client.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


def values(page: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    found: list[Metric] = list(text_string_to_metric_families(page))
    return {(one.name, frozenset(one.labels.items())): one.value for family in found for one in family.samples}


def value(page: str, name: str, **labels: str) -> float:
    return sum(
        found for (one, have), found in values(page).items() if one == name and labels.items() <= dict(have).items()
    )


async def test_the_page_is_read_by_prometheus_and_its_figures_are_right(api: Api, pool: Pool) -> None:
    made = await asyncio.gather(*(api.generate(scene=f"scene {n}") for n in range(40)))
    await asyncio.gather(*(api.client.get(f"/api/video/{job['jobId']}") for job in made))
    await asyncio.gather(*(api.stranger.get(f"/nowhere/{n}") for n in range(20)))
    await move(pool, made[0]["jobId"], "needs_review")

    page = await page_of(api)

    assert value(page, "reelwork_http_requests_total", route="/api/video/{job_id}", status="200") == 40
    assert value(page, "reelwork_http_requests_total", route="/api/video/generate", status="202") == 40
    assert value(page, "reelwork_http_requests_total", route="none") == 20
    assert value(page, "reelwork_http_request_duration_seconds_count", route="/api/video/generate") == 40
    assert value(page, "reelwork_videos", stage="queued", kind="openai_videos") == 39
    assert value(page, "reelwork_videos", stage="needs_review") == 1
    assert value(page, "reelwork_oldest_video_age_seconds", stage="queued") > 0
    assert value(page, "reelwork_spend_today_usd") == pytest.approx(sum(job["costEstimateUsd"] for job in made))
    assert value(page, "reelwork_workers") == 0
    assert all(job["jobId"] not in page for job in made)


async def test_several_processes_show_the_same_totals(open_api: OpenApi) -> None:
    async with open_api() as first, open_api() as second:
        for _ in range(3):
            await first.client.get("/api/jobs")
            await second.client.get("/api/jobs")
        await page_of(second)

        assert value(await page_of(first), "reelwork_http_requests_total", route="/api/jobs") == 6
    async with open_api() as third:
        assert value(await page_of(third), "reelwork_http_requests_total", route="/api/jobs") == 6


async def test_only_known_families_are_shown_however_odd_the_calls(api: Api) -> None:
    for method in ("GET", "PURGE", "X-ODD"):
        await api.client.request(method, "/api/jobs")

    page = await page_of(api)

    shown = {line.split()[2] for line in page.splitlines() if line.startswith("# TYPE")}
    assert shown <= set(FAMILIES)
    assert value(page, "reelwork_http_requests_total", method="other") == 2


async def test_promtool_finds_nothing_to_say(api: Api) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    await api.generate()
    page = await page_of(api)

    promtool = await asyncio.create_subprocess_exec(
        "promtool", "check", "metrics", stdin=PIPE, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await promtool.communicate(page.encode())

    assert (promtool.returncode, said) == (0, b"")
