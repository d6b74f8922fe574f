"""How long the worker bears with a provider that contradicts itself, scaled down where videos are made faster."""

from dataclasses import dataclass
from datetime import timedelta

_OUTPUT_GRACE = timedelta(minutes=5)
_MISSING = timedelta(minutes=1)
_REFUSED = timedelta(minutes=1)
_OUTPUT_LOOK = timedelta(seconds=30)
_BREAKER = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Patience:
    """`output_grace` is for a video that is completed and shows no result, `missing` for one that the provider does
    not know, `refused` how long a lane starts nothing after its key was refused, `output_look` how far looks at a
    storage prefix are apart, `breaker` how long an open one first lets nothing start."""

    output_grace: timedelta
    missing: timedelta
    refused: timedelta
    output_look: timedelta
    breaker: timedelta

    @classmethod
    def within(cls, generation_timeout: timedelta) -> "Patience":
        """The usual patience, never more than a part of the time that a whole video is given."""
        return cls(
            output_grace=min(_OUTPUT_GRACE, generation_timeout / 6),
            missing=min(_MISSING, generation_timeout / 10),
            refused=min(_REFUSED, generation_timeout / 10),
            output_look=min(_OUTPUT_LOOK, generation_timeout / 20),
            breaker=min(_BREAKER, generation_timeout / 40),
        )
