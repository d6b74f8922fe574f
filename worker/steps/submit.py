"""Step 1, the only one that spends money: one call, made once, its answer recorded whoever owns the job by then."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from db import images, lane_pace, retry, submissions, transitions
from db.crypto import CannotOpen
from db.states import JobState, Outcome
from db.transitions import Ending, Refusal
from db.work import WorkItem
from providers.base import Accepted, VideoRequest
from providers.errors import CredentialRefused, NotSent, OutcomeUnknown, ProviderError, Rejected, TryLater
from worker import breaker, lanes
from worker.backoff import again_in
from worker.clock import boottime
from worker.held import Held
from worker.stages import cancel_if_asked, end, hold, left, log_of, moved
from worker.tools import Tools
from worker.translate import request_of

_STAMPS_MOST = 5
"""How often a start that is not ready in time is stamped anew before its slot is given back."""

_GIVEN_BACK = timedelta(seconds=1)
"""The wait of a video whose slot was given back: its provider never heard of it, so the next wait does not grow."""

_SUBMITTING = (JobState.SUBMITTING,)


async def submit(tools: Tools, item: WorkItem, held: Held, claimed_at: float) -> WorkItem | None:
    """Send the paid request and record what came of it. `claimed_at`: boottime from before the intent was written."""
    try:
        accepted = await _call(tools, item, held, claimed_at)
    except CannotOpen as error:
        await breaker.heard(tools, item, NotSent("credential_unreadable", str(error)))
        return await end(tools, item, _failed("credential_unreadable", str(error)))
    except ProviderError as error:
        await breaker.heard(tools, item, error)
        return await _not_accepted(tools, item, error)
    generating = await record_accepted(tools, item, accepted.provider_id)
    await breaker.heard(tools, item, None)
    return generating


async def record_accepted(tools: Tools, item: WorkItem, provider_id: str, *, inferred: bool = False) -> WorkItem | None:
    """submitting -> generating under the provider's id."""
    submission_id = item.submission_id
    if submission_id is None:
        raise ValueError("a job without a submission cannot be accepted")
    patience = tools.policies.lanes.generation_timeout

    async def write() -> bool:
        try:
            return await transitions.accepted(
                tools.pool,
                hold(item),
                submission_id=submission_id,
                provider_id=provider_id,
                patience=patience,
                inferred=inferred,
            )
        except retry.UniqueViolation:
            if inferred:
                raise
            if await submissions.give_back(tools.pool, item.lane_id, provider_id, submission_id):
                raise retry.Again from None
            await _id_taken(tools, item, submission_id)
            return False

    taken = await tools.facts.record(write)
    return await moved(
        tools, item, taken, JobState.GENERATING, provider_job_id=provider_id, wait_until=item.read_at + patience
    )


async def _id_taken(tools: Tools, item: WorkItem, submission_id: UUID) -> None:
    """The id is another video's for good: what became of this request is to be learned like that of a lost answer."""
    message = "the provider answered with the id of another video"
    await transitions.outcome_unknown(tools.pool, hold(item), submission_id, code="id_taken", message=message)


async def requeue(tools: Tools, item: WorkItem, refusal: Refusal) -> WorkItem | None:
    """submitting -> queued, or failed where its time for being submitted is over."""
    if is_too_late(tools, item, refusal.again_in):
        message = f"not accepted within its time; the last reason: {refusal.message}"
        return await end(tools, item, _failed("submit_deadline", message, refusal.outcome))
    submission_id = item.submission_id
    if submission_id is None:
        raise ValueError("a job without a submission cannot be put back")
    taken = await tools.facts.record(lambda: transitions.requeued(tools.pool, hold(item), submission_id, refusal))
    if taken:
        await cancel_if_asked(tools, item.id)
    return await left(tools, item, taken, JobState.QUEUED, code=refusal.code, delay_s=refusal.again_in.total_seconds())


def is_too_late(tools: Tools, item: WorkItem, wait: timedelta) -> bool:
    """Whether the time for being submitted is over after that wait."""
    return item.read_at + wait > (item.run_at or item.created_at) + tools.policies.submit_deadline


async def _call(tools: Tools, item: WorkItem, held: Held, claimed_at: float) -> Accepted:
    request = await _request(tools, item)
    provider, account = tools.provider(item), tools.account(item)
    return await provider.submit(account, request, _guard(tools, item, held, claimed_at))


