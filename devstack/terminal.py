"""Everything a local run shows: lines of its processes, each behind a coloured name, and bars below them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from reelwork.cli.output import plain
from reelwork.cli.wording import describe, name_of, stage_of
from reelwork.models import Video

NAME_WIDTH = 9


class Terminal:
    """Writes to one stream. A reader that goes away (`make run | head`) stops the writing, not the work."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)

    @property
    def is_live(self) -> bool:
        """Bars can move."""
        return self.console.is_terminal and not self.console.is_dumb_terminal

    def say(self, text: str, style: str = "bold") -> None:
        """A line of our own."""
        for line in text.splitlines():
            self._print(self._prefix("reelwork", "white"), Text(line, style=style))

    def process_line(self, name: str, colour: str, line: str) -> None:
        """A line that a process wrote."""
        self._print(self._prefix(name, colour), Text.from_ansi(line))

    @contextmanager
    def videos(self, job_ids: Sequence[str]) -> Iterator[VideoLines | VideoBars]:
        """A display of videos in the making: bars on a terminal, a line for each change elsewhere."""
        if not self.is_live:
            yield VideoLines(self)
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[stage]}", markup=False),
        )
        with Progress(*columns, console=self.console) as progress:
            yield VideoBars(progress, job_ids)

    def _prefix(self, name: str, colour: str) -> Text:
        return Text(f"{name:<{NAME_WIDTH}} | ", style=colour)

    def _print(self, prefix: Text, line: Text) -> None:
        try:
            self.console.print(prefix + line, soft_wrap=True, markup=False)
        except OSError:
            self.console = Console(quiet=True)
            sys.stdout = None  # or the interpreter tries to flush it at its end


class VideoLines:
    """A line for each change of stage."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._said: dict[str, str | None] = {}

    def saw(self, video: Video) -> None:
        """Show what is new about `video`."""
        stage = video.status if video.is_settled else stage_of(video)
        if self._said.get(video.job_id) != stage:
            self._said[video.job_id] = stage
            self._terminal.say(plain(f"{name_of(video)}: {describe(video)}"), style="")


class VideoBars:
    """A bar for each video; it pulses while the provider gives no figure."""

    def __init__(self, progress: Progress, job_ids: Sequence[str]) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {
            job_id: progress.add_task(job_id[:8], total=None, stage="accepted") for job_id in job_ids
        }

    def saw(self, video: Video) -> None:
        """Move the bar of `video`."""
        figure = 100.0 if video.status == "completed" else video.progress
        self._progress.update(
            self._tasks[video.job_id],
            description=plain(name_of(video)),
            completed=figure or 0.0,
            total=100.0 if figure is not None or video.is_settled else None,
            stage=plain(describe(video) if video.is_settled else stage_of(video)),
        )
        if video.is_settled:
            self._progress.stop_task(self._tasks[video.job_id])
