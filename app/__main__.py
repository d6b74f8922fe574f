"""`python -m app`: the API on PORT, in WEB_CONCURRENCY processes, until SIGTERM or SIGINT."""

import math

import uvicorn

from config.settings import load_settings_or_exit

_FACTORY = "app.main:from_environment"


def main() -> None:
    """Serve. Settings are checked here once, so that a wrong one gives one message however many processes there are."""
    settings = load_settings_or_exit("web")
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
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace_seconds),
        h11_max_incomplete_event_size=32 * 1024,
    )


if __name__ == "__main__":
    main()
