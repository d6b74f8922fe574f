"""The worker process: `arq worker.WorkerSettings`.

The settings are read when arq asks for WorkerSettings, and not before.
"""

import sys
from typing import Any


def __getattr__(name: str) -> Any:
    if name != "WorkerSettings":
        raise AttributeError(name)
    # Where rich and pygments are installed, httpx brings them in for its command line: 5 MB of an idle worker.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    from worker.settings import WorkerSettings

    return WorkerSettings
