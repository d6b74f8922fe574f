"""Where a cookie authorises a write: only a page of this very server may have sent it.

Nothing but a session cookie needs this. Keys in an Authorization header never go out by themselves, and the cookies
`api_key_*` say whose provider account pays for a call that such a key has opened; alone they open nothing.
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request

from app.problems import Problem

_OWN = ("same-origin", "none")
"""What a browser says in Sec-Fetch-Site of a request by our own page, or by its user's hand."""


def require_own_page(request: Request, server_url: str) -> None:
    """Raises Problem (403) for a request that another site's page has sent, or that does not show that none has."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if origin is not None and _origin(origin) != _origin(server_url):
        raise _cross_site()
    if site not in _OWN and (site is not None or origin is None):
        raise _cross_site()


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _cross_site() -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, "cross_site", "Only this server's own pages may do this with a cookie")
