"""Shows videos while they are made: a moving bar each on a terminal, a line for each change elsewhere."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from reelwork.cli.output import Output, plain
from reelwork.cli.wording import describe, name_of, short_id, stage_of

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from reelwork.client.errors import ReelworkError
    from reelwork.models import Video


class Watching(Protocol):
    """Told of every change."""

    def saw(self, video: "Video") -> None: ...

    def troubled(self, error: "ReelworkError") -> None: ...


@contextmanager
def watching(output: Output, names: Sequence[str] = ()) -> Iterator[Watching]:
    """The display that fits; `names` are the job ids to show from the start, in order."""
    if not output.is_live:
        yield Lines(output)
        return
    progress = _bars(output)
    with progress:
        yield Bars(progress, names)


class Lines:
    """A line for each change of stage and each tenth of progress."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._said: dict[str, tuple[object, ...]] = {}
        self._trouble: str | None = None

    def saw(self, video: "Video") -> None:
        self._trouble = None
        step = None if video.progress is None else int(video.progress // 10)
        if self._said.get(video.job_id) != (video.status, video.stage, step):
            self._said[video.job_id] = (video.status, video.stage, step)
            self._output.note(f"{name_of(video)}: {describe(video)}")

    def troubled(self, error: "ReelworkError") -> None:
        if self._trouble != str(error):
            self._trouble = str(error)
            self._output.note(f"{error} Trying again.")


class Bars:
    """A bar for each video; it pulses while the provider gives no figure."""

    def __init__(self, progress: "Progress", job_ids: Sequence[str]) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        for job_id in job_ids:
            self._tasks[job_id] = progress.add_task(short_id(job_id), total=None, stage="accepted")

    def saw(self, video: "Video") -> None:
        if video.job_id not in self._tasks:
            self._tasks[video.job_id] = self._progress.add_task("", total=None, stage="")
        task = self._tasks[video.job_id]
        figure = 100.0 if video.status == "completed" else video.progress
        stage = plain(describe(video) if video.is_settled else stage_of(video))
        whole = 100.0 if video.is_settled or figure is not None else None
        name = plain(name_of(video))
        self._progress.update(task, total=whole, completed=figure or 0.0, description=name, stage=stage)
        if video.is_settled:
            self._progress.stop_task(task)

    def troubled(self, error: "ReelworkError") -> None:
        for task in self._progress.tasks:
            if not task.finished and task.stop_time is None:
                self._progress.update(task.id, stage=plain(f"waiting for the server: {error}"))


def _bars(output: Output) -> "Progress":
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    return Progress(
        TextColumn("{task.description}", markup=False, table_column=Column(max_width=24, no_wrap=True)),
        BarColumn(bar_width=28),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[stage]}", markup=False, table_column=Column(ratio=1, overflow="ellipsis")),
        console=output.screen,
        expand=True,
    )
