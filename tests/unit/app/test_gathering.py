"""Items that come while another is being written are written as one; nobody is lost when the writer is stopped."""

import asyncio

from app.gathering import Gathering


class Book:
    """Writes that take as long as the test says."""

    def __init__(self) -> None:
        self.writes: list[list[int]] = []
        self.go_on = asyncio.Event()
        self.gathering = Gathering[int, str]()

    async def write(self, items: list[int]) -> list[str]:
        self.writes.append(items)
        await self.go_on.wait()
        if items[0] == 13:
            raise ValueError("not this one")
        return [f"written {item}" for item in items]

    def send(self, item: int, group: str = "a") -> "asyncio.Future[str]":
        return asyncio.ensure_future(self.gathering.answered(group, item, self.write))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_first_goes_at_once_and_what_comes_meanwhile_goes_next_as_one() -> None:
    book = Book()
    sent = [book.send(1)]
    await settle()
    sent += [book.send(item) for item in (2, 3, 4)]
    await settle()
    book.go_on.set()

    assert await asyncio.gather(*sent) == [f"written {item}" for item in (1, 2, 3, 4)]
    assert book.writes == [[1], [2, 3, 4]]


async def test_groups_do_not_wait_for_each_other() -> None:
    book = Book()
    sent = [book.send(1, "a"), book.send(2, "b")]
    await settle()

    assert book.writes == [[1], [2]]
    book.go_on.set()
    await asyncio.gather(*sent)


async def test_a_write_that_breaks_is_its_writers_own_and_the_others_are_written_next() -> None:
    book = Book()
    sent = [book.send(1)]
    await settle()
    sent += [book.send(item) for item in (13, 2, 3)]
    await settle()
    book.go_on.set()
    answers = await asyncio.gather(*sent, return_exceptions=True)

    assert isinstance(answers.pop(1), ValueError)
    assert answers == ["written 1", "written 2", "written 3"]
    assert book.writes == [[1], [13, 2, 3], [2, 3]]


async def test_when_the_writer_is_stopped_the_next_in_turn_writes_for_the_others() -> None:
    book = Book()
    sent = [book.send(1)]
    await settle()
    sent += [book.send(item) for item in (2, 3, 4)]
    sent[0].cancel()
    await settle()
    sent[1].cancel()
    await settle()
    book.go_on.set()
    answers = await asyncio.gather(*sent, return_exceptions=True)

    assert answers[2:] == ["written 3", "written 4"]
    assert book.writes == [[1], [2, 3, 4], [3, 4]]


async def test_one_that_leaves_while_it_waits_is_not_written() -> None:
    book = Book()
    sent = [book.send(1)]
    await settle()
    sent += [book.send(2), book.send(3)]
    await settle()
    sent[1].cancel()
    await settle()
    book.go_on.set()
    await asyncio.gather(*sent, return_exceptions=True)

    assert book.writes == [[1], [3]]
