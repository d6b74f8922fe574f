"""A submission whose outcome is unknown: never sent again on a guess.

First what the books already know; else the provider is asked in the way its kind allows, not before the intent's
deadline and the provider's listing delay are over; what cannot be known goes to a person.
"""

import asyncio
from datetime import datetime, timedelta

from db import reads, retry, steering, transitions
from db.connection import Executor, transaction
from db.states import JobState, Outcome
from db.transitions import Ending, Refusal
from db.work import WorkItem
from providers.base import Abilities
from providers.errors import ProviderError, Rejected
from worker.backoff import again_in
from worker.held import Held
from worker.listing import Look, look_for
from worker.stages import ATTEMPTS_MOST, end, hold, is_free_on_loss, left, log_of, moved
from worker.steps.submit import is_too_late, record_accepted, requeue
from worker.tools import Tools

_LOOK_AGAIN_S = 5.0
_LOOKS_APART_S = 10.0
_LOOKS_APART_LEAST_S = 0.2
_LOOKS_MOST = 6
_REFUSED = (Outcome.REJECTED, Outcome.NOT_ACCEPTED, Outcome.NOT_SENT)


async def recover(tools: Tools, item: WorkItem, held: Held) -> WorkItem | None:
    """One look at a row in `submitting` whose call this process does not make."""
    if item.provider_id is not None:
        return await record_accepted(tools, item, item.provider_id, inferred=True)
    if item.outcome is None:
        return await _mark_unknown(tools, item)
    if item.outcome in _REFUSED:
        return await _refused(tools, item, Outcome(item.outcome))
    abilities = tools.provider(item).abilities(tools.account(item))
    wait_s = (_earliest(item, abilities) - item.read_at).total_seconds()
    if wait_s > 0:
        await asyncio.sleep(min(wait_s, _LOOK_AGAIN_S))
        return await retry.until_done(lambda: tools.reread(item))
    return await _conclude(tools, item, abilities, held)


async def _mark_unknown(tools: Tools, item: WorkItem) -> WorkItem | None:
    submission_id = item.submission_id
    if submission_id is None:
        raise ValueError("a job in submitting has a submission")
    await retry.until_done(
        lambda: transitions.outcome_unknown(
            tools.pool, hold(item), submission_id, code="answer_lost", message="the worker that submitted it is gone"
        )
    )
    return await retry.until_done(lambda: tools.reread(item))


async def _refused(tools: Tools, item: WorkItem, outcome: Outcome) -> WorkItem | None:
    """Its sender lost the job but left word that the provider did not take the request."""
    code = item.answer_code or "not_accepted"
    message = item.answer_message or "the provider did not accept it"
    if outcome is Outcome.REJECTED:
        return await end(tools, item, Ending(JobState.FAILED, (JobState.SUBMITTING,), code, message, outcome=outcome))
    return await requeue(tools, item, Refusal(outcome, again_in(item.refusals), code, message))


def _earliest(item: WorkItem, abilities: Abilities) -> datetime:
    """Nothing is concluded before this: a call without any answer may leave until its deadline, and a listing lags."""
    since = item.answered_at if item.definite and item.answered_at else item.deadline_at
    return (since or item.read_at) + timedelta(seconds=abilities.listing_delay_s if abilities.can_list else 0)


async def _conclude(tools: Tools, item: WorkItem, abilities: Abilities, held: Held) -> WorkItem | None:
    if tools.policies.starts_paused:  # A conclusion may cost money as soon as the pause is over.
        return await _look_again(tools, item, abilities)
    if abilities.watches_prefix and item.output_uri:
        until = _patient_until(tools, item)
        taken = await retry.until_done(lambda: transitions.watch_output(tools.pool, hold(item), until))
        return await moved(tools, item, taken, JobState.GENERATING, wait_until=until)
    if abilities.can_list:
        return await _by_listing(tools, item, abilities, held)
    return await undecidable(tools, item, "this provider cannot be asked what it accepted")


def _patient_until(tools: Tools, item: WorkItem) -> datetime:
    return (item.intent_at or item.read_at) + tools.policies.lanes.generation_timeout


