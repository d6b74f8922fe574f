"""Storyboards go in whole or not at all; lists show what a caller may see, page by page."""

from uuid import UUID, uuid4

from db.connection import Pool
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import move

SCENES = [
    {"sceneId": "1", "scene": "a harbour"},
    {"sceneId": "2", "scene": {"description": "a lighthouse", "mood": "tense"}, "provider": "veo"},
    {"sceneId": "3", "scene": "a storm", "duration": 4},
]
DEFAULTS = {"provider": "sora", "seconds": 8, "presetKey": "noir"}


async def count(pool: Pool) -> int:
    found: int = await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs")
    return found


async def test_all_scenes_are_accepted_in_their_order_with_the_defaults_under_them(api: Api) -> None:
    response = await api.client.post("/api/storyboards/film/generate", json={"defaults": DEFAULTS, "scenes": SCENES})

    answer = response.json()
    assert response.status_code == 202
    assert [job["provider"] for job in answer["jobs"]] == ["sora", "veo", "sora"]
    assert all("noir" in job["prompt"] for job in answer["jobs"])
    assert answer["costEstimateUsd"] == sum(job["costEstimateUsd"] for job in answer["jobs"])
    shown = (await api.client.get("/api/storyboards/film")).json()
    assert {job["sceneId"] for job in shown["jobs"]} == {"1", "2", "3"}
    assert (shown["counts"]["queued"], shown["counts"]["completed"], shown["counts"]["total"]) == (3, 0, 3)
    lengths = {job["sceneId"]: job["params"]["seconds"] for job in shown["jobs"]}
    assert lengths == {"1": 8, "2": 8, "3": 4}


async def test_scenes_are_shown_in_the_order_in_which_they_were_sent(api: Api) -> None:
    scenes = [{"sceneId": f"{n}", "scene": f"wave {n}", "jobId": str(UUID(int=1000 - n))} for n in range(12)]

    sent = await api.client.post("/api/storyboards/film/generate", json={"defaults": DEFAULTS, "scenes": scenes})
    shown = (await api.client.get("/api/storyboards/film")).json()
    listed = (await api.client.get("/api/jobs?storyboardId=film&limit=5")).json()

    order = [job["jobId"] for job in sent.json()["jobs"]]
    assert order == [scene["jobId"] for scene in scenes]
    assert [job["jobId"] for job in shown["jobs"]] == order
    assert [job["jobId"] for job in listed["jobs"]] == order[:-6:-1]


async def test_one_scene_that_cannot_be_made_and_none_is_accepted(api: Api, pool: Pool) -> None:
    scenes = [*SCENES, {"sceneId": "4"}, {"sceneId": "5", "scene": "x", "provider": "veo", "seconds": 5}]

    response = await api.client.post("/api/storyboards/film/generate", json={"defaults": DEFAULTS, "scenes": scenes})
    unmakeable = await api.client.post(
        "/api/storyboards/film/generate", json={"defaults": DEFAULTS, "scenes": [*SCENES, scenes[-1]]}
    )

    assert response.status_code == unmakeable.status_code == 400
    assert [error["path"] for error in response.json()["errors"]] == ["scenes.3.scene"]
    assert [error["path"] for error in unmakeable.json()["errors"]] == ["scenes.3.seconds"]
    assert await count(pool) == 0


async def test_a_fault_in_the_defaults_is_named_there_once(api: Api) -> None:
    response = await api.client.post(
        "/api/storyboards/film/generate", json={"defaults": {"provider": "sora", "fps": "many"}, "scenes": SCENES}
    )

    assert [error["path"] for error in response.json()["errors"]] == ["defaults.fps"]


async def test_a_storyboard_over_budget_is_refused_whole(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(BUDGET_USD_PER_DAY="2.00") as api:
        response = await api.client.post(
            "/api/storyboards/film/generate", json={"defaults": DEFAULTS, "scenes": SCENES}
        )

    assert response.status_code == 402
    assert await count(pool) == 0


async def test_a_repeat_with_the_callers_own_ids_makes_no_second_video(api: Api, pool: Pool) -> None:
    body = {"defaults": DEFAULTS, "scenes": [scene | {"jobId": str(uuid4())} for scene in SCENES]}

    first = await api.client.post("/api/storyboards/film/generate", json=body)
    again = await api.client.post("/api/storyboards/film/generate", json=body)

    assert first.json() == again.json()
    assert await count(pool) == 3


async def test_a_storyboard_that_nobody_asked_for_is_404(api: Api) -> None:
    assert (await api.client.get("/api/storyboards/none")).status_code == 404


async def test_a_list_goes_page_by_page_newest_first_and_ends(api: Api) -> None:
    made = [(await api.generate(sceneId=str(number)))["jobId"] for number in range(5)]

    seen: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor:
        query = {"limit": "2"} | ({"after": cursor} if cursor else {})
        page = (await api.client.get("/api/jobs", params=query)).json()
        seen += [job["jobId"] for job in page["jobs"]]
        cursor, pages = page["nextCursor"], pages + 1

    assert seen == made[::-1]
    assert pages == 3


async def test_a_list_can_be_narrowed_to_a_status_and_a_storyboard(api: Api, pool: Pool) -> None:
    one = (await api.generate(storyboardId="a"))["jobId"]
    two = (await api.generate(storyboardId="b"))["jobId"]
    await move(pool, two, "generating")

    processing = (await api.client.get("/api/jobs", params={"status": "processing"})).json()["jobs"]
    of_a = (await api.client.get("/api/jobs", params={"storyboardId": "a"})).json()["jobs"]
    wrong = [
        await api.client.get("/api/jobs", params=query)
        for query in ({"status": "lost"}, {"limit": "0"}, {"limit": "x"}, {"after": "!!"})
    ]

    assert [job["jobId"] for job in processing] == [two]
    assert [job["jobId"] for job in of_a] == [one]
    assert {answer.status_code for answer in wrong} == {400}


async def test_models_say_what_can_be_called_here_and_why_not(open_api: OpenApi) -> None:
    async with open_api(GEMINI_API_KEY=None, GEMINI_BASE_URL=None, OPENAI_BASE_URL=None) as api:
        models = {model["model"]: model for model in (await api.client.get("/api/models")).json()["models"]}

    veo, sora, omni = models["veo-3.1-generate-001"], models["sora-2"], models["gemini-omni-1.2-flash"]
    assert (veo["callable"], veo["provider"], veo["reason"]) == (True, "veo", None)
    assert not sora["callable"]
    assert sora["retiredAt"] == "2026-09-24"
    assert not omni["callable"]
    assert "key" in omni["reason"]
    assert veo["pricePerSecondUsd"]["4k"] == 0.6