async def _request(tools: Tools, item: WorkItem) -> VideoRequest:
    inputs = await retry.until_done(lambda: images.of_job(tools.pool, item.id)) if item.inputs_hash else []
    callback = f"{tools.policies.public_url}/hooks/{item.kind}" if tools.policies.public_url else None
    return request_of(item, inputs, callback)


def _guard(tools: Tools, item: WorkItem, held: Held, claimed_at: float) -> Callable[[], Awaitable[None]]:
    """The last look before the first byte leaves: the lease still holds, and the start is where its stamp is."""
    default = tools.policies.lanes.rate_per_minute
    margin = lane_pace.start_margin(default if item.rate_per_minute is None else item.rate_per_minute)

    async def guard() -> None:
        stamped_at = claimed_at
        for _ in range(_STAMPS_MOST):
            if boottime() - stamped_at <= margin.total_seconds():
                break
            stamped_at = boottime()
            await _stamp_anew(tools, item)
        else:
            raise NotSent("started_late", "the start could not be brought to its stamp's time")
        if not tools.me.holds() or tools.me.id != item.sender:
            raise NotSent("lease_not_held", "this worker could not renew its lease in time")
        held.leaves()

    return guard


async def _stamp_anew(tools: Tools, item: WorkItem) -> None:
    """Building the request and the connection took longer than a rate's margin allows: the start is now, not then."""
    submission_id = item.submission_id
    if submission_id is None:
        raise ValueError("a start has a submission")
    patience = tools.policies.lanes.submit_timeout
    try:
        if await transitions.stamped_anew(tools.pool, hold(item), submission_id, patience):
            return
    except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
        raise NotSent("started_late", f"its new stamp could not be written: {type(error).__name__}") from error
    raise NotSent("started_late", "the lane or the job may not start any more")


async def _not_accepted(tools: Tools, item: WorkItem, error: ProviderError) -> WorkItem | None:
    match error:
        case NotSent():
            refusal = Refusal(Outcome.NOT_SENT, _GIVEN_BACK, error.code, error.message, counts=False)
            return await requeue(tools, item, refusal)
        case TryLater():
            return await _later(tools, item, error)
        case CredentialRefused():
            return await _key_refused(tools, item, error)
        case Rejected():
            return await end(tools, item, _failed(error.code, error.message))
        case _:
            return await _unknown(tools, item, error)


async def _later(tools: Tools, item: WorkItem, error: TryLater) -> WorkItem | None:
    wait = again_in(item.refusals, error.retry_after_s)
    if error.whole_lane and error.status is not None:
        pause_s = error.retry_after_s or min(wait.total_seconds(), 30)
        await lanes.hold_back(tools.pool, item.lane_id, pause_s, error.code)
    return await requeue(tools, item, Refusal(Outcome.NOT_ACCEPTED, wait, error.code, error.message))


async def _key_refused(tools: Tools, item: WorkItem, error: CredentialRefused) -> WorkItem | None:
    """A key that never worked is the caller's mistake. One that did pauses its lane: nothing queued is lost to it."""
    if not await retry.until_done(lambda: submissions.has_accepted(tools.pool, item.lane_id)):
        return await end(tools, item, _failed(error.code, error.message))
    refused = tools.policies.patience.refused
    await lanes.hold_back(tools.pool, item.lane_id, refused.total_seconds(), error.code)
    log_of(item, "submit").error("the provider refuses the lane's key", code=error.code)
    wait = max(again_in(0), refused)
    return await requeue(tools, item, Refusal(Outcome.NOT_ACCEPTED, wait, error.code, error.message, counts=False))


async def _unknown(tools: Tools, item: WorkItem, error: ProviderError) -> WorkItem | None:
    submission_id = item.submission_id
    if submission_id is None:
        raise ValueError("a job without a submission has no outcome")
    await tools.facts.record(
        lambda: transitions.outcome_unknown(
            tools.pool,
            hold(item),
            submission_id,
            code=error.code,
            message=error.message,
            definite=isinstance(error, OutcomeUnknown) and error.answered,
        )
    )
    log_of(item, "outcome_unknown").warning("submission answered nothing certain", code=error.code)
    return await retry.until_done(lambda: tools.reread(item))


def _failed(code: str, message: str, outcome: Outcome = Outcome.REJECTED) -> Ending:
    """A refusal: nothing was accepted, what was reserved is released."""
    return Ending(JobState.FAILED, _SUBMITTING, code, message, outcome=outcome)
