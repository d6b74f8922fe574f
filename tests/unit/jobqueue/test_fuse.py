"""A fuse asks a server that is away once a second, however many want to."""

import asyncio

from redis.exceptions import ReadOnlyError

from jobqueue.fuse import Fuse


class Server:
    """Counts what reaches it; away, it never answers."""

    def __init__(self) -> None:
        self.now = 0.0
        self.is_away = False
        self.asked = 0

    def fuse(self) -> Fuse:
        return Fuse(patience_s=0.01, clock=lambda: self.now)

    async def ask(self) -> None:
        self.asked += 1
        if self.is_away:
            await asyncio.Event().wait()


async def test_calls_go_through_while_they_are_answered() -> None:
    server = Server()
    fuse = server.fuse()

    assert [await fuse.carry(server.ask) for _ in range(3)] == [True] * 3


async def test_after_one_that_was_not_answered_nothing_is_asked_for_a_second() -> None:
    server = Server()
    fuse = server.fuse()
    server.is_away = True

    assert [await fuse.carry(server.ask) for _ in range(50)] == [False] * 50

    assert server.asked == 1


async def test_then_one_call_tries_and_the_others_still_rest() -> None:
    server = Server()
    fuse = server.fuse()
    server.is_away = True
    await fuse.carry(server.ask)
    server.now = 1.0

    await asyncio.gather(*(fuse.carry(server.ask) for _ in range(50)))

    assert server.asked == 2


async def test_it_is_whole_again_with_the_first_answer() -> None:
    server = Server()
    fuse = server.fuse()
    server.is_away = True
    await fuse.carry(server.ask)
    server.now, server.is_away = 1.0, False

    assert [await fuse.carry(server.ask) for _ in range(3)] == [True] * 3


async def test_a_refusal_of_redis_blows_it_too_and_reaches_no_caller() -> None:
    fuse = Server().fuse()

    async def refused() -> None:
        raise ReadOnlyError("You can't write against a read only replica.")

    assert not await fuse.carry(refused)
