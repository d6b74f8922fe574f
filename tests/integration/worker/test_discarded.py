"""A video that is given up while it is fetched leaves nothing in the storage."""

from db import steering
from tests.stack.installation import Installation
from tests.stack.waiting import until

_SLOWLY = "a cat [sim:bytes=200000] [sim:content=drip,bytes_per_s=100000]"


async def test_what_was_stored_after_a_cancel_is_taken_away(installation: Installation) -> None:
    (job_id,) = await installation.submit([_SLOWLY])
    installation.start_worker()
    transfers = installation.folder / "work"

    async def is_fetching() -> bool:
        return any(transfers.glob("*/video.mp4"))

    async def is_over() -> bool:
        return not any(transfers.iterdir()) and not list(installation.videos.glob("*/*/*"))

    await until(is_fetching, 120, "a transfer")
    assert await steering.cancel_now(installation.pool, job_id, discard=True)

    await until(is_over, 120, "the end of the transfer, without a file")
    assert await installation.states() == {"cancelled": 1}, installation.logs()
