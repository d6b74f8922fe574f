"""A submission whose outcome is unknown: never sent again on a guess.

First what the books already know; else the provider is asked in the way its kind allows, not before the intent's
deadline and the provider's listing delay are over; what cannot be known goes to a person.
"""

import asyncio
from datetime import datetime, timedelta

from db import retry, transitions
from db.states import JobState, Outcome
from db.transitions import Ending, Refusal
from db.work import WorkItem
from providers.base import Abilities
from providers.errors import ProviderError
from worker.backoff import again_in
from worker.held import Held
from worker.listing import Look, look_for
from worker.stages import end, hold, left, log_of, moved
from worker.steps.submit import record_accepted, requeue
from worker.tools import Tools

_LOOK_AGAIN_S = 5.0
_LOOKS_APART_S = 10.0
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
    return await _conclude(tools, item, abilities)


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


async def _conclude(tools: Tools, item: WorkItem, abilities: Abilities) -> WorkItem | None:
    if abilities.watches_prefix and item.output_uri:
        until = (item.intent_at or item.read_at) + tools.policies.lanes.generation_timeout
        taken = await retry.until_done(lambda: transitions.watch_output(tools.pool, hold(item), until))
        return await moved(tools, item, taken, JobState.GENERATING, wait_until=until)
    if abilities.can_list:
        return await _by_listing(tools, item, abilities)
    return await _undecidable(tools, item, abilities, "this provider cannot be asked what it accepted")


async def _by_listing(tools: Tools, item: WorkItem, abilities: Abilities) -> WorkItem | None:
    try:
        look = await look_for(tools, item)
    except ProviderError as error:
        log_of(item, "recover").warning("the provider's listing failed", code=error.code)
        await asyncio.sleep(_LOOKS_APART_S)
        return await retry.until_done(lambda: tools.reread(item))
    log_of(item, "recover").info("looked for the submission", outcome=look)
    if look is Look.NOT_YET and (item.clean_looks or 0) + 1 < _LOOKS_MOST:
        await asyncio.sleep(_LOOKS_APART_S)
        return await retry.until_done(lambda: tools.reread(item))
    return await _after_look(tools, item, abilities, look)


async def _after_look(tools: Tools, item: WorkItem, abilities: Abilities, look: Look) -> WorkItem | None:
    match look:
        case Look.FOUND:
            return await retry.until_done(lambda: tools.reread(item))
        case Look.ABSENT:
            message = "the provider's listing proves that it was not accepted"
            refusal = Refusal(Outcome.ABSENT, again_in(item.refusals), "not_accepted", message)
            return await requeue(tools, item, refusal)
        case Look.AMBIGUOUS:
            message = "several videos at the provider may be this one; a person has to choose"
        case Look.NOT_YET:
            message = "the provider's listing did not show it, and never proved that it shows everything"
    return await _undecidable(tools, item, abilities, message)


async def _undecidable(tools: Tools, item: WorkItem, abilities: Abilities, why: str) -> WorkItem | None:
    """Only a lane that says so, or a server that charges nothing for what it lost, is given the request again."""
    if item.policy == "resubmit" or abilities.free_on_loss or item.billing == "free_on_loss":
        message = f"submitted again by the lane's policy: {why}"
        return await requeue(tools, item, Refusal(Outcome.ABSENT, again_in(item.refusals), "outcome_unknown", message))
    taken = await retry.until_done(
        lambda: transitions.review(
            tools.pool, hold(item), from_states=(JobState.SUBMITTING,), code="outcome_unknown", message=why
        )
    )
    return await left(tools, item, taken, JobState.NEEDS_REVIEW, code="outcome_unknown")
