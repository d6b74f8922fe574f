"""Long lists take as many requests as they need, and no more."""

from collections.abc import Callable

from reelwork.client.flow import Reply
from reelwork.client.videos import jobs
from tests.unit.reelwork.conftest import Driver

Replies = Callable[..., Reply]


def page_of(count: int, cursor: str | None) -> dict[str, object]:
    return {"jobs": [{"jobId": str(number), "status": "queued"} for number in range(count)], "nextCursor": cursor}


def test_a_list_longer_than_a_page_is_read_to_its_limit(driver: Driver, reply: Replies) -> None:
    page = driver.drive(jobs(status="failed", limit=250), [reply(page_of(200, "c1")), reply(page_of(50, "c2"))])

    assert len(page.jobs) == 250
    assert page.next_cursor == "c2"
    assert [request.query for request in driver.requests] == [
        {"status": "failed", "limit": "200"},
        {"status": "failed", "limit": "50", "after": "c1"},
    ]


def test_an_empty_page_ends_the_reading_whatever_its_cursor(driver: Driver, reply: Replies) -> None:
    page = driver.drive(jobs(limit=5), [reply(page_of(0, "c1"))])

    assert (page.jobs, page.next_cursor) == ([], "c1")


def test_the_last_page_ends_the_list(driver: Driver, reply: Replies) -> None:
    page = driver.drive(jobs(limit=500), [reply(page_of(200, "c1")), reply(page_of(3, None))])

    assert len(page.jobs) == 203
    assert page.next_cursor is None
