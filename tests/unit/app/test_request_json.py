"""Bodies that are JSON to a parser but nothing a database can keep are refused by name."""

import pytest
from starlette.requests import Request

from app.problems import Problem
from app.validation import read_object


def request_with(body: bytes) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b'"text"', b'{"a": NaN}', b'{"a": -Infinity}', b"\xff\xfe", b"[" * 100_000]
)
async def test_what_is_no_json_object_is_a_400(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        await read_object(request_with(body))

    assert (caught.value.status, caught.value.code) == (400, "invalid_json")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"scene": {"title": "a\\u0000b"}}', "scene.title"),
        (b'{"metadata": {"x": ["\\ud800"]}}', "metadata.x.0"),
        (b'{"metadata": {"\\u0000": 1}}', "metadata"),
        (b'{"seconds": 1e999}', "seconds"),
        (b'{"metadata": ' + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}", ".".join(["metadata", *["a"] * 32])),
    ],
)
async def test_what_postgres_could_not_keep_is_named_by_its_path(body: bytes, path: str) -> None:
    with pytest.raises(Problem) as caught:
        await read_object(request_with(body))

    assert [error.path for error in caught.value.errors] == [path]


async def test_an_empty_body_is_an_empty_object() -> None:
    assert await read_object(request_with(b" ")) == {}
