"""What the commands say: answers on stdout, as JSON or for people; everything else on stderr."""

import json
import re
import shlex
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reelwork.cli.options import Target

if TYPE_CHECKING:
    from rich.console import Console

    from reelwork.models_base import Answer

_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_COMMANDS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Output:
    """Writes for one command. Text from the server is never taken for markup or for the terminal's own commands."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.as_json = target.as_json

    @cached_property
    def screen(self) -> "Console":
        """stderr, where notes and bars go."""
        from rich.console import Console

        return Console(stderr=True, highlight=False)

    @property
    def is_live(self) -> bool:
        """Bars can move: stderr is a terminal."""
        return self.screen.is_terminal and not self.screen.is_dumb_terminal

    @property
    def is_piped(self) -> bool:
        """A program reads the answers, not a person."""
        return not sys.stdout.isatty()

    def json(self, value: Any) -> None:
        """One JSON value on a line (indented where a person looks at it)."""
        indent = None if self.is_piped else 2
        sys.stdout.write(json.dumps(value, indent=indent) + "\n")
        sys.stdout.flush()

    def answer(self, answer: "Answer", *lines: str) -> None:
        """The server's answer: itself as JSON, or `lines` for people."""
        if self.as_json:
            self.json(answer.wire())
        else:
            for line in lines:
                self.line(line)

    def line(self, text: str) -> None:
        """One line of the answer, for people."""
        sys.stdout.write(plain(text) + "\n")
        sys.stdout.flush()

    def note(self, text: str, style: str = "dim") -> None:
        """Something beside the answer. Scripts that read JSON are spared it."""
        if not self.as_json or self.is_live:
            self.screen.print(plain(text), style=style, markup=False, soft_wrap=True)

    def urgent(self, text: str) -> None:
        """A note that scripts are not spared either."""
        self.screen.print(plain(text), style="yellow", markup=False, soft_wrap=True)

    def error(self, error: Exception, job_id: str | None = None) -> None:
        """Why a command ends badly: a sentence and each field at fault, or one JSON object, on stderr."""
        fields = [(flaw.path, flaw.message) for flaw in getattr(error, "errors", ())]
        if self.as_json:
            code, status = getattr(error, "code", None), getattr(error, "status", None)
            errors = [{"path": path, "message": message} for path, message in fields]
            about = {"jobId": job_id} if job_id else {}
            members = {**about, "error": str(error), "code": code, "status": status, "errors": errors}
            sys.stderr.write(json.dumps(members) + "\n")
            return
        sentence = f"{job_id}: {error}" if job_id else str(error)
        self.screen.print(plain(sentence), style="red", markup=False, soft_wrap=True)
        listed = [f"{path}: {message}" for path, message in fields]
        for flaw in listed if listed != [str(error)] else ():
            self.screen.print(plain(f"  {flaw}"), markup=False, soft_wrap=True)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]], spare: Sequence[str] = ()) -> None:
        """A table for people, without the first of the `spare` columns where the terminal is too narrow for all; in a
        pipe, lines with tabs between their cells."""
        texts = [[plain(_cell(cell)) for cell in row] for row in rows]
        if not self.is_piped:
            from reelwork.cli.tables import draw

            draw(headings, texts, spare)
            return
        for row in [[heading.lower() for heading in headings], *texts]:
            sys.stdout.write("\t".join(row) + "\n")

    def command(self, *words: str) -> str:
        """A command line to go on with, for the same server."""
        server = ["--url", self.target.url] if self.target.url else []
        return shlex.join(["reelwork", *words, *server])


def plain(text: str) -> str:
    """`text` on one line without control characters, which could redraw or command the terminal."""
    return _COMMANDS.sub("\ufffd", _BREAKS.sub(" ", text))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
