"""Everything that a run leaves behind, to be searched: Redis, Postgres, processes, files."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import redis

_TEXTS = """
SELECT table_name, column_name, udt_name FROM information_schema.columns
WHERE table_schema = 'reelwork' AND udt_name IN ('text', 'varchar', 'jsonb', 'json', 'bytea', '_text', '_varchar')
"""
CIPHERTEXTS = {
    *(("credentials", "sealed"), ("idempotency_keys", "sealed")),
    *(("clients", "webhook_secret"), ("clients", "webhook_secret_before")),
}


async def rows_of(database_url: str) -> dict[tuple[str, str], bytes]:
    """All values of every column that can hold text, bytes as they are; by table and column."""
    connection = await asyncpg.connect(database_url)
    try:
        kept: dict[tuple[str, str], bytes] = {}
        for column in await connection.fetch(_TEXTS):
            table, name, kind = column.values()
            as_bytes = f"{name}" if kind == "bytea" else f"convert_to({name}::text, 'UTF8')"
            found = await connection.fetch(f"SELECT {as_bytes} AS value FROM reelwork.{table} WHERE {name} IS NOT NULL")
            kept[table, name] = b"\n".join(row["value"] for row in found)
        return kept
    finally:
        await connection.close()


def dump(connection: "redis.Redis[bytes]") -> bytes:
    """Every key with all that it holds."""
    readers: dict[bytes, Any] = {
        b"string": connection.get,
        b"hash": connection.hgetall,
        b"list": lambda key: connection.lrange(key, 0, -1),
        b"set": connection.smembers,
        b"zset": lambda key: connection.zrange(key, 0, -1),
        b"stream": connection.xrange,
    }
    held = {key: readers[connection.type(key)](key) for key in connection.scan_iter(count=1000)}
    return repr(held).encode()


@contextmanager
def overheard(url: str) -> Iterator[list[str]]:
    """Every command that any client sends to Redis during the block: what is published leaves nothing to dump."""
    heard: list[str] = []
    with redis.Redis.from_url(url) as connection, connection.monitor() as monitor:

        def listen() -> None:
            with suppress(redis.RedisError, OSError, ValueError, AttributeError):
                for command in monitor.listen():
                    heard.append(json.dumps(command, default=repr))

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        yield heard
        connection.execute_command("PING")
        monitor.connection.disconnect()
        listener.join(10)


@contextmanager
def watched_processes(roots: list[int]) -> Iterator[dict[int, set[bytes]]]:
    """Environment and command line of these processes and of all that descend from them, however short they live."""
    seen: dict[int, set[bytes]] = defaultdict(set)
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.01):
            for pid in _family(roots):
                with suppress(OSError):
                    here = Path("/proc") / str(pid)
                    seen[pid].add((here / "environ").read_bytes() + (here / "cmdline").read_bytes())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield seen
    over.set()
    watcher.join(10)


def _family(roots: list[int]) -> list[int]:
    found = list(roots)
    for pid in found:
        with suppress(OSError):
            for task in (Path("/proc") / str(pid) / "task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def files_under(folder: Path) -> dict[str, bytes]:
    """All files there, the processes' logs among them."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
