"""`make dev`: notices that code has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from watchfiles import PythonFilter, awatch

from devstack.environ import ROOT

WATCHED = ("app", "worker", "observing", "jobqueue", "db", "providers", "storage", "media", "config")


async def code_changes(watching: asyncio.Event) -> AsyncIterator[str]:
    """The name of one changed file each time that files of the server change; a burst of changes counts once.

    `watching` is set once no change can be missed any more.
    """
    folders = [ROOT / name for name in WATCHED]
    watching.set()  # who waits for it goes on when we first wait ourselves: by then the watch stands
    async for changes in awatch(*folders, watch_filter=PythonFilter(extra_extensions=(".toml", ".sql"))):
        yield sorted(changes)[0][1].removeprefix(f"{ROOT}/")
