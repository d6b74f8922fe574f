"""Waiting without an id: our own storage prefix at the provider shows whether the lost submission was accepted."""

import asyncio

from db import retry, transitions
from db.states import JobState
from db.work import WorkItem
from providers.errors import ProviderError
from worker.held import Held
from worker.stages import hold, log_of, moved
from worker.steps.recover import undecidable
from worker.steps.submit import record_accepted
from worker.tools import Tools
from worker.translate import output_prefix, result_to_json

_NOTHING_CAME = "nothing appeared under its storage prefix in time: it was not accepted, or it failed unseen"


async def watch_output(tools: Tools, item: WorkItem, held: Held) -> WorkItem | None:
    """One look; found: collecting. Nothing by the end of its time: a person or the lane's policy decides."""
    every = tools.policies.patience.output_look
    if item.provider_id is not None:
        return await record_accepted(tools, item, item.provider_id, inferred=True)
    if item.discard:
        return await undecidable(tools, item, "its end was asked for")
    try:
        found = await tools.provider(item).find_output(tools.account(item), output_prefix(item) or "")
    except ProviderError as error:
        log_of(item, "watch_output").warning("the output prefix could not be read", code=error.code)
        found = None
    if found is not None:
        result = result_to_json(found)
        taken = await retry.until_done(lambda: transitions.finished(tools.pool, hold(item), result))
        tools.poke(item.lane_id)
        return await moved(tools, item, taken, JobState.COLLECTING, result=result, next_at=None, collect_failures=0)
    if item.read_at >= (item.wait_until or item.read_at) + every:
        return await undecidable(tools, item, _NOTHING_CAME)
    await asyncio.sleep(every.total_seconds())
    return await retry.until_done(lambda: tools.reread(item))
