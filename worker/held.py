"""A video in this process's hands: its coroutine, its epoch, and what others want of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID


@dataclass
class Held:
    """`stage` is the step its coroutine is in; `cancel_wanted` that somebody asked for its end; `looks` how often this
    process has looked for its lost submission."""

    job_id: UUID
    lane_id: UUID
    epoch: int
    stage: str
    cancel_wanted: bool = False
    transferring: bool = False
    looks: int = 0
    task: "asyncio.Task[None] | None" = None
    on_leaving: Callable[[], None] | None = field(default=None, repr=False)
    on_sent: Callable[[], None] | None = field(default=None, repr=False)
    _listener: Callable[[], None] | None = field(default=None, repr=False)

    def on_wanted(self, listener: Callable[[], None]) -> None:
        """Whom to tell when somebody wants something; the newest listener only."""
        self._listener = listener

    @property
    def deserves_grace(self) -> bool:
        """Whether stopping it now would cost something: a paid call is under way, or bytes are."""
        return self.on_sent is not None or self.transferring

    def leaves(self) -> None:
        """The paid call's first byte leaves now, or never will."""
        if self.on_leaving is not None:
            self.on_leaving()
            self.on_leaving = None

    def sent(self) -> None:
        """The paid call is over, whatever came of it."""
        self.leaves()
        if self.on_sent is not None:
            self.on_sent()
            self.on_sent = None

    def want_cancel(self) -> None:
        self.cancel_wanted = True
        if self._listener is not None:
            self._listener()
