"""Why a wanted video is refused before anything is written or spent.

Refusal
├── ModelNotFound     neither in the catalogue nor configured
├── ModelRetired      its host has shut it down; the message names what to set
├── CannotDo          the model does not offer what was asked; every problem at once
└── BadCatalogue      a catalogue file or setting that cannot be read
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `path` is the field as callers write it (`seconds`, `inputs.0.role`)."""

    path: str
    message: str


class Refusal(Exception):
    """Base of all refusals; `code` is stable and machine-readable, the text is fit to be shown."""

    code = "refused"


class ModelNotFound(Refusal):
    """No model of this name; the text lists those there are."""

    code = "model_not_found"


class ModelRetired(Refusal):
    """The model was shut down at the host it would be called at."""

    code = "model_retired"

    def __init__(self, message: str, *, model: str, host: str, retired_at: date) -> None:
        super().__init__(message)
        self.model = model
        self.host = host
        self.retired_at = retired_at


class CannotDo(Refusal):
    """The model does not offer what was asked. `problems` is never empty."""

    code = "invalid_request"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class BadCatalogue(Refusal):
    """A catalogue file, model list, server or successor that cannot be used; the text says where."""

    code = "bad_catalogue"
