"""The command that takes over what a BullMQ queue still has to do."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from reelwork.cli.exits import Exit
from reelwork.cli.options import Target
from reelwork.cli.output import Output
from reelwork.cli.session import connected

if TYPE_CHECKING:
    from reelwork.bullmq.carrying import Outcome
    from reelwork.bullmq.queue import OldQueue

_BULLMQ = "BullMQ"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the queue is."""

    redis_url: Annotated[
        str,
        typer.Option(
            "--redis-url", envvar="BULLMQ_REDIS_URL", metavar="URL", help="Its Redis.", rich_help_panel=_BULLMQ
        ),
    ]
    queue: Annotated[str, typer.Option("--queue", help="Its name.", rich_help_panel=_BULLMQ)] = "video-generation"
    prefix: Annotated[str, typer.Option(help="What its keys begin with.", rich_help_panel=_BULLMQ)] = "bull"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of its jobs are taken along, and how."""

    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Failed jobs too.")] = False
    include_active: Annotated[
        bool, typer.Option("--include-active", help="Jobs of the old worker too; only once it is stopped.")
    ] = False
    provider: Annotated[str | None, typer.Option("--provider", "-p", help="For jobs that name none.")] = None
    provider_id_fields: Annotated[
        list[str],
        typer.Option("--provider-id-field", metavar="NAME", help="Where jobs keep the provider's id; may be repeated."),
    ] = field(default_factory=list)


def bullmq(
    target: Target,
    source: Source,
    wanted: Wanted,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
) -> None:
    """Take over a BullMQ queue: jobs that wait are asked for here, those that the provider already has are adopted.

    \b
    reelwork import bullmq --redis-url redis://old:6379
    reelwork import bullmq --redis-url redis://old:6379 --yes --json > imported.json

    Nothing is changed in BullMQ's Redis; pause the queue there before --yes. What
    is here already stays as it is, so that a second run changes nothing.
    """
    with connected(target) as (client, output):
        from reelwork.bullmq.carrying import carry_out
        from reelwork.bullmq.orders import Choices, orders_for

        found = _read(output, source)
        if yes and not found.is_paused:
            _refuse(output, found)
        choices = Choices(**asdict(wanted))
        outcomes = []
        for outcome in carry_out(client, orders_for(found, choices), is_real=yes):
            outcomes.append(outcome)
            if output.is_live and len(outcomes) % 100 == 0:
                output.note(f"{len(outcomes)} of {len(found.jobs)} jobs")
        _tell(output, found, outcomes, is_real=yes)
    if any(outcome.result == "refused" for outcome in outcomes):
        raise typer.Exit(Exit.FAILED)


def _read(output: Output, source: Source) -> "OldQueue":
    try:
        import redis
    except ImportError as error:
        output.error(ImportError('This needs a library for Redis. Install it with: pip install "reelwork[bullmq]"'))
        raise typer.Exit(Exit.FAILED) from error
    from reelwork.bullmq.queue import NoSuchQueue, read_queue

    try:
        with redis.Redis.from_url(source.redis_url, decode_responses=True, encoding_errors="replace") as connection:
            return read_queue(connection, source.prefix, source.queue)
    except NoSuchQueue as error:
        output.error(error)
        raise typer.Exit(Exit.NOT_FOUND) from error
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--redis-url") from error
    except redis.RedisError as error:
        output.error(error)
        raise typer.Exit(Exit.UNREACHABLE) from error


def _refuse(output: Output, queue: "OldQueue") -> None:
    sentence = (
        f"The queue {queue.name} is not paused in BullMQ: its workers would make (and pay for) the same videos. "
        f'Pause it there first: await new Queue("{queue.name}", {{ connection }}).pause()'
    )
    output.error(RuntimeError(sentence))
    raise typer.Exit(Exit.FAILED)


def _tell(output: Output, queue: "OldQueue", outcomes: "list[Outcome]", *, is_real: bool) -> None:
    if output.as_json:
        about = {"queue": queue.name, "dryRun": not is_real, "paused": queue.is_paused, "workers": queue.workers}
        output.json({**about, "schedulers": queue.schedulers, "jobs": [_members(outcome) for outcome in outcomes]})
        return
    rows = [
        (one.order.job.id, one.order.job.state, one.order.job_id, one.result, one.order.provider_job_id, one.why)
        for one in outcomes
    ]
    output.table(("BullMQ", "State", "Job", "Result", "At provider", "Why"), rows, spare=("At provider", "BullMQ"))
    counts = Counter(outcome.result for outcome in outcomes)
    output.note(", ".join(f"{count} {result}" for result, count in counts.items()) or "The queue is empty.")
    left_out = Counter(name for outcome in outcomes for name in outcome.order.left_out)
    if left_out:
        output.note(f"Not taken along: {', '.join(f'{name} ({count})' for name, count in left_out.items())}.")
    if queue.schedulers:
        output.note(f"{queue.schedulers} schedulers stay in BullMQ: Reelwork repeats nothing by itself.", "yellow")
    if queue.workers:
        output.note(f"{queue.workers} workers are still connected to this queue.", "yellow")
    if not is_real:
        paused = "" if queue.is_paused else " Pause the queue in BullMQ first."
        output.note(f"Nothing was changed. --yes does it.{paused}")


def _members(outcome: "Outcome") -> dict[str, object]:
    order = outcome.order
    return {
        "bullmqId": order.job.id,
        "state": order.job.state,
        "jobId": order.job_id,
        "result": outcome.result,
        "why": outcome.why,
        "providerJobId": order.provider_job_id,
        "runAt": order.request.wire().get("runAt") if order.request else None,
        "leftOut": list(order.left_out),
    }
