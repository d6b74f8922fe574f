"""Whether work is being done, judged from Postgres alone."""

from dataclasses import dataclass

from app.deps import Policy
from db import history, installation, queue_figures
from db.connection import Executor
from db.queue_figures import LivingWorker, QueueStats


@dataclass(frozen=True, slots=True)
class Health:
    """`healthy` is true when work is being done or there is none; `reason` says in words why it is not.
    `restored` is what to do where the database is an old dump."""

    figures: QueueStats
    workers: list[LivingWorker]
    stalled: bool
    restored: str | None = None

    @property
    def healthy(self) -> bool:
        return not self.restored and not self.stalled and not (self.waits and not self.workers)

    @property
    def waits(self) -> bool:
        """Whether there is work that somebody has to do."""
        return bool(self.figures.waiting or self.figures.active)

    @property
    def reason(self) -> str | None:
        if self.restored:
            return self.restored
        if not self.workers:
            return "no worker lives"
        return "a due video waits too long although its lane could start it" if self.stalled else None


async def look(conn: Executor, policy: Policy) -> Health:
    """The state of things now."""
    figures = await queue_figures.stats(conn)
    workers = await queue_figures.living_workers(conn, policy.lease)
    stalled = figures.waiting > 0 and await queue_figures.is_stalled(conn, policy.stall)
    row = await installation.read(conn)
    return Health(figures, workers, stalled, history.advice(row) if row.restored_at else None)
