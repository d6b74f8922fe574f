"""What a submission's outcome says about its lane: whether the provider is in trouble, or deals with requests.

Only submissions count. A poll that fails delays a video that is paid for already, and slows the lane's polls by itself;
holding back starts for it would cost time and save nothing.
"""

from loguru import logger

from db import breaker, retry
from db.work import WorkItem
from providers.errors import NotSent, OutcomeUnknown, ProviderError, TryLater
from worker.tools import Tools


async def heard(tools: Tools, item: WorkItem, error: ProviderError | None) -> None:
    """Note the outcome, None for an accepted one; a hint, so that a database in trouble is no obstacle."""
    try:
        if isinstance(error, NotSent):
            await _unused(tools, item)
        elif error is not None and is_trouble(error):
            await _failed(tools, item, error)
        elif item.lane_in_trouble:
            await _answered(tools, item)
    except (*retry.UNAVAILABLE, *retry.CONTENDED) as refusal:
        logger.warning("the breaker was not told", lane=str(item.lane_id), error=type(refusal).__name__)


def is_trouble(error: ProviderError) -> bool:
    """No connection, no answer, or a server's own failure; a refusal and a rate limit come from a provider at work."""
    if isinstance(error, OutcomeUnknown):
        return True
    return isinstance(error, TryLater) and (error.status is None or error.status >= 500)


async def _failed(tools: Tools, item: WorkItem, error: ProviderError) -> None:
    lanes, pause = tools.policies.lanes, tools.policies.patience.breaker
    reason = f"{error.code}: {error.message}"
    if item.submission_id and await breaker.failed(tools.pool, item.submission_id, lanes.probe_timeout, pause, reason):
        logger.error("the lane's breaker opened", action="breaker", lane=str(item.lane_id), code=error.code)


async def _answered(tools: Tools, item: WorkItem) -> None:
    if await breaker.answered(tools.pool, item.lane_id):
        logger.info("the lane's breaker closed", action="breaker", lane=str(item.lane_id))
        await tools.tickets.ring([item.lane_id])


async def _unused(tools: Tools, item: WorkItem) -> None:
    if item.submission_id and item.lane_in_trouble:
        await breaker.unused(tools.pool, item.submission_id, tools.policies.lanes.probe_timeout)
