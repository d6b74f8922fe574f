"""A request becomes a stored video, once."""

from tests.stack.installation import PRICE_MICROS, Installation


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
