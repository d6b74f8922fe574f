"""A refusal becomes the error a caller can act on, with the server's own sentence, code and fields."""

import json
from collections.abc import Callable

import pytest

from reelwork.client import errors
from reelwork.client.answers import parse
from reelwork.client.flow import Reply
from reelwork.client.operating import health
from reelwork.models import Video
from tests.unit.reelwork.conftest import Driver

Replies = Callable[..., Reply]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.Unauthorized),
        (402, errors.OverBudget),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (413, errors.BadRequest),
        (422, errors.BadRequest),
        (429, errors.RateLimited),
        (500, errors.ReelworkError),
        (502, errors.ServerUnavailable),
        (503, errors.ServerUnavailable),
    ],
)
def test_each_status_has_its_error(reply: Replies, status: int, kind: type[errors.ReelworkError]) -> None:
    with pytest.raises(errors.ReelworkError) as raised:
        parse(reply({"detail": "No."}, status), Video)

    assert type(raised.value) is kind
    assert raised.value.status == status
    assert str(raised.value) == "No."


def test_code_fields_and_waiting_time_are_kept(reply: Replies) -> None:
    document = {
        "detail": "Two things are wrong",
        "code": "invalid_request",
        "errors": [{"path": "seconds", "message": "must be 4 or 8"}, {"path": "size", "message": "unknown"}],
    }
    with pytest.raises(errors.BadRequest) as raised:
        parse(reply(document, 400, retry_after="2.5"), Video)

    assert raised.value.code == "invalid_request"
    assert raised.value.errors[0] == errors.FieldError("seconds", "must be 4 or 8")
    assert len(raised.value.errors) == 2
    assert raised.value.retry_after == 2.5


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[1]", b'{"detail": 7, "errors": "x"}', b"\xff"])
def test_a_refusal_in_another_form_is_still_the_right_error(body: bytes) -> None:
    with pytest.raises(errors.ServerUnavailable, match="502"):
        parse(Reply(502, {"retry-after": "Wed, 21 Oct"}, body), Video)


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"{}", b"null"])
def test_a_server_of_another_kind_is_recognised(body: bytes) -> None:
    with pytest.raises(errors.ReelworkError, match="not one of a Reelwork server"):
        parse(Reply(200, {}, body), Video)


def test_what_a_newer_server_says_is_kept() -> None:
    said = {
        "jobId": "a",
        "status": "dreaming",
        "costUsd": 0.4,
        "mood": {"calm": True},
        "createdAt": "2026-01-02T03:04:05Z",
    }
    video = parse(Reply(200, {}, json.dumps(said).encode()), Video)

    assert video.status == "dreaming"
    assert not video.is_settled
    assert video.wire().items() >= said.items()


def test_an_unhealthy_server_is_an_answer_and_not_an_error(driver: Driver, reply: Replies) -> None:
    found = driver.drive(health(), [reply({"healthy": False, "error": "no worker lives"}, 503)])

    assert (found.healthy, found.error) == (False, "no worker lives")


def test_a_gateway_without_a_server_behind_it_is_not_taken_for_a_health_report(driver: Driver) -> None:
    with pytest.raises(errors.ServerUnavailable):
        driver.drive(health(), [Reply(503, {"content-type": "text/html"}, b"<html>")])
