"""What the catalogue knows of a model, a kind and a server: plain values, no decisions about a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal
from urllib.parse import urlsplit

from providers.base import InputRole

MICRO_USD = 1_000_000
ANY_RESOLUTION = "*"

Audio = Literal["always", "optional", "never", "open"]
Billing = Literal["per_video", "free_on_loss"]


@dataclass(frozen=True, slots=True)
class Span:
    """Whole numbers from `min` to `max`, both included."""

    min: int
    max: int


Choice = tuple[int, ...] | Span


@dataclass(frozen=True, slots=True)
class Model:
    """One model at one server. `server` is None for the kind's own base URL.

    `sizes` are `WIDTHxHEIGHT`, a model has either them or resolutions and aspect ratios; `any_size` takes any.
    `prices` are micro-dollars a second by resolution, `*` for all others; a resolution without one is not callable.
    `retired` maps a host (with `*` as wildcard) to the day the model ends there. An empty `fps` cannot be chosen.
    `audio` is `open` where nothing is known: it may be asked for either way, and unasked is the server's choice.
    """

    kind: str
    name: str
    seconds: Choice
    default_seconds: int
    prices: Mapping[str, int]
    aliases: tuple[str, ...] = ()
    server: str | None = None
    sizes: tuple[str, ...] = ()
    any_size: bool = False
    default_size: str | None = None
    resolutions: tuple[str, ...] = ()
    default_resolution: str | None = None
    aspect_ratios: tuple[str, ...] = ()
    default_aspect_ratio: str | None = None
    seconds_by_resolution: Mapping[str, Choice] = field(default_factory=dict)
    seconds_with_reference: Choice | None = None
    fps: Choice = ()
    audio: Audio = "always"
    negative_prompt: bool = False
    seed: bool = False
    inputs: Mapping[InputRole, int] = field(default_factory=dict)
    retired: Mapping[str, date] = field(default_factory=dict)
    may_retire_from: date | None = None
    successor: str | None = None

    def at(self, server: str | None, price: int | None) -> "Model":
        """The same model at another server; `price` in micro-dollars a second replaces its own unless None."""
        return replace(self, server=server, prices=self.prices if price is None else {ANY_RESOLUTION: price})

    def price_per_second(self, resolution: str | None) -> int | None:
        """Micro-dollars a second at this resolution, None where no price is known."""
        return self.prices.get(resolution or ANY_RESOLUTION, self.prices.get(ANY_RESOLUTION))

    def retires_at(self, host: str) -> date | None:
        """The day it ends at this host, None where no end is known."""
        days = [day for pattern, day in self.retired.items() if fnmatchcase(host, pattern)]
        return min(days, default=None)

    def is_retired(self, host: str, now: datetime) -> bool:
        """Whether this host has shut it down by `now`; the day counts from its first moment in UTC."""
        day = self.retires_at(host)
        return day is not None and now >= datetime(day.year, day.month, day.day, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every model of a kind, or of one named server of it.

    `failed_is_free`: a video accepted and then failed costs nothing. `free_on_loss`: one the server forgot costs
    nothing either. `busy_status`: answers to a submission that mean it was not accepted. `listing_delay_seconds`: how
    long after acceptance a listing may still hide a video. `cancels_by_delete`: DELETE stops a running video.
    """

    failed_is_free: bool = False
    free_on_loss: bool = False
    busy_status: tuple[int, ...] = ()
    listing_delay_seconds: float = 30.0
    cancels_by_delete: bool = False


@dataclass(frozen=True, slots=True)
class KindEntry:
    """A kind's own entry: where it is called unless configured, and the model meant when none is named."""

    kind: str
    base_url: str
    default_model: str
    rules: Rules


@dataclass(frozen=True, slots=True)
class VideoServer:
    """A named server of the OpenAI Videos dialect; `*` among its models takes any name.

    A price of None is the catalogue's, so that models it does not know cannot be called there. `billing` is
    `free_on_loss` for a server of one's own, where a video that its restart forgot has cost nothing that is billed.
    """

    name: str
    url: str
    models: tuple[str, ...] = ("*",)
    price_per_second_usd: Decimal | None = None
    billing: Billing = "per_video"
    max_in_flight: int | None = None


def host_of(url_or_host: str) -> str:
    """The lower-case host name of a base URL, or of a bare host."""
    text = url_or_host if "://" in url_or_host else f"//{url_or_host}"
    return (urlsplit(text).hostname or "").lower()


def micro_usd(price: Decimal) -> int:
    """A price in dollars as whole micro-dollars; ValueError where it is negative or finer than that."""
    amount = price * MICRO_USD
    if not amount.is_finite() or amount < 0 or amount != amount.to_integral_value():
        raise ValueError(f"{price} is not a price in whole micro-dollars")
    return int(amount)


def allows(choice: Choice, number: int) -> bool:
    """Whether the number is one of the choice."""
    return choice.min <= number <= choice.max if isinstance(choice, Span) else number in choice


def largest_up_to(choice: Choice, number: int) -> int | None:
    """The largest number of the choice that is not above this one, None where all are."""
    if isinstance(choice, Span):
        return min(number, choice.max) if number >= choice.min else None
    return max((value for value in choice if value <= number), default=None)


def described(choice: Choice) -> str:
    """The choice in words: `4, 6 or 8`, `3 to 10`."""
    if isinstance(choice, Span):
        return f"{choice.min} to {choice.max}"
    return one_of([str(value) for value in choice])


def one_of(names: list[str]) -> str:
    """Names in words: `a, b or c`."""
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
