"""Steps 3 and 4: fetch the result, look at it, store it with a poster, and write down that it is there."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db import retention, retry, transitions
from db.states import JobState
from db.transitions import Ending, Stored
from db.work import WorkItem
from media.errors import MediaError, NotAVideo
from providers.base import RemoteResult, RemoteStatus
from providers.errors import CredentialRefused, Gone, ProviderError, TryLater
from storage import keys
from storage.base import StorageError
from worker import lanes
from worker.backoff import again_in
from worker.held import Held
from worker.publish import published
from worker.stages import end, hold, left, log_of, moved
from worker.tools import Tools
from worker.transfer import TransferError, fetch
from worker.translate import finished_video, output_prefix, result_from_json, result_to_json

_COLLECTING = (JobState.COLLECTING,)
_BAD_RESULTS_MOST = 3
_MISSING_MOST = 5
_SOONEST = timedelta(seconds=1)
_EXPIRY_GRACE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a try failed, and the provider's wish in seconds for the next one."""

    code: str
    message: str
    wished_s: float | None = None


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
    if not taken:
        await _withdraw(tools, item, stored)
    else:
        took = datetime.now(UTC) - (item.run_at or item.created_at)
        tools.meters.observe("reelwork_video_duration_seconds", took.total_seconds(), kind=item.kind)
        tools.meters.add("reelwork_stored_bytes_total", stored.size, kind=item.kind)
    return await left(tools, item, taken, JobState.COMPLETED, bytes=stored.size)


async def _bring_home(tools: Tools, item: WorkItem, folder: Path) -> Stored:
    provider, account = tools.provider(item), tools.account(item)
    async with provider.download(account, finished_video(item)) as download:
        fetched = await fetch(download, folder / keys.VIDEO, tools.policies.max_video_bytes)
    inspection = await tools.inspector.inspect(fetched.path, folder / keys.POSTER)
    await tools.me.holding()
    return await published(tools.storage, item, fetched, inspection)


async def _withdraw(tools: Tools, item: WorkItem, stored: Stored) -> None:
    """The job was cancelled or removed while its video was stored: nobody else would take the files away."""
    if await retry.until_done(lambda: retention.wants_files(tools.pool, item.id)):
        return
    try:
        for key in (stored.video_key, stored.poster_key):
            if key is not None:
                await tools.storage.delete(key)
    except StorageError as error:
        log_of(item, "withdraw").warning("files of an ended job were not removed", error=type(error).__name__)


async def _troubled(tools: Tools, item: WorkItem, error: Exception) -> WorkItem | None:
    match error:
        case Gone():
            return await _renew_or_lose(tools, item, error)
        case ProviderError():
            return await _not_given(tools, item, error)
        case TransferError():
            return await _bad_result(tools, item, error)
        case NotAVideo():
            return await _bad_result(tools, item, TransferError("not_a_video", str(error)))
        case _:
            return await _later(tools, item, _Trouble(_code_of(error), str(error)))


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


async def _not_given(tools: Tools, item: WorkItem, error: ProviderError) -> WorkItem | None:
    """The provider did not hand its copy out this time. Clocks differ: only long after the end of its life is an
    error, and not the provider's own word, taken for it."""
    expires_at = result_from_json(item.result).expires_at
    if isinstance(error, CredentialRefused):
        await lanes.hold_back(tools.pool, item.lane_id, tools.policies.patience.refused.total_seconds(), error.code)
    if expires_at is not None and datetime.now(UTC) > expires_at + _EXPIRY_GRACE:
        return await _lost(tools, item, error.message)
    wished_s = error.retry_after_s if isinstance(error, TryLater) else None
    return await _later(tools, item, _Trouble(error.code, error.message, wished_s))


async def _later(tools: Tools, item: WorkItem, trouble: _Trouble) -> WorkItem | None:
    """Try again after a while; where the provider drops its copy sooner, well before that."""
    pause = again_in(item.collect_failures, trouble.wished_s)
    expires_at = result_from_json(item.result).expires_at
    if expires_at is not None:
        pause = max(min(pause, (expires_at - datetime.now(UTC)) / 2), _SOONEST)
    taken = await retry.until_done(
        lambda: transitions.collect_later(
            tools.pool, hold(item), wait=pause, code=trouble.code, message=trouble.message
        )
    )
    log_of(item, "collect").warning("collecting failed, again later", code=trouble.code, delay_s=pause.total_seconds())
    return await moved(
        tools,
        item,
        taken,
        JobState.COLLECTING,
        collect_failures=item.collect_failures + 1,
        next_at=datetime.now(UTC) + pause,
        error_code=trouble.code,
        error_message=trouble.message,
    )


async def _bad_result(tools: Tools, item: WorkItem, error: TransferError) -> WorkItem | None:
    """A transfer may have been cut; the same wrong bytes again and again are what the provider made."""
    is_again = item.error_code == error.code and item.collect_failures + 1 >= _BAD_RESULTS_MOST
    if error.final or (error.code == "not_a_video" and is_again):
        return await _fail(tools, item, error.code, error.message)
    return await _later(tools, item, _Trouble(error.code, error.message))


async def _renew_or_lose(tools: Tools, item: WorkItem, gone: Gone) -> WorkItem | None:
    """The address no longer works: the provider may give a new one, or say that its copy is gone."""
    try:
        fresh = await _asked_again(tools, item)
    except Gone:
        return await _lost(tools, item, gone.message)
    except ProviderError as error:
        return await _later(tools, item, _Trouble(error.code, error.message))
    if fresh is not None:
        has_expired = fresh.expires_at is not None and fresh.expires_at <= datetime.now(UTC)
        if has_expired or item.collect_failures + 1 >= _MISSING_MOST:
            return await _lost(tools, item, gone.message)
        result = result_to_json(fresh)
        await retry.until_done(lambda: transitions.result_renewed(tools.pool, hold(item), result))
        item = replace(item, result=result)
    return await _later(tools, item, _Trouble(gone.code, gone.message))


async def _asked_again(tools: Tools, item: WorkItem) -> RemoteResult | None:
    """Where the result lies now; None where the provider contradicts itself. Raises Gone where there is none."""
    provider, account = tools.provider(item), tools.account(item)
    if item.provider_job_id is None:
        found = await provider.find_output(account, output_prefix(item) or "")
        if found is None:
            raise Gone("asset_expired", "Nothing lies under its storage prefix any more.")
        return found
    video = await provider.poll(account, item.provider_job_id, item.model)
    if video.status in (RemoteStatus.FAILED, RemoteStatus.CANCELLED):
        raise Gone("asset_expired", video.error_message or "The provider no longer calls it completed.")
    return video.result if video.status is RemoteStatus.COMPLETED else None


async def _lost(tools: Tools, item: WorkItem, message: str) -> WorkItem | None:
    """The copy is gone; where ours could not be stored before, that is the reason."""
    before = item.error_message
    why = f"; before that: {before}" if before and before != message else ""
    message = f"the provider's copy expired before it could be stored: {message}{why}"
    return await _fail(tools, item, "asset_expired", message)


async def _fail(tools: Tools, item: WorkItem, code: str, message: str) -> WorkItem | None:
    ending = Ending(JobState.FAILED, _COLLECTING, code, message, cost_micros=item.estimate_micros)
    return await end(tools, item, ending)
