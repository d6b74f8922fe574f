"""A request becomes a stored video, once."""

import json

from tests.stack.installation import PRICE_MICROS, Installation
from tests.stack.waiting import until


async def test_requests_of_two_kinds_become_stored_videos_each_paid_once(installation: Installation) -> None:
    await installation.submit([f"a red fox {n}" for n in range(3)])
    await installation.submit(["a blue whale"], kind="google_omni", seconds=4)
    installation.start_worker()

    states = await installation.all_ended(within_s=150)

    assert states == {"completed": 4}, installation.logs()
    assert sorted(installation.paid()) == ["a blue whale", "a red fox 0", "a red fox 1", "a red fox 2"]
    assert len(list(installation.videos.glob("*/1/video.mp4"))) == 4
    assert len(list(installation.videos.glob("*/1/poster.webp"))) == 4
    sums = await installation.pool.fetchrow("SELECT sum(delta_micros) AS spent, count(*) AS lines FROM reelwork.ledger")
    assert (sums["spent"], sums["lines"]) == (4 * PRICE_MICROS, 8)


async def test_the_log_has_one_line_for_each_transition_that_names_the_worker(installation: Installation) -> None:
    (job_id,) = await installation.submit(["a red fox"])
    installation.start_worker()

    async def told() -> bool:
        return "-> completed" in installation.log_of("worker-0")

    await until(told, 150, "the last line")
    lines = [json.loads(line) for line in installation.log_of("worker-0").splitlines()]
    worker = str(await installation.pool.fetchval("SELECT id FROM reelwork.workers"))
    moves = [line for line in lines if line["action"] == "transition"]
    assert [line["message"] for line in moves] == [
        "queued -> submitting",
        "submitting -> generating",
        "generating -> collecting",
        "collecting -> completed",
    ]
    assert [line["stage"] for line in moves] == ["submitting", "generating", "collecting", "completed"]
    assert {(line["job_id"], line["worker"], line["provider"], line["attempt"]) for line in moves} == {
        (str(job_id), worker, "openai_videos", 1)
    }
