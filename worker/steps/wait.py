"""Step 2: wait for the provider's verdict; a poll's trouble is never the job's failure."""

from enum import Enum

from db import retry, transitions
from db.generation_times import Sort
from db.states import JobState
from db.transitions import Ending
from db.work import WorkItem
from providers.base import RemoteStatus, RemoteVideo
from providers.errors import CredentialRefused, Gone, ProviderError
from providers.verdicts import is_about_the_request
from worker import lanes
from worker.backoff import next_attempt_in
from worker.clock import boottime
from worker.held import Held
from worker.stages import ATTEMPTS_MOST, end, hold, is_free_on_loss, left, log_of, moved
from worker.tools import Tools
from worker.translate import result_to_json
from worker.watch import Update, Watched

_GENERATING = (JobState.GENERATING,)
_MISSES_MOST = 3


class Still(Enum):
    """Nothing decided: go on waiting."""

    WAITING = "waiting"


Onward = WorkItem | Still | None
"""What a look or an update leads to: the item in its next state, None when it left our hands, or more waiting."""


async def wait(tools: Tools, item: WorkItem, held: Held) -> WorkItem | None:
    """Follow the video until it ends, somebody wants it cancelled, or its time is over."""
    with tools.hub.watching(_watched(tools, item)) as watch:
        waiting = _Waiting(tools, item, held, watch.video.until)
        held.on_wanted(watch.nudge)
        while True:
            if (done := await waiting.look_around()) is not Still.WAITING:
                return done
            update = await watch.next()
            if update is not None and (done := await waiting.hear(update)) is not Still.WAITING:
                return done


def _watched(tools: Tools, item: WorkItem) -> Watched:
    age_s = (item.read_at - item.intent_at).total_seconds() if item.intent_at else 0.0
    return Watched(
        job_id=item.id,
        lane_id=item.lane_id,
        provider=tools.provider(item),
        account=tools.account(item),
        provider_id=item.provider_job_id or "",
        model=item.model,
        sort=Sort(item.kind, item.server or "", item.model, str(item.params.get("seconds") or "")),
        since=boottime() - age_s,
        until=boottime() + _patience_s(tools, item),
        ceiling=item.requests_per_second,
    )


def _patience_s(tools: Tools, item: WorkItem) -> float:
    patience = item.wait_until - item.read_at if item.wait_until else tools.policies.lanes.generation_timeout
    return patience.total_seconds()


