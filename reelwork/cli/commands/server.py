"""Commands about the server: queue, cleanup, health, models."""

from typing import TYPE_CHECKING, Annotated

import typer

from reelwork.cli.exits import Exit
from reelwork.cli.live import Watch, again_and_again
from reelwork.cli.options import Target
from reelwork.cli.session import connected
from reelwork.cli.wording import duration

if TYPE_CHECKING:
    from reelwork.cli.output import Output
    from reelwork.client import Reelwork
    from reelwork.models import CatalogueModel


def queue(target: Target, watch: Watch = False) -> None:
    """What is waiting, running, done and failed, and whether work gets done."""
    with connected(target) as (client, output):
        again_and_again(output, watch, lambda: _show_queue(client, output))


def _show_queue(client: "Reelwork", output: "Output") -> None:
    found = client.queue()
    if output.as_json:
        output.json(found.wire())
        return
    stats = found.stats
    counts = (stats.waiting, stats.active, stats.delayed, stats.completed, stats.failed, found.needs_review)
    output.table(("Waiting", "Active", "Delayed", "Completed", "Failed", "Review"), [counts])
    state = "Healthy." if found.healthy else "Not healthy: work waits and nobody does it; see `reelwork health`."
    waiting = duration(found.oldest_waiting_seconds)
    output.note(f"{state} Oldest waiting: {waiting}." if waiting else state, "green" if found.healthy else "red")
    if found.recent_failures:
        rows = [
            (failure.id, failure.request.model, failure.attempts_made, failure.failed_reason)
            for failure in found.recent_failures
        ]
        output.table(("Job", "Model", "Attempts", "Why"), rows)


def cleanup(target: Target) -> None:
    """Drop the queue's outdated records now; no job and no video goes."""
    with connected(target) as (client, output):
        done = client.cleanup()
        counts = [f"{name}: {value}" for name, value in done.wire().items() if name not in ("success", "message")]
        output.answer(done, done.message or "Cleaned up.", *counts)


def health(target: Target) -> None:
    """Whether work gets done; exit code 1 if it does not."""
    with connected(target) as (client, output):
        found = client.health()
        summary = "healthy" if found.healthy else f"not healthy: {found.error or 'work waits and nobody does it'}"
        engines = f"postgres {found.postgres or 'unknown'}, redis {found.redis or 'unknown'}"
        waiting = duration(found.oldest_waiting_seconds)
        output.answer(found, summary, engines, f"oldest waiting: {waiting or 'none'}")
        if found.workers and not output.as_json:
            rows = [
                (worker.id, worker.host, worker.in_flight, duration(worker.heartbeat_age_seconds), worker.version)
                for worker in found.workers
            ]
            output.table(("Worker", "Host", "In flight", "Last sign", "Version"), rows)
        elif not output.as_json:
            output.line("no worker lives")
    if not found.healthy:
        raise typer.Exit(Exit.FAILED)


def models(
    target: Target,
    callable_only: Annotated[bool, typer.Option("--callable", help="Only what can be called now.")] = False,
) -> None:
    """What can be called now, what it costs and when it retires; and what the others lack."""
    with connected(target) as (client, output):
        catalogue = client.models()
        chosen = [model for model in catalogue.models if model.callable or not callable_only]
        if output.as_json:
            output.json(catalogue.model_copy(update={"models": chosen}).wire())
            return
        chosen.sort(key=lambda model: (not model.callable, model.provider or "", model.model))
        headings = ("Model", "Provider", "Callable", "USD/s", "Seconds", "Sizes", "Retires", "Notes")
        output.table(headings, [_row(model) for model in chosen], spare=("Sizes", "Seconds", "Retires"))


def _row(model: "CatalogueModel") -> tuple[object, ...]:
    provider = f"{model.provider} ({model.server})" if model.server else model.provider
    sizes = ", ".join([*(model.resolutions or []), *(model.sizes or [])])
    retires = model.retired_at or (f"from {model.may_retire_from}" if model.may_retire_from else None)
    return (
        model.model,
        provider,
        model.callable,
        _price(model),
        _lengths(model.seconds),
        sizes or None,
        retires,
        _notes(model),
    )


def _price(model: "CatalogueModel") -> str | None:
    price = model.price_per_second_usd
    if isinstance(price, dict):
        return ", ".join(f"{name} {usd:g}" for name, usd in price.items()) or None
    return None if price is None else f"{price:g}"


def _lengths(seconds: object) -> str | None:
    if isinstance(seconds, dict) and seconds.keys() >= {"min", "max"}:
        return f"{seconds['min']} to {seconds['max']}"
    if isinstance(seconds, list):
        return ", ".join(str(value) for value in seconds) or None
    return None if seconds is None else str(seconds)


def _notes(model: "CatalogueModel") -> str | None:
    aliases = f"also {', '.join(model.aliases)}" if model.aliases else None
    successor = f"made by {model.successor}" if model.successor else None
    return "; ".join(filter(None, (model.reason, successor, aliases))) or None
