"""Lines of CSV that a spreadsheet shows as they are: no text of anybody is run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a cell begins with that a spreadsheet takes for a formula, full-width signs among them."""

Cell = str | int | None


def csv_lines(rows: Iterable[Sequence[Cell]]) -> str:
    """RFC 4180. A text that would be a formula gets an apostrophe in front; numbers are given as `int` or `Number`."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([[_safe(cell) for cell in row] for row in rows])
    return buffer.getvalue()


class Number(str):
    """A figure that is already spelled, such as an exact amount; it may begin with a minus."""


def _safe(cell: Cell) -> Cell:
    if not isinstance(cell, str) or isinstance(cell, Number):
        return cell
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