class _Waiting:
    """One video's wait."""

    def __init__(self, tools: Tools, item: WorkItem, held: Held, until: float) -> None:
        self._tools = tools
        self._item = item
        self._held = held
        self._progress = item.progress
        self._until = until
        self._misses = 0
        self._missing_since: float | None = None
        self._bare_since: float | None = None
        self._told_no_cancel = False

    async def look_around(self) -> Onward:
        if self._held.cancel_wanted and (done := await self._cancel()) is not Still.WAITING:
            return done
        if boottime() >= self._until:
            message = "the provider gave no verdict in time; a retry waits again for the same video"
            return await self._end(JobState.FAILED, "generation_timeout", message, self._item.estimate_micros)
        return Still.WAITING

    async def hear(self, update: Update) -> Onward:
        match update:
            case Gone():
                return await self._missed(update)
            case CredentialRefused():
                pause_s = self._tools.policies.patience.refused.total_seconds()
                await lanes.hold_back(self._tools.pool, self._item.lane_id, pause_s, update.code)
                log_of(self._item, "poll").error("the provider refuses the key that submitted", code=update.code)
                return Still.WAITING
            case ProviderError():
                return Still.WAITING
            case RemoteVideo():
                return await self._seen(update)

    async def _seen(self, video: RemoteVideo) -> Onward:
        self._misses, self._missing_since = 0, None
        if video.is_without_output:
            return await self._bare(video)
        self._bare_since = None
        match video.status:
            case RemoteStatus.COMPLETED:
                return await self._finished(video)
            case RemoteStatus.FAILED:
                return await self._failed(video)
            case RemoteStatus.CANCELLED:
                message = video.error_message or "the provider cancelled the video"
                return await self._failed_for_good(video, "cancelled_by_provider", message)
            case _:
                self._note_progress(video)
                return Still.WAITING

    def _note_progress(self, video: RemoteVideo) -> None:
        if video.progress is not None and video.progress != self._progress:
            self._progress = video.progress
            self._tools.progress.note(self._item.id, self._item.epoch, video.progress)

    async def _finished(self, video: RemoteVideo) -> WorkItem | None:
        if video.result is None:
            raise ValueError("a completed video has a result")
        tools, item, result = self._tools, self._item, result_to_json(video.result)
        taken = await tools.facts.record(lambda: transitions.finished(tools.pool, hold(item), result))
        tools.poke(item.lane_id)
        return await moved(tools, item, taken, JobState.COLLECTING, result=result, next_at=None, collect_failures=0)

    async def _failed(self, video: RemoteVideo) -> WorkItem | None:
        item, code = self._item, video.error_code or "generation_failed"
        message = video.error_message or "the provider gave no reason"
        is_final = video.moderated or is_about_the_request(code)
        if is_final or not self._was_free(video) or item.attempt >= ATTEMPTS_MOST:
            return await self._failed_for_good(video, code, message)
        return await self._again(code, message)

    async def _again(self, code: str, message: str) -> WorkItem | None:
        tools, item, wait_for = self._tools, self._item, next_attempt_in(self._item.attempt)
        taken = await tools.facts.record(
            lambda: transitions.again(tools.pool, hold(item), wait=wait_for, code=code, message=message)
        )
        return await left(tools, item, taken, JobState.QUEUED, code=code, delay_s=wait_for.total_seconds())

    async def _bare(self, video: RemoteVideo) -> Onward:
        """Completed, and no result to be seen: it may follow within minutes, or never."""
        self._bare_since = self._bare_since or boottime()
        if boottime() - self._bare_since < self._tools.policies.patience.output_grace.total_seconds():
            return Still.WAITING
        message = "the provider says that the video is completed and shows no result"
        return await self._failed_for_good(video, "no_output", message)

    async def _failed_for_good(self, video: RemoteVideo, code: str, message: str) -> WorkItem | None:
        cost = None if self._was_free(video) else self._item.estimate_micros
        return await self._end(JobState.FAILED, code, message, cost)

    def _was_free(self, video: RemoteVideo) -> bool:
        if video.charged is not None:
            return not video.charged
        provider = self._tools.provider(self._item)
        return provider.abilities(self._tools.account(self._item)).failed_is_free

    async def _missed(self, gone: Gone) -> Onward:
        """Three times in a row and over a minute the provider did not know the video: it is lost there."""
        item = self._item
        self._misses += 1
        self._missing_since = self._missing_since or boottime()
        if await retry.until_done(lambda: transitions.poll_missed(self._tools.pool, hold(item))) is None:
            return await retry.until_done(lambda: self._tools.reread(item))
        missing_s = boottime() - self._missing_since
        if self._misses < _MISSES_MOST or missing_s < self._tools.policies.patience.missing.total_seconds():
            return Still.WAITING
        message = f"the provider lost the video: {gone.message}"
        if not is_free_on_loss(self._tools, item):
            return await self._end(JobState.FAILED, "provider_lost", message, item.estimate_micros)
        if item.attempt < ATTEMPTS_MOST and not self._held.cancel_wanted:
            return await self._again("provider_lost", message)
        return await self._end(JobState.FAILED, "provider_lost", message, None)

    async def _cancel(self) -> Onward:
        """Stopped at the provider, or given up although it is paid for where the caller insists; else it goes on."""
        tools, item = self._tools, self._item
        abilities = tools.provider(item).abilities(tools.account(item))
        if not self._told_no_cancel and abilities.can_cancel and await self._stopped():
            return await self._end(
                JobState.CANCELLED, None, None, None if abilities.failed_is_free else item.estimate_micros
            )
        here = await retry.until_done(lambda: tools.reread(item))
        if here is None:
            return None
        if here.discard:
            return await self._end(JobState.CANCELLED, None, None, item.estimate_micros)
        if not self._told_no_cancel:
            self._told_no_cancel = True
            reason = {"reason": "the provider cannot stop it"}
            await retry.until_done(lambda: transitions.note(tools.pool, hold(item), "cancel_refused", reason))
        return Still.WAITING

    async def _stopped(self) -> bool:
        tools, item = self._tools, self._item
        try:
            return await tools.provider(item).cancel(tools.account(item), item.provider_job_id or "")
        except ProviderError as error:
            log_of(item, "cancel").warning("cancel not confirmed", code=error.code)
            return False

    async def _end(self, state: JobState, code: str | None, message: str | None, cost: int | None) -> WorkItem | None:
        return await end(self._tools, self._item, Ending(state, _GENERATING, code, message, cost_micros=cost))
