"""What callers ask for in a run, drawn from the seed: ids of their own, prompts, and what is to become of each."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from uuid import UUID


class Fate(StrEnum):
    """What the provider is told, by a mark in the prompt, to do with a request."""

    COMPLETE = "complete"
    FAIL = "fail"
    MODERATE = "moderate"
    REFUSE = "refuse"
    SILENCE = "silence"


_MARKS = {
    Fate.COMPLETE: "",
    Fate.FAIL: " [sim:fail=server_error]",
    Fate.MODERATE: " [sim:moderate-later]",
    Fate.REFUSE: " [sim:submit=moderate]",
    Fate.SILENCE: " [sim:submit=hang-up-after,window=0.2,times=1]",
}
_SHARES = {Fate.FAIL: 1, Fate.MODERATE: 1, Fate.REFUSE: 1, Fate.SILENCE: 5, Fate.COMPLETE: 92}
_TWINS, _TWICE, _CANCELLED, _OMNI = 0.15, 0.05, 0.04, 0.06


@dataclass(frozen=True, slots=True)
class Order:
    """One video somebody wants. `twice`: its create is sent by two callers at once; `cancel_after_s`: given up so long
    after it was accepted, None for most."""

    job_id: UUID
    provider: str
    prompt: str
    fate: Fate
    twice: bool
    cancel_after_s: float | None

    @property
    def may_fail(self) -> bool:
        return self.fate in (Fate.FAIL, Fate.MODERATE, Fate.REFUSE)

    def body(self) -> dict[str, object]:
        """The create as it goes over the wire."""
        return {
            "storyboardId": "chaos",
            "jobId": str(self.job_id),
            "provider": self.provider,
            "prompt": self.prompt,
            "scene": "chaos",
            "seconds": 4,
        }


def orders(seed: int, count: int) -> list[Order]:
    """`count` orders. Some have the same prompt as another one: identical requests that are each paid for once."""
    random = Random(f"orders {seed}")
    made: list[Order] = []
    for number in range(count):
        fate = random.choices(list(_SHARES), list(_SHARES.values()))[0]
        provider = "omni" if random.random() < _OMNI else "sora"
        alike = number - 1 if number and random.random() < _TWINS else number
        made.append(
            Order(
                job_id=UUID(int=random.getrandbits(128), version=4),
                provider=provider,
                prompt=f"a fox on road {alike}{_MARKS[fate]}",
                fate=fate,
                twice=random.random() < _TWICE,
                cancel_after_s=random.uniform(0, 6) if random.random() < _CANCELLED else None,
            )
        )
    return made
