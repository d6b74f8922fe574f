"""The job itself: it submits, sleeps and polls, takes the whole file into memory, and updates its row at every step."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import httpx

JOB = "generate"
TABLE = """
CREATE SCHEMA naive;
CREATE TABLE naive.videos (
  id text PRIMARY KEY, prompt text NOT NULL, state text NOT NULL DEFAULT 'queued', progress int NOT NULL DEFAULT 0,
  provider_id text, path text, created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  noticed_at timestamptz, completed_at timestamptz
)
"""
_POLL_S = 5
_CONNECTIONS = 5

_STARTED = "UPDATE naive.videos SET state = 'generating', provider_id = $2 WHERE id = $1"
_PROGRESS = "UPDATE naive.videos SET progress = $2 WHERE id = $1"
_NOTICED = "UPDATE naive.videos SET state = 'collecting', noticed_at = clock_timestamp() WHERE id = $1"
_COMPLETED = "UPDATE naive.videos SET state = 'completed', path = $2, completed_at = clock_timestamp() WHERE id = $1"


async def open_tools(ctx: dict[str, Any]) -> None:
    """What all jobs share: one pool of connections to each side."""
    ctx["pool"] = await asyncpg.create_pool(ctx["database"], min_size=1, max_size=_CONNECTIONS)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    headers = {"authorization": "Bearer naive"}
    ctx["http"] = httpx.AsyncClient(
        base_url=ctx["provider"], headers=headers, limits=limits, timeout=60, trust_env=False
    )


async def close_tools(ctx: dict[str, Any]) -> None:
    """At the process's end."""
    await ctx["http"].aclose()
    await ctx["pool"].close()


async def generate(ctx: dict[str, Any], job_id: str, prompt: str) -> None:
    """One video, from its submission to its file."""
    pool: asyncpg.Pool[asyncpg.Record] = ctx["pool"]
    http: httpx.AsyncClient = ctx["http"]
    wanted = {"model": "sora-2", "prompt": prompt, "seconds": "4", "size": "1280x720"}
    answer = await http.post("/videos", json=wanted)
    answer.raise_for_status()
    video = answer.json()
    await pool.execute(_STARTED, job_id, video["id"])
    while video["status"] not in ("completed", "failed"):
        await asyncio.sleep(_POLL_S)
        video = (await http.get(f"/videos/{video['id']}")).raise_for_status().json()
        await pool.execute(_PROGRESS, job_id, video["progress"])
    await pool.execute(_NOTICED, job_id)
    content = (await http.get(f"/videos/{video['id']}/content")).raise_for_status().content
    path: Path = ctx["folder"] / f"{job_id}.mp4"
    await asyncio.to_thread(path.write_bytes, content)
    await pool.execute(_COMPLETED, job_id, str(path))
