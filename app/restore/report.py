"""What a restore did, or would do, counted and named."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Fate(StrEnum):
    """What became of an unfinished row."""

    STORED = "finished: found in storage"
    ADOPTED = "found at the provider: goes on there"
    RUNNING = "known to the provider: goes on"
    COLLECTING = "finished at the provider: collected now"
    SCHEDULED = "not due yet: stays queued"
    IN_REVIEW = "waited for a person before"
    REVIEW = "may be paid for: a person decides"
    UNANSWERED = "its provider did not answer: run this again"
    MOVED = "moved meanwhile: run this again"


@dataclass
class Report:
    """`undecided` are the jobs for a person; `stray_files` and `stray_videos` belong to jobs the dump does not know."""

    fates: Counter[Fate] = field(default_factory=Counter)
    undecided: list[UUID] = field(default_factory=list)
    stray_files: list[str] = field(default_factory=list)
    stray_videos: list[str] = field(default_factory=list)
    silent_lanes: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether nothing is left that a second run would have to do."""
        return not (self.fates[Fate.UNANSWERED] or self.fates[Fate.MOVED] or self.silent_lanes)
