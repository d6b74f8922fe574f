"""What arq is told: `arq worker.WorkerSettings`. The one place where the worker reads the environment."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import arq.worker
import uvloop
from arq import cron
from arq.worker import func
from loguru import logger
from redis.exceptions import RedisError

from config.logs import configure_logs, register_secrets
from config.settings import load_settings_or_exit
from jobqueue import names
from jobqueue.pool import open_redis
from worker.clock import boottime
from worker.leaving import Leaving
from worker.process import Process, open_process
from worker.retention import quietly

_SHORT_S = 10
"""No function of ours runs longer: arq keeps its own mark of a running job for the longest of them and ten seconds."""

settings = load_settings_or_exit("worker")
configure_logs(settings.log_level, settings.log_format)
register_secrets(settings.secret_values())
asyncio.set_event_loop(uvloop.new_event_loop())


async def _no_redis_info(*_: Any) -> None:
    """arq asks Redis for its version before anything else, and a worker must start without Redis."""


_poll = arq.worker.Worker._poll_iteration


async def _poll_on(worker: arq.worker.Worker) -> None:
    """arq ends with the first error of Redis that no retry mends; a worker has its work in Postgres and goes on."""
    try:
        await _poll(worker)
    except (RedisError, OSError) as error:
        logger.warning("redis is in trouble, work goes on without it", action="poll", error=type(error).__name__)
        running = sum(not task.done() for task in worker.tasks.values())
        for _ in range(worker.job_counter - running):
            worker._release_sem_dec_counter_on_complete()
        await asyncio.sleep(1)


setattr(arq.worker, "log_redis_info", _no_redis_info)  # noqa: B010 - arq does not export the name
setattr(arq.worker.Worker, "_poll_iteration", _poll_on)  # noqa: B010


async def start_lane(ctx: dict[str, Any], installation: str, lane_id: str) -> None:
    """A ticket: clear the bell, then start what the lane may start now."""
    process: Process = ctx["process"]
    if installation != str(process.installation):
        logger.warning("a ticket of another installation was dropped: set QUEUE_NAME", action="ticket")
        return
    await process.tickets.clear(UUID(lane_id))
    await process.claimer.claim_lane(UUID(lane_id))


async def clean_records(ctx: dict[str, Any]) -> int:
    """Progress lines, timelines and workers past their time."""
    return await _tidied(ctx, "clean_records", "records")


async def clean_files(ctx: dict[str, Any]) -> int:
    """Videos and rows past their time."""
    return await _tidied(ctx, "clean_files", "files")


async def sweep_storage(ctx: dict[str, Any]) -> int:
    """Unfinished uploads and transfers that nobody goes on with."""
    return await _tidied(ctx, "sweep_storage", "sweep")


async def _tidied(ctx: dict[str, Any], name: str, batch: str) -> int:
    process: Process = ctx["process"]
    return await quietly(name, process.retention, batch) if process.may_tidy() else 0


async def on_startup(ctx: dict[str, Any]) -> None:
    """Build the process, start its loops, put our signal handlers over arq's."""
    main = asyncio.current_task()
    if main is None:
        raise RuntimeError("arq calls its start hook inside its main task")
    ctx["stack"] = stack = AsyncExitStack()
    ctx["process"] = process = await stack.enter_async_context(open_process(settings, ctx["redis"]))
    ctx["leaving"] = leaving = Leaving(process, main)
    await process.start()
    leaving.listen()


async def on_shutdown(ctx: dict[str, Any]) -> None:
    """After the loop has ended: a burst run drains here, an ordinary stop has drained already."""
    if "process" in ctx and not ctx["process"].me.draining:
        await ctx["leaving"].drain(boottime() + settings.shutdown_grace_seconds)
    if "stack" in ctx:
        await ctx["stack"].aclose()


class WorkerSettings:
    """Read by arq."""

    functions = (func(start_lane, name=names.TICKET, timeout=_SHORT_S, keep_result=0, max_tries=1000),)
    cron_jobs = (
        cron(clean_records, second=17, timeout=_SHORT_S, keep_result=0, max_tries=1),
        cron(clean_files, second=37, timeout=_SHORT_S, keep_result=0, max_tries=1),
        cron(sweep_storage, minute={7, 37}, second=7, timeout=_SHORT_S, keep_result=0, max_tries=1),
    )
    queue_name = settings.queue_name
    redis_pool = open_redis(
        settings.redis_url, queue=settings.queue_name, max_connections=settings.redis_max_connections, patient=True
    )
    on_startup = on_startup
    on_shutdown = on_shutdown
    poll_delay = settings.arq_poll_delay_seconds
    max_jobs = 200
    queue_read_limit = 1000
    job_timeout = _SHORT_S
    keep_result = 0
    max_tries = 1000
    health_check_interval = 60
    log_results = False
