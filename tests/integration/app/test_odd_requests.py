"""Values that break careless servers: each is refused, or taken for what it is, and none is a failure."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.integration.app.conftest import Api

LONG = "9" * 4400
"""More digits than Python turns into a number."""


def cursor(at: datetime) -> str:
    """A place in a list that nothing has."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {UUID(int=0)}".encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "path",
    [
        f"/api/admin/audit?before={LONG}",
        f"/api/events?lastEventId={LONG}",
        f"/api/jobs?limit={LONG}",
        "/api/admin/spend?from=9999-12-31",
        "/api/admin/spend?from=0001-01-01&to=9999-12-31",
        "/api/admin/ledger.csv?to=0001-01-01",
        "/api/jobs?storyboardId=a%00b",
        "/api/storyboards/a%00b",
        "/api/storyboards/%ff%fe",
        "/api/end-users/a%00b/export",
        "/api/events?storyboardId=a%00b",
        "/api/admin/jobs?q=%00",
        "/api/admin/jobs?model=a%00b",
        "/api/admin/jobs?since=9999-12-31T23:59:59%2B14:00",
        "/api/admin/jobs?since=1e400",
        "/api/admin/audit?target=%00",
        "/v1/videos?after=%00",
        "/v1/models/%00",
        "/v1/models/%ff/%fe",
        f"/api/jobs?after={cursor(datetime.max.replace(tzinfo=UTC))}",
        f"/api/jobs?after={cursor(datetime.min.replace(tzinfo=UTC))}",
        f"/api/admin/jobs?after={cursor(datetime.min.replace(tzinfo=UTC))}",
        f"/files/{LONG}?exp={LONG}&sig={LONG}",
        "/files/%00?exp=1&sig=1",
        "/admin/static/%00",
        "/docs/%00",
    ],
)
async def test_an_odd_value_in_an_address_breaks_nothing(api: Api, path: str) -> None:
    answer = await api.client.get(path)

    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/video/generate", b'{"storyboardId": "\\u0000", "provider": "sora", "scene": "x"}'),
        ("/api/video/generate", b'{"storyboardId": "\\ud800", "provider": "sora", "scene": "x"}'),
        ("/api/video/generate", b'{"storyboardId": "s", "provider": "sora", "scene": "x", "seconds": 1e999}'),
        ("/api/video/generate", b'{"storyboardId": "s", "provider": "sora", "scene": "x", "seed": %s}' % LONG.encode()),
        (
            "/api/video/generate",
            b'{"storyboardId": "s", "provider": "sora", "scene": "x", "runAt": "9999-12-31T23:59Z"}',
        ),
        ("/api/video/generate", b'{"storyboardId": "s", "provider": "sora", "scene": "x", "runAt": 1e300}'),
        ("/api/video/generate", b'{"storyboardId": "s", "provider": "sora", "scene": "x", "expiresAt": -1e18}'),
        ("/api/video/generate", b"[" * 100_000),
        ("/api/video/generate", b"\xff\xfe{"),
        ("/api/storyboards/s/generate", b'{"scenes": [{"scene": {"description": {"description": []}}}]}'),
        ("/api/storyboards/s/generate", b'{"defaults": {"inputs": {"url": 1}}, "scenes": [{}]}'),
        ("/api/admin/keys", b'{"name": "k", "scopes": ["read"], "expiresAt": "9999-12-31T23:59:59-14:00"}'),
        ("/api/admin/keys", b'{"name": "k", "scopes": ["read"], "expiresAt": "0001-01-01T00:00:00+14:00"}'),
        ("/api/admin/clients", b'{"name": "k", "weight": 1e-400}'),
        ("/api/credentials", b'{"provider": "veo", "key": "eyJ0eXBlIjogMX0="}'),
        ("/api/credentials", b'{"provider": "sora", "key": "\\u0001\\n\\ud83d\\ude00"}'),
        ("/api/admin/session", b'{"key": "\\ud800"}'),
        ("/api/admin/jobs/bulk", b'{"action": "retry", "filter": {"q": "\\ud83d\\ude00 \\" ( & | ! :* <->"}}'),
        ("/v1/videos", b'{"model": {"a": 1}, "prompt": ["x"], "seconds": {}, "metadata": "{"}'),
        ("/v1/files", b'{"purpose": "vision", "file": "data:image/png;base64,%00"}'),
        ("/hooks/omni", b'{"a": 1}'),
    ],
)
async def test_an_odd_body_breaks_nothing(api: Api, path: str, body: bytes) -> None:
    answer = await api.client.post(path, content=body)

    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/form-data", "multipart/form-data; boundary=", "\xff"]
)
async def test_an_odd_content_type_breaks_nothing(api: Api, content_type: str) -> None:
    for path in ("/v1/videos", "/v1/files", "/api/video/generate"):
        headers = {"Content-Type": content_type.encode("latin-1"), "Idempotency-Key": "once"}
        answer = await api.client.post(path, content=b"--x\r\n\x00", headers=headers)

        assert answer.status_code < 500, (path, answer.text)


@pytest.mark.parametrize(
    "name", ["X-Provider-Key", "Cookie", "Last-Event-ID", "Range", "If-None-Match", "X-Forwarded-Proto"]
)
async def test_an_odd_header_breaks_nothing(api: Api, name: str) -> None:
    body = {"storyboardId": "s", "provider": "veo", "scene": "x"}
    for value in (b"\xff\xfe", b"bytes=9-" + LONG.encode(), b"api_key_veo=\xff; reelwork_session=e30", b'=;,"'):
        made = await api.client.post("/api/video/generate", json=body, headers={name: value})
        seen = await api.client.get("/api/jobs?status=queued", headers={name: value})
        heard = await api.client.get("/api/events?jobId=x", headers={name: value})

        assert max(made.status_code, seen.status_code, heard.status_code) < 500, value
