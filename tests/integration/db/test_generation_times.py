"""What workers learn of how long videos take: one histogram for all of them, in which the old fades."""

from db import generation_times
from db.connection import Pool
from db.generation_times import Sort
from worker.learned import LearnedTimes

SORT = Sort("google_omni", "", "gemini-omni-1.2-flash", "8")


async def test_what_one_worker_saw_the_next_one_knows_at_its_start(pool: Pool) -> None:
    for took_s in (40.0, 50.0):
        worker = LearnedTimes(pool)
        for _ in range(30):
            worker.note(SORT, took_s)
        await worker.run_once()

    started = LearnedTimes(pool)
    assert started.usual(SORT) is None
    await started.run_once()
    usual = started.usual(SORT)

    assert usual is not None
    assert (36 < usual.early_s < 40, 50 < usual.late_s < 55) == (True, True)


async def test_a_model_that_became_faster_is_soon_known_to_be(pool: Pool) -> None:
    worker = LearnedTimes(pool)
    for took_s, rounds in ((100.0, 5), (20.0, 20)):
        for _ in range(rounds):
            for _ in range(200):
                worker.note(SORT, took_s)
            await worker.run_once()

    usual = worker.usual(SORT)

    assert usual is not None
    assert usual.late_s < 25
    weights = (await generation_times.every(pool))[SORT]
    assert sum(weights.values()) < 401
