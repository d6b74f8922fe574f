"""Who may move a row: its owner, under the epoch it was given."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Hold:
    """A job and the epoch under which its holder owns it; every later owner has a higher one."""

    job_id: UUID
    epoch: int
