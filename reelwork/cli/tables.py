"""Draws tables on a terminal: ids are always whole, long texts give way, spare columns go first."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_FLEXIBLE: Final[dict[str, Literal["fold", "ellipsis"]]] = {
    "Details": "fold",
    "Notes": "fold",
    "Prompt": "ellipsis",
    "Why": "fold",
}
"""Columns that may be narrower than their text, and what becomes of the rest of it."""

_FLEXIBLE_WIDTH: Final = 16
_GAP: Final = 3
Column: TypeAlias = tuple[str, Sequence[str]]
"""Its heading and its cells."""

_STYLES: Final = {
    "completed": "green",
    "failed": "red",
    "cancelled": "dim",
    "needs_review": "yellow",
    "processing": "cyan",
    "yes": "green",
    "no": "red",
}


def draw(headings: Sequence[str], rows: Sequence[Sequence[str]], spare: Sequence[str]) -> None:
    """Print to stdout; of the `spare` columns, as many of the first ones are left out as there is no room for."""
    console = Console(highlight=False)
    columns = [(heading, [row[number] for row in rows]) for number, heading in enumerate(headings)]
    for dropped in spare:
        if _least(columns) <= console.width:
            break
        columns = [column for column in columns if column[0] != dropped]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for (heading, _), width in zip(columns, _widths(columns, console.width), strict=True):
        overflow = _FLEXIBLE.get(heading, "fold")
        table.add_column(heading, width=width, no_wrap=overflow == "ellipsis", overflow=overflow)
    for row in zip(*(cells for _, cells in columns), strict=True):
        table.add_row(*(Text(cell, style=_STYLES.get(cell.split(" ")[0], "")) for cell in row))
    console.print(table, width=max(console.width, _least(columns)), crop=False, soft_wrap=True)


def _least(columns: Sequence[Column]) -> int:
    return sum(_GAP + min(_longest(column), _room(column)) for column in columns)


def _widths(columns: Sequence[Column], console_width: int) -> list[int]:
    widths = [min(_longest(column), _room(column)) for column in columns]
    left = console_width - sum(widths) - _GAP * len(columns)
    for number, column in enumerate(columns):
        gained = max(0, min(left, _longest(column) - widths[number]))
        widths[number] += gained
        left -= gained
    return widths


def _room(column: Column) -> int:
    return _FLEXIBLE_WIDTH if column[0] in _FLEXIBLE else _longest(column)


def _longest(column: Column) -> int:
    heading, cells = column
    return max(cell_len(text) for text in (heading, *cells))
