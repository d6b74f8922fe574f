"""What a BullMQ queue holds: read from the keys that it keeps in Redis; nothing is written there.

Jobs are hashes at `{prefix}:{queue}:{id}`, their ids lie in lists (newest first) and sorted sets named by state. Until
version 6 a paused queue keeps in `paused` what waits; `meta` says in every version that it is paused.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, cast

import redis

_FIELDS: Final = ("data", "timestamp", "progress", "returnvalue", "failedReason", "atm", "attemptsMade")
_BATCH: Final = 500
_MARKERS: Final = "0:"
"""How the ids of BullMQ's own wake-up calls begin, which lie among those of jobs."""
_DELAY_BITS: Final = 12
"""A delayed job's score is its time in milliseconds, then so many bits that keep the order within one."""


@dataclass(frozen=True, slots=True)
class OldJob:
    """One job as BullMQ keeps it. `state` is BullMQ's word; `due_at` is only known of delayed ones."""

    id: str
    state: str
    data: Mapping[str, Any] = field(repr=False)
    progress: Any = field(default=None, repr=False)
    result: Any = field(default=None, repr=False)
    timestamp_ms: str = ""
    attempts_made: int = 0
    failed_reason: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OldQueue:
    """A queue's jobs in the order in which they would run. `workers` is None where Redis does not tell; `schedulers`
    counts what makes jobs again and again."""

    prefix: str
    name: str
    is_paused: bool
    workers: int | None
    schedulers: int
    jobs: tuple[OldJob, ...]


class NoSuchQueue(LookupError):
    """There is no queue of that name; the message names those that there are."""


def read_queue(connection: "redis.Redis", prefix: str, name: str) -> OldQueue:
    """Everything that a queue still holds, but for what it has completed. Raises NoSuchQueue, redis.RedisError."""
    base = f"{prefix}:{name}"
    if not connection.exists(f"{base}:meta", f"{base}:id"):
        keys = cast("Iterable[str]", connection.scan_iter(match=f"{prefix}:*:meta", count=1000))
        found = sorted(key.removeprefix(f"{prefix}:").removesuffix(":meta") for key in keys)
        raise NoSuchQueue(f"There is no BullMQ queue {base}; found here: {', '.join(found) or 'none'}.")
    places = {id_: (state, due_ms) for state, id_, due_ms in _places(connection, base)}
    jobs = tuple(_jobs(connection, base, places))
    return OldQueue(
        prefix=prefix,
        name=name,
        is_paused=bool(connection.hexists(f"{base}:meta", "paused")),
        workers=_workers(connection, prefix, name),
        schedulers=cast("int", connection.zcard(f"{base}:repeat")),
        jobs=jobs,
    )


def _places(connection: "redis.Redis", base: str) -> Iterator[tuple[str, str, int | None]]:
    """State and id of each job, and when it is due."""
    for key, state in (("active", "active"), ("wait", "waiting"), ("paused", "waiting")):
        for id_ in reversed(cast("list[str]", connection.lrange(f"{base}:{key}", 0, -1))):
            yield state, id_, None
    for state in ("prioritized", "delayed", "failed", "waiting-children"):
        for id_, score in cast("list[tuple[str, float]]", connection.zrange(f"{base}:{state}", 0, -1, withscores=True)):
            yield state, id_, int(score) >> _DELAY_BITS if state == "delayed" else None


def _jobs(connection: "redis.Redis", base: str, places: Mapping[str, tuple[str, int | None]]) -> Iterator[OldJob]:
    ids = [id_ for id_ in places if not id_.startswith(_MARKERS)]
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        with connection.pipeline(transaction=False) as pipeline:
            for id_ in batch:
                pipeline.hmget(f"{base}:{id_}", list(_FIELDS))
            answers = pipeline.execute()
        for id_, values in zip(batch, answers, strict=True):
            if values[0] is not None:
                yield _job(id_, *places[id_], dict(zip(_FIELDS, values, strict=True)))


def _job(id_: str, state: str, due_ms: int | None, kept: Mapping[str, str | None]) -> OldJob:
    data = _parsed(kept["data"])
    return OldJob(
        id=id_,
        state=state,
        data=data if isinstance(data, dict) else {},
        progress=_parsed(kept["progress"]),
        result=_parsed(kept["returnvalue"]),
        timestamp_ms=kept["timestamp"] or "",
        attempts_made=int(kept["atm"] or kept["attemptsMade"] or 0),
        failed_reason=kept["failedReason"],
        due_at=datetime.fromtimestamp(due_ms / 1000, UTC) if due_ms is not None else None,
    )


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _workers(connection: "redis.Redis", prefix: str, name: str) -> int | None:
    """How many workers are connected: each names its connection after its queue."""
    called = f"{prefix}:{base64.b64encode(name.encode()).decode()}"
    try:
        clients = cast("list[dict[str, str]]", connection.client_list())
    except redis.ResponseError:
        return None
    return sum(client["name"] == called or client["name"].startswith(f"{called}:w:") for client in clients)
