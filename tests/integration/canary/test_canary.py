"""A marked provider key, sent by every way in, is found afterwards in no place but a ciphertext."""

import asyncio
import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from db.connection import Database, open_pool
from db.crypto import Sealer
from devstack.engines import Engines
from tests.integration.canary.traces import CIPHERTEXTS, dump, files_under, overheard, rows_of, watched_processes
from tests.stack.installation import ENCRYPTION_KEY
from tests.stack.serving import Stack, serving
from tests.stack.waiting import wait_until

MARK = "canary5417"
# Without a provider's prefix, so that the log's masks for known shapes do not help.
COOKIE, HEADER, FORM, STORED, OWN = (
    f"{MARK}-{way}-0123456789abcdef" for way in ("cookie", "head", "form", "kept", "own")
)
OMNI, VEO, BAD = f"AIza{MARK}omni0123456789", f"ya29.{MARK}-veo-0123456789", f"bad-{MARK}-0123456789"
VIDEO = {"storyboardId": "s", "provider": "sora", "scene": "a lamp that is found again", "seconds": 4}
CREATE, ON_V1 = "/api/video/generate", {"model": "sora-2", "prompt": "a lamp"}


@dataclass
class Caller:
    """Calls, and keeps everything that was answered."""

    http: httpx.Client
    heard: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, status: int, **what: Any) -> httpx.Response:
        answer = self.http.request(method, path, **what)
        assert answer.status_code == status, (method, path, answer.text)
        self.heard.append(f"{answer.headers} {answer.text}")
        return answer

    def status(self, job_id: str) -> str:
        return str(self.call("GET", f"/api/video/{job_id}", 200).json()["status"])


@pytest.fixture
def stack(engines: Engines, database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Stack]:
    with serving(database_url, redis_url, tmp_path, LOG_LEVEL="debug", API_RATE_LIMIT="0") as served:
        yield served


def form_of(members: dict[str, str]) -> dict[str, tuple[None, str]]:
    """The members as the parts of a form."""
    return {name: (None, value) for name, value in members.items()}


def sent_as_meant(caller: Caller) -> dict[str, str]:
    """By cookie, by header, in advance; of each kind, in each form. Returns how each of the videos will end."""
    for path, key in (("/api/admin/credentials", STORED), ("/api/credentials", OWN)):
        stored = caller.call(
            "POST", path, 201, json={"provider": "sora", "key": key}, headers={"Idempotency-Key": path}
        )
        assert stored.json()["checked"] is True
    caller.call("POST", "/api/credentials", 400, json={"provider": "sora", "key": BAD})
    ways: list[dict[str, Any]] = [
        {"json": VIDEO, "headers": {"Cookie": f"api_key_sora={COOKIE}"}},
        {"json": VIDEO, "headers": {"X-Provider-Key": HEADER, "Idempotency-Key": "take-1"}},
        {"json": VIDEO},
        {"json": VIDEO | {"provider": "omni"}, "headers": {"X-Provider-Key": OMNI}},
        {"json": VIDEO | {"provider": "veo"}, "headers": {"Cookie": f"api_key_veo={VEO}"}},
    ]
    made = {caller.call("POST", CREATE, 202, **way).json()["jobId"]: "completed" for way in ways}
    caller.call("POST", "/v1/videos", 200, files=form_of(ON_V1), headers={"X-Provider-Key": FORM})
    refused = caller.call("POST", CREATE, 202, json=VIDEO, headers={"X-Provider-Key": BAD}).json()["jobId"]
    return made | {refused: "failed"}


