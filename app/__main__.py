"""`python -m app`: the API on PORT, in WEB_CONCURRENCY processes, until SIGTERM or SIGINT."""

import math
import signal
import sys
from types import FrameType

import uvicorn

from app.http_guard import GuardedProtocol
from config.settings import load_settings_or_exit

_FACTORY = "app.main:from_environment"
_START_S = 30
"""Seconds that a process may take to its first sign of life before it is replaced; a busy small machine is slow."""


def main() -> None:
    """Serve. Settings are checked here once, so that a wrong one gives one message however many processes there are."""
    settings = load_settings_or_exit("web")
    # uvicorn raises the signal once more after its orderly end; that end is a success, not a death by signal.
    signal.signal(signal.SIGTERM, _leave)
    uvicorn.run(
        _FACTORY,
        factory=True,
        host="0.0.0.0",
        port=settings.port,
        workers=settings.web_concurrency,
        proxy_headers=True,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_worker_healthcheck=_START_S,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace_seconds),
        http=GuardedProtocol,
        ws="none",
    )


def _leave(signum: int, frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
