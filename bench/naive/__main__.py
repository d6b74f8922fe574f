"""`python -m bench.naive --redis URL --database URL --provider URL --folder DIR --slots N`: its worker process."""

import argparse
from pathlib import Path

import uvloop
from arq.connections import RedisSettings
from arq.worker import Worker, func

from bench.naive import port

_TIMEOUT_S = 3600


def main() -> None:
    """Work until told to leave."""
    parser = argparse.ArgumentParser(prog="python -m bench.naive", description=__doc__)
    for name in ("redis", "database", "provider"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--slots", type=int, required=True)
    given = parser.parse_args()
    uvloop.install()
    worker = Worker(
        functions=[func(port.generate, name=port.JOB, timeout=_TIMEOUT_S, keep_result=0)],
        redis_settings=RedisSettings.from_dsn(given.redis),
        on_startup=port.open_tools,
        on_shutdown=port.close_tools,
        max_jobs=given.slots,
        ctx={"database": given.database, "provider": given.provider, "folder": given.folder},
    )
    worker.run()


if __name__ == "__main__":
    main()
