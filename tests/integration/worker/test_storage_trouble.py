"""A video that cannot be stored is fetched again while its provider still has it, and never stored by halves."""

from collections.abc import Awaitable, Callable, Iterator
from uuid import UUID

import psutil
import pytest

from tests.stack.bucket import Bucket, s3_bucket
from tests.stack.installation import PRICE_MICROS, Installation
from tests.stack.waiting import until

TWO_PARTS = 20_000_000
MEGABYTE = 1_000_000


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with s3_bucket() as made:
        yield made


def failures(installation: Installation, job_id: UUID, at_least: int) -> Callable[[], Awaitable[bool]]:
    async def reached() -> bool:
        return int((await installation.job(job_id))["collect_failures"]) >= at_least

    return reached


async def test_a_bucket_that_is_full_and_then_refuses_publishes_nothing_and_keeps_no_parts(
    installation: Installation, bucket: Bucket
) -> None:
    installation.settings |= bucket.settings
    bucket.refuses = lambda method, asked: (
        ("507 Insufficient Storage", "StorageFull") if method == "PUT" and "video.mp4" in asked else None
    )
    (job_id,) = await installation.submit([f"a cat [sim:bytes={TWO_PARTS}]"])
    installation.start_worker()
    await until(failures(installation, job_id, 1), 120, "a full bucket")
    assert bucket.unfinished() == []

    bucket.refuses = lambda method, asked: (
        ("403 Forbidden", "AccessDenied") if method == "POST" and "uploadId" in asked else None
    )
    await until(failures(installation, job_id, 2), 120, "an upload that may not be completed")
    assert bucket.unfinished() == []
    assert bucket.names(f"made/{job_id}/") == [f"made/{job_id}/1/poster.webp"]

    bucket.refuses = None
    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()
    assert bucket.names(f"made/{job_id}/") == [f"made/{job_id}/1/poster.webp", f"made/{job_id}/1/video.mp4"]
    assert bucket.unfinished() == []
    assert len(installation.paid()) == 1
    failed = [
        event["data"]["code"] for event in await installation.timeline(job_id) if event["type"] == "collect_failed"
    ]
    assert failed == ["storage_failed"] * 2


async def test_a_copy_that_expired_while_the_storage_was_away_is_said_to_have_expired(
    installation: Installation,
) -> None:
    installation.simulator.change(generation_s=4)
    (job_id,) = await installation.submit(["a cat [sim:expires=20]"])
    installation.start_worker()
    await installation.named(job_id)
    installation.take_storage_away()

    assert await installation.all_ended(150) == {"failed": 1}, installation.logs()
    job = await installation.job(job_id)
    assert (job["error_code"], job["cost_micros"]) == ("asset_expired", PRICE_MICROS)
    assert job["error_message"].startswith("the provider's copy expired before it could be stored: ")
    assert "Not a directory" in job["error_message"]
    assert job["collect_failures"] >= 4, "it was tried again well before the copy expired"


async def test_a_provider_whose_clock_is_hours_behind_still_has_its_copy(installation: Installation) -> None:
    installation.simulator.change(skew_s=-7200, generation_s=4)
    (job_id,) = await installation.submit(["a cat"])
    installation.start_worker()
    await installation.named(job_id)
    installation.take_storage_away()
    await until(failures(installation, job_id, 1), 120, "a failed try to store")

    installation.give_storage_back()

    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()


async def test_a_disk_that_is_full_during_the_download_is_waited_for(installation: Installation) -> None:
    worker = psutil.Process(installation.start_worker().pid)
    usual = worker.rlimit(psutil.RLIMIT_FSIZE)
    worker.rlimit(psutil.RLIMIT_FSIZE, (MEGABYTE, usual[1]))
    (job_id,) = await installation.submit([f"a cat [sim:bytes={5 * MEGABYTE}]"])
    await until(failures(installation, job_id, 1), 120, "a download that finds no room")
    assert (await installation.job(job_id))["error_code"] == "work_dir_failed"
    assert not list(installation.videos.glob("**/video.mp4"))

    worker.rlimit(psutil.RLIMIT_FSIZE, usual)

    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()
    assert not list(installation.videos.glob(".incoming/*.part"))
    assert len(installation.paid()) == 1


async def test_a_result_that_comes_late_is_not_given_up_after_a_few_seconds(installation: Installation) -> None:
    await installation.submit(["a cat [sim:file-processing=22]"])
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()
