"""Commands that steer the server: pause and resume all spending, its lanes, its alerts, what it has spent."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import BadParameter

from reelwork.cli.live import Watch, again_and_again
from reelwork.cli.options import Target
from reelwork.cli.session import connected
from reelwork.cli.wording import age, moment_of, money

if TYPE_CHECKING:
    from reelwork.cli.output import Output
    from reelwork.client import Reelwork
    from reelwork.client.operating import LaneSettings
    from reelwork.models_operations import Lane

LaneName = Annotated[
    str, typer.Argument(metavar="LANE", help="Its id, the end of it, or sora, veo, omni.", show_default=False)
]
Limit = Annotated[int | None, typer.Option(min=0, help="0 is none.")]


def pause(
    target: Target, reason: Annotated[str, typer.Option("--reason", "-r", help="Why; everybody sees it.")] = ""
) -> None:
    """Stop all spending, also over restarts; what runs at a provider is fetched all the same."""
    with connected(target) as (client, output):
        output.answer(client.pause(reason or "paused from the command line"), "Paused: nothing new starts.")
        output.note(f"Go on with: {output.command('resume')}")


def resume(target: Target) -> None:
    """Let videos start again."""
    with connected(target) as (client, output):
        output.answer(client.resume(), "Videos start again, where their lanes allow it.")


def lanes(context: typer.Context, target: Target, watch: Watch = False) -> None:
    """The provider accounts: their limits, what is on them, and what holds them back."""
    if context.invoked_subcommand:
        return
    with connected(target) as (client, output):
        again_and_again(output, watch, lambda: _list(client, output))


def _list(client: "Reelwork", output: "Output") -> None:
    found = client.lanes()
    if output.as_json:
        output.json(found.wire())
        return
    headings = ("Lane", "Provider", "In flight", "Queued", "Rate/min", "Cap", "State", "Why")
    output.table(headings, [_row(lane) for lane in found.lanes], spare=("Rate/min", "Cap"))
    if found.paused:
        output.urgent(f"All spending is paused: {found.pause_reason or 'no reason given'}")
    elif not found.lanes:
        output.note("No lane yet: the first video of an account makes it.")


def pause_lane(lane: LaneName, target: Target) -> None:
    """Start nothing more on one lane."""
    _change(lane, target, {"paused": True}, "is paused")


def resume_lane(lane: LaneName, target: Target) -> None:
    """Let videos start on it again."""
    _change(lane, target, {"paused": False}, "starts videos again")


def set_lane(
    lane: LaneName,
    target: Target,
    rate: Limit = None,
    cap: Limit = None,
    requests: Annotated[int | None, typer.Option(min=1, help="Polls and lists a second.")] = None,
    policy: Annotated[
        Literal["review", "resubmit"] | None,
        typer.Option(help="For outcomes that nobody knows; resubmit may pay twice."),
    ] = None,
) -> None:
    """Change its limits: starts a minute (--rate), videos at once (--cap). What is not named stays."""
    wanted: LaneSettings = {}
    if rate is not None:
        wanted["rate_per_minute"] = rate
    if cap is not None:
        wanted["max_in_flight"] = cap
    if requests is not None:
        wanted["requests_per_second"] = requests
    if policy is not None:
        wanted["policy"] = policy
    if not wanted:
        raise BadParameter("name what to change: --rate, --cap, --requests or --policy")
    _change(lane, target, wanted, "is set")


def alerts(context: typer.Context, target: Target) -> None:
    """What is wrong now, and what was in the last thirty days."""
    if context.invoked_subcommand:
        return
    with connected(target) as (client, output):
        found = client.alerts()
        if output.as_json:
            output.json(found.wire())
            return
        rows = [
            ("over" if alert.ended_at else "open", age(alert.since), moment_of(alert.ended_at), alert.text)
            for alert in found.alerts
        ]
        output.table(("State", "Since", "Over", "Details"), rows, spare=("Over",))
        if not found.receivers:
            output.urgent("Nobody is told: set ALERT_WEBHOOK_URL or SENTRY_DSN on the server.")


def test_alerts(target: Target) -> None:
    """Send a message to everybody who would hear of an alert."""
    with connected(target) as (client, output):
        done = client.test_alerts()
        output.answer(done, f"Told {done.wire().get('receivers')} receiver(s).")


def spend(
    target: Target,
    by: Annotated[str, typer.Option(help="Any of day, month, client, lane, model, with commas.")] = "day",
    since: Annotated[str | None, typer.Option("--from", metavar="DAY", help="Default: the month's first.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Default: today (UTC).")] = None,
) -> None:
    """What videos have cost, and what is left of the budgets."""
    with connected(target) as (client, output):
        found = client.spend(by=by, since=since, until=until)
        if output.as_json:
            output.json(found.wire())
            return
        rows = [
            (group.name, group.attempts, money(group.spent_usd), money(group.reserved_usd)) for group in found.groups
        ]
        output.table((by.capitalize(), "Attempts", "Spent", "Reserved"), rows)
        output.note(f"{money(found.spent_usd)} spent and {money(found.reserved_usd)} reserved.")
        for budget in found.budgets:
            output.note(f"Budget of {budget.name}: {money(budget.remaining_usd)} of {money(budget.limit_usd)} left.")


def _change(name: str, target: Target, wanted: "LaneSettings", done: str) -> None:
    with connected(target) as (client, output):
        lane = _named(client, name)
        output.answer(client.set_lane(lane.id, **wanted), f"{lane.id} ({lane.provider}) {done}.")


def _named(client: "Reelwork", name: str) -> "Lane":
    """The one lane that the word fits. BadParameter where it fits none, or several."""
    found = client.lanes().lanes
    fitting = [lane for lane in found if lane.id.endswith(name) or name in (lane.provider, lane.server)]
    if len(fitting) != 1:
        raise BadParameter(f"{name} fits {len(fitting)} lanes; `reelwork lanes` lists their ids")
    return fitting[0]


def _row(lane: "Lane") -> tuple[object, ...]:
    state, why = _standing(lane)
    provider = f"{lane.provider} ({lane.server})" if lane.server else lane.provider
    limits = ("server's" if limit is None else limit or "none" for limit in (lane.rate_per_minute, lane.max_in_flight))
    return (lane.id, provider, lane.in_flight, lane.queued, *limits, state, why)


def _standing(lane: "Lane") -> tuple[str, str | None]:
    if lane.paused:
        return "paused", lane.pause_reason
    if lane.breaker not in (None, "closed"):
        return f"breaker {lane.breaker}", lane.breaker_reason
    if lane.blocked_until is not None and lane.blocked_until > datetime.now(UTC):
        return "blocked", lane.blocked_reason
    return "open", None
