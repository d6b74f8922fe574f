"""What is known of those who send webhooks: the secrets we share, the keys they publish, what they sent already."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.hooks.signatures import FindKey
from providers.published_keys import PublishedKeys

_REMEMBERED = 10_000
_REMEMBERED_S = 600.0

MessageId = tuple[str, str]


@dataclass
class Senders:
    """`secrets` by kind, the old ones of a rotation among them; `keys` of the kinds that publish theirs."""

    secrets: Mapping[str, Sequence[str]] = field(repr=False)
    keys: Mapping[str, PublishedKeys]
    clock: Callable[[], float] = time.monotonic
    _taken: OrderedDict[MessageId, float] = field(default_factory=OrderedDict)

    def key_of(self, kind: str) -> FindKey:
        """How to find a key of that kind's sender."""
        published = self.keys.get(kind)
        return published.key if published else _no_key

    def has(self, message: MessageId) -> bool:
        """Whether this message was followed a moment ago. A repeat that is not recognised costs one question."""
        return bool(message[1]) and self._taken.get(message, float("-inf")) > self.clock() - _REMEMBERED_S

    def remember(self, message: MessageId) -> None:
        self._taken[message] = self.clock()
        if len(self._taken) > _REMEMBERED:
            self._taken.popitem(last=False)


async def _no_key(key_id: str) -> RSAPublicKey | None:
    return None