async def _by_listing(tools: Tools, item: WorkItem, abilities: Abilities, held: Held) -> WorkItem | None:
    try:
        look = await look_for(tools, item)
    except Rejected as error:
        return await undecidable(tools, item, f"this server cannot be asked what it accepted: {error.message}")
    except ProviderError as error:
        log_of(item, "recover").warning("the provider's listing failed", code=error.code)
        if item.read_at >= _patient_until(tools, item):
            return await undecidable(tools, item, f"the provider's listing could not be read: {error.message}")
        return await _look_again(tools, item, abilities)
    log_of(item, "recover").info("looked for the submission", outcome=look)
    held.looks += look is not Look.LIVE
    if look is Look.LIVE or (look is Look.NOT_YET and held.looks < _LOOKS_MOST):
        return await _look_again(tools, item, abilities)
    return await _after_look(tools, item, look)


async def _look_again(tools: Tools, item: WorkItem, abilities: Abilities) -> WorkItem | None:
    """A server whose listing lags by less is looked at more often."""
    await asyncio.sleep(max(min(_LOOKS_APART_S, abilities.listing_delay_s / 3), _LOOKS_APART_LEAST_S))
    return await retry.until_done(lambda: tools.reread(item))


async def _after_look(tools: Tools, item: WorkItem, look: Look) -> WorkItem | None:
    match look:
        case Look.FOUND:
            return await retry.until_done(lambda: tools.reread(item))
        case Look.ABSENT:
            message = "the provider's listing proves that it was not accepted"
            refusal = Refusal(Outcome.ABSENT, again_in(item.refusals), "not_accepted", message)
            return await requeue(tools, item, refusal)
        case Look.AMBIGUOUS:
            message = "several videos at the provider may be this one; a person has to choose"
        case Look.NOT_YET | Look.LIVE:
            message = "the provider's listing did not show it, and never proved that it shows everything"
    return await undecidable(tools, item, message)


async def undecidable(tools: Tools, item: WorkItem, why: str) -> WorkItem | None:
    """A person decides, unless the lane's policy says that the request is sent again, or its loss costs nothing."""
    if item.discard and not is_free_on_loss(tools, item):
        states = (JobState.SUBMITTING, JobState.GENERATING)
        ending = Ending(JobState.CANCELLED, states, cost_micros=item.estimate_micros, note="outcome never known")
        return await end(tools, item, ending)
    wait = again_in(item.refusals)
    if not is_too_late(tools, item, wait):
        if is_free_on_loss(tools, item):
            message = f"a loss costs nothing at this server, so it is sent again: {why}"
            return await requeue(tools, item, Refusal(Outcome.ABSENT, wait, "outcome_unknown", message))
        if item.policy == "resubmit" and item.attempt < ATTEMPTS_MOST:
            return await _resubmit(tools, item, why)
    taken = await retry.until_done(lambda: _review(tools.pool, item, why))
    return await left(tools, item, taken, JobState.NEEDS_REVIEW, code="outcome_unknown")


async def _resubmit(tools: Tools, item: WorkItem, why: str) -> WorkItem | None:
    """As a person would: the lost attempt counts as spent, the next one is reserved; or it ends where that was
    asked."""

    async def decide() -> JobState | None:
        async with transaction(tools.pool) as conn:
            if not await _review(conn, item, why):
                return None
            seen = await reads.job(conn, item.id, None)
            if seen is not None and seen.row.cancel_requested_at is not None:
                await steering.cancel_now(conn, item.id, discard=True)
                return JobState.CANCELLED
            await steering.retry_submission(conn, item.id, JobState.NEEDS_REVIEW, "resubmitted_by_policy")
            return JobState.QUEUED

    state = await retry.until_done(decide)
    return await left(tools, item, state is not None, state or JobState.QUEUED, code="outcome_unknown")


async def _review(conn: Executor, item: WorkItem, why: str) -> bool:
    states = (JobState.SUBMITTING, JobState.GENERATING)
    return await transitions.review(conn, hold(item), from_states=states, code="outcome_unknown", message=why)
