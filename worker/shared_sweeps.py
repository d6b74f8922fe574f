"""One process sweeps a lane's listing for all: the others say what they wait for, and hear what it saw.

Nobody is appointed. Who sweeps says so, and of two that do the one with the smaller name goes on; who has heard of no
other for five seconds sweeps for itself. Without Redis nobody hears anything, and each sweeps for itself.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from providers.base import RemoteVideo
from worker.clock import boottime
from worker.translate import video_to_json

SILENCE_S = 5.0

Say = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Want:
    """What another process waits for: the ids, the cursor from which a sweep shows them all, and how many seconds ago
    the youngest was submitted."""

    provider_ids: Sequence[str]
    after: str | None
    youngest_s: float
    heard_at: float = field(default_factory=boottime)


@dataclass
class Others:
    """The other processes that wait on one lane. `say` tells them all; `me` is this process's name among them."""

    me: str
    say: Say
    _leader_heard_at: float = float("-inf")
    _led_at: float = float("-inf")
    _wants: dict[str, Want] = field(default_factory=dict)

    def somebody_leads(self) -> bool:
        """Whether another process sweeps, so that this one need not."""
        return boottime() - self._leader_heard_at < SILENCE_S

    def wants(self) -> list[Want]:
        """What others wait for and was not swept for yet."""
        now = boottime()
        self._wants = {name: want for name, want in self._wants.items() if now - want.heard_at < SILENCE_S}
        return [] if self.somebody_leads() else list(self._wants.values())

    async def ask_leader(self, provider_ids: Iterable[str], after: str | None, youngest_s: float) -> None:
        await self.say({"want": list(provider_ids), "after": after, "youngest": youngest_s})

    async def tell(self, wants: Sequence[Want], videos: Iterable[RemoteVideo], missing: Iterable[str]) -> None:
        """A sweep is over: what it saw of the others' videos, and what it did not find."""
        self._led_at = boottime()
        self._wants = {name: want for name, want in self._wants.items() if want not in wants}
        await self.say({"seen": [video_to_json(video) for video in videos], "missing": list(missing)})

    async def hold(self, seconds: float) -> None:
        await self.say({"hold": seconds})

    def hear_leader(self, name: str) -> None:
        """Another process swept; where both do, the smaller name goes on."""
        if boottime() - self._led_at >= SILENCE_S or name < self.me:
            self._leader_heard_at = boottime()

    def hear_want(self, name: str, message: dict[str, Any]) -> None:
        self._wants[name] = Want(message["want"], message["after"], message["youngest"])