def sent_by_mistake(caller: Caller) -> None:
    """In the body, the query, a URL's userinfo, the path, as our own key, for the wrong kind, malformed."""
    for name in ("apiKey", "api_key", "providerKey", "key"):
        caller.call("POST", CREATE, 400, json=VIDEO | {name: HEADER})
        caller.call("POST", "/v1/videos", 400, json=ON_V1 | {name: HEADER})
        caller.call("POST", "/v1/videos", 400, files=form_of(ON_V1 | {name: HEADER}))
    caller.call("POST", CREATE, 400, json=VIDEO | {"jobId": HEADER, "presetKey": HEADER, "seconds": HEADER})
    caller.call("POST", CREATE, 400, content=f'{{"apiKey": "{HEADER}", ')
    caller.call("POST", "/api/credentials", 400, json={"provider": "sora", "apiKey": HEADER})
    caller.call(
        "POST", "/api/storyboards/s/generate", 400, json={"apiKey": HEADER, "scenes": [VIDEO | {"apiKey": HEADER}]}
    )
    caller.call("GET", f"/api/jobs?api_key={HEADER}&after={HEADER}", 400)
    caller.call("POST", CREATE, 400, json=VIDEO | {"webhookUrl": f"https://{HEADER}:{HEADER}@example.com/hook"})
    image = {"role": "first_frame", "url": f"https://{HEADER}:{HEADER}@127.0.0.1/a.png"}
    caller.call("POST", CREATE, 400, json=VIDEO | {"inputs": [image]})
    caller.call("PUT", "/api/webhooks", 400, json={"url": f"https://{HEADER}@example.com/hook"})
    basic = "Basic " + base64.b64encode(f"user:{HEADER}".encode()).decode()
    places = (("POST", CREATE), ("GET", "/v1/models"), ("GET", "/api/events"), ("GET", "/api/admin/queue"))
    for wrong in (f"Bearer {HEADER}", HEADER, basic):
        for method, path in places:
            caller.call(method, path, 401, headers={"Authorization": wrong})
    caller.call("GET", f"/api/events?token={HEADER}", 401)
    caller.call("POST", CREATE, 400, json=VIDEO | {"provider": "veo"}, headers={"X-Provider-Key": OMNI})
    caller.call("POST", CREATE, 400, json=VIDEO, headers={"X-Provider-Key": f"{HEADER} {HEADER}"})


def looked_at(caller: Caller, job_ids: list[str]) -> None:
    """Everything that the API tells afterwards."""
    for job_id in job_ids:
        caller.call("GET", f"/api/video/{job_id}/events", 200)
    seen = ("queue", "review", "lanes", "clients", "keys", "credentials", "webhooks", "spend", "ledger.csv")
    own = ("/api/jobs", "/api/models", "/v1/videos", "/v1/models", "/api/credentials", "/api/webhooks")
    for path in (*own, *(f"/api/admin/{name}" for name in seen)):
        caller.call("GET", path, 200)
    caller.call("GET", "/api/events?storyboardId=none", 200)


async def keys_kept(database_url: str) -> set[str]:
    """The marked keys, as only the holder of ENCRYPTION_KEY can read them."""
    sealer = Sealer([bytes.fromhex(ENCRYPTION_KEY)])
    async with open_pool(Database(database_url), 1) as pool:
        rows = await pool.fetch("SELECT id, sealed FROM reelwork.credentials")
    return {key for row in rows if MARK in (key := sealer.open(row["sealed"], row["id"]))}


def test_a_marked_provider_key_is_found_nowhere(
    stack: Stack, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    caller, roots = Caller(stack.http), [process.pid for process in stack.installation.processes]
    with overheard(redis_url) as commands, watched_processes(roots) as processes:
        made = sent_as_meant(caller)
        sent_by_mistake(caller)
        for job_id, end in made.items():
            wait_until(lambda job_id=job_id, end=end: caller.status(job_id) == end, 120, f"{end} of a video")
        looked_at(caller, list(made))

    with redis.Redis.from_url(redis_url) as connection:
        places = {"redis": dump(connection), "redis commands": "\n".join(commands).encode()}
    rows = asyncio.run(rows_of(database_url))
    places |= {f"column {name}": text for name, text in rows.items() if name not in CIPHERTEXTS}
    places |= {f"process {pid}": b"\n".join(texts) for pid, texts in processes.items()} | files_under(tmp_path)
    places["answers"] = "\n".join(caller.heard).encode()

    assert asyncio.run(keys_kept(database_url)) == {COOKIE, HEADER, FORM, STORED, OWN, OMNI, VEO, BAD}
    assert rows.keys() >= CIPHERTEXTS
    assert b"a lamp that is found again" in rows["video_jobs", "prompt"]
    assert all(processes[root] for root in roots)
    assert any(b"media/child.py" in text for pid, texts in processes.items() if pid not in roots for text in texts)
    assert b'"level": "debug"' in b"".join(text for name, text in places.items() if name.endswith(".log"))
    assert any("publish" in command.lower() for command in commands)
    assert [name for name, text in places.items() if holds_mark(text)] == []


def holds_mark(text: bytes) -> bool:
    """The mark as it is, as hex, or as base64 at any of its three offsets."""
    mark = MARK.encode()
    shifted = [base64.b64encode(bytes(offset) + mark)[(offset * 8 + 5) // 6 : -4] for offset in range(3)]
    return any(form in text for form in (mark, mark.hex().encode(), *shifted))
