"""What is wrong with the environment, told at once and without any value in it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One variable and what to do about it. `sentence` goes on after the variable's name and holds no secret."""

    variable: str
    sentence: str


class SettingsError(Exception):
    """The process cannot start; `problems` has one entry for each variable that is missing or malformed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda problem: (problem.variable, problem.sentence)))
        super().__init__(_message(self.problems))


def _message(problems: Sequence[Problem]) -> str:
    count = len({problem.variable for problem in problems})
    opening = (
        f"Reelwork cannot start: {count} setting{'s' if count > 1 else ''} to mend (docs/settings.md has them all)."
    )
    return "\n".join([opening, *(f"  {problem.variable} {problem.sentence}" for problem in problems)])
