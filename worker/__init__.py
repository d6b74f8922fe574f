"""The worker process: `arq worker.WorkerSettings`.

The settings are read when arq asks for WorkerSettings, and not before.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    if name != "WorkerSettings":
        raise AttributeError(name)
    from worker.settings import WorkerSettings

    return WorkerSettings
