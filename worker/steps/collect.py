"""Steps 3 and 4: fetch the result, look at it, store it with a poster, and write down that it is there."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from db import retry, transitions
from db.states import JobState
from db.transitions import Ending, Stored
from db.work import WorkItem
from media.errors import MediaError, NotAVideo
from providers.base import RemoteStatus
from providers.errors import Gone, ProviderError
from storage import keys
from storage.base import StorageError
from worker.backoff import again_in
from worker.held import Held
from worker.publish import published
from worker.stages import end, hold, left, log_of, moved
from worker.tools import Tools
from worker.transfer import TransferError, fetch
from worker.translate import finished_video, result_from_json, result_to_json

_COLLECTING = (JobState.COLLECTING,)
_BAD_RESULTS_MOST = 3


async def collect(tools: Tools, item: WorkItem, held: Held) -> WorkItem | None:
    """One try to bring the video home; a failed one is noted and tried again later, the money is already spent."""
    await _wait_until_due(item)
    try:
        async with tools.transfers, tools.scratch.folder() as folder:
            held.transferring = True
            stored = await _bring_home(tools, item, folder)
    except (ProviderError, TransferError, MediaError, StorageError, OSError) as error:
        return await _troubled(tools, item, error)
    finally:
        held.transferring = False
    removes_copy = not tools.policies.keep_provider_copy
    taken = await tools.facts.record(
        lambda: transitions.stored(tools.pool, hold(item), stored, item.estimate_micros, removes_copy=removes_copy)
    )
    return await left(tools, item, taken, JobState.COMPLETED, bytes=stored.size)


async def _bring_home(tools: Tools, item: WorkItem, folder: Path) -> Stored:
    provider, account = tools.provider(item), tools.account(item)
    async with provider.download(account, finished_video(item)) as download:
        fetched = await fetch(download, folder / keys.VIDEO, tools.policies.max_video_bytes)
    inspection = await tools.inspector.inspect(fetched.path, folder / keys.POSTER)
    return await published(tools.storage, item, fetched, inspection)


async def _troubled(tools: Tools, item: WorkItem, error: Exception) -> WorkItem | None:
    match error:
        case Gone():
            return await _renew_or_lose(tools, item, error)
        case ProviderError():
            return await _later(tools, item, error.code, error.message)
        case TransferError():
            return await _bad_result(tools, item, error)
        case NotAVideo():
            return await _bad_result(tools, item, TransferError("not_a_video", str(error)))
        case _:
            return await _later(tools, item, _code_of(error), str(error))


def _code_of(error: Exception) -> str:
    match error:
        case StorageError():
            return "storage_failed"
        case MediaError():
            return "inspection_failed"
        case _:
            return "work_dir_failed"


async def _wait_until_due(item: WorkItem) -> None:
    if item.next_at is not None:
        await asyncio.sleep(max((item.next_at - datetime.now(UTC)).total_seconds(), 0))


async def _later(tools: Tools, item: WorkItem, code: str, message: str) -> WorkItem | None:
    """Try again after a while; where the provider drops its copy sooner, well before that."""
    pause = again_in(item.collect_failures)
    expires_at = result_from_json(item.result).expires_at
    if expires_at is not None:
        left = expires_at - datetime.now(UTC)
        if left.total_seconds() <= 0:
            return await _lost(tools, item, f"the provider's copy expired before it could be stored: {message}")
        pause = min(pause, left / 2)
    taken = await retry.until_done(
        lambda: transitions.collect_later(tools.pool, hold(item), wait=pause, code=code, message=message)
    )
    log_of(item, "collect").warning("collecting failed, again later", code=code, delay_s=pause.total_seconds())
    next_at = datetime.now(UTC) + pause
    return await moved(
        tools, item, taken, JobState.COLLECTING, collect_failures=item.collect_failures + 1, next_at=next_at
    )


async def _bad_result(tools: Tools, item: WorkItem, error: TransferError) -> WorkItem | None:
    """A transfer may have been cut; the same wrong bytes again and again are what the provider made."""
    if error.final or (error.code == "not_a_video" and item.collect_failures + 1 >= _BAD_RESULTS_MOST):
        return await _fail(tools, item, error.code, error.message)
    return await _later(tools, item, error.code, error.message)


async def _renew_or_lose(tools: Tools, item: WorkItem, gone: Gone) -> WorkItem | None:
    """The address no longer works: the provider may give a new one, or say that its copy is gone."""
    provider, account = tools.provider(item), tools.account(item)
    try:
        video = await provider.poll(account, item.provider_job_id or "", item.model)
    except Gone:
        return await _lost(tools, item, f"the provider's copy is gone: {gone.message}")
    except ProviderError as error:
        return await _later(tools, item, error.code, error.message)
    fresh = result_to_json(video.result) if video.status == RemoteStatus.COMPLETED and video.result else None
    if fresh is None or item.collect_failures + 1 >= _BAD_RESULTS_MOST:
        return await _lost(tools, item, f"the provider's copy is gone: {gone.message}")
    await retry.until_done(lambda: transitions.result_renewed(tools.pool, hold(item), fresh))
    return await _later(tools, item, gone.code, gone.message)


async def _lost(tools: Tools, item: WorkItem, message: str) -> WorkItem | None:
    return await _fail(tools, item, "asset_expired", message)


async def _fail(tools: Tools, item: WorkItem, code: str, message: str) -> WorkItem | None:
    ending = Ending(JobState.FAILED, _COLLECTING, code, message, cost_micros=item.estimate_micros)
    return await end(tools, item, ending)
