"""What comes while another of its group is being written is written together with it: one transaction for many.

Nothing waits for company: the first goes at once, and whatever has come by the time it is done goes next, as one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

Write = Callable[[list[Item]], Awaitable[list[Answer]]]
"""Writes items, and answers each, in their order."""

_MOST = 50
"""Items in one write, so that it stays far below the time-outs of a statement."""


@dataclass(eq=False)
class _Waiting(Generic[Item, Answer]):
    item: Item
    answers: list[Answer] = field(default_factory=list)


@dataclass(eq=False)
class _Group(Generic[Item, Answer]):
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[_Waiting[Item, Answer]] = field(default_factory=list)
    members: int = 0


class Gathering(Generic[Item, Answer]):
    """Groups of items that are written one after another anyway."""

    def __init__(self) -> None:
        self._groups: dict[Hashable, _Group[Item, Answer]] = {}

    async def answered(self, key: Hashable, item: Item, write: Write[Item, Answer]) -> Answer:
        """The answer of an item, which was written with those that came around it."""
        group = self._groups.setdefault(key, _Group())
        mine: _Waiting[Item, Answer] = _Waiting(item)
        group.waiting.append(mine)
        group.members += 1
        try:
            async with group.turn:
                if mine in group.waiting:
                    await self._lead(group, mine, write)
        finally:
            group.members -= 1
            if mine in group.waiting:
                group.waiting.remove(mine)
            if not group.members:
                self._groups.pop(key, None)
        return mine.answers[0]

    async def _lead(
        self, group: _Group[Item, Answer], mine: _Waiting[Item, Answer], write: Write[Item, Answer]
    ) -> None:
        """Write what waits; who is stopped in the middle of it leaves the others to the next in turn."""
        batch, group.waiting = group.waiting[:_MOST], group.waiting[_MOST:]
        is_written = False
        try:
            answers = await write([one.item for one in batch])
            is_written = True
        finally:
            if not is_written:
                group.waiting[:0] = [one for one in batch if one is not mine]
        for one, answer in zip(batch, answers, strict=True):
            one.answers = [answer]
