"""A write that a cookie authorises comes from this server's own page, or it does not happen."""

import pytest
from starlette.requests import Request

from app.csrf import require_own_page
from app.problems import Problem

SERVER = "https://reelwork.example"


def request_with(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-origin", "origin": SERVER},
        {"sec_fetch_site": "none"},
        {"origin": "https://REELWORK.example"},
    ],
)
def test_the_servers_own_page_may(headers: dict[str, str]) -> None:
    require_own_page(request_with(**headers), SERVER)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://reelwork.example"},
        {"origin": "https://reelwork.example.evil.example"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": SERVER},
        {"sec_fetch_site": "same-origin", "origin": "https://evil.example"},
    ],
)
def test_another_sites_page_may_not(headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as caught:
        require_own_page(request_with(**headers), SERVER)

    assert (caught.value.status, caught.value.code) == (403, "cross_site")
