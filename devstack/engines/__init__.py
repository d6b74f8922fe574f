"""A real PostgreSQL and a real Valkey without Docker or a package manager, for `make run` and the tests."""

from devstack.engines.home import Home, take_home
from devstack.engines.running import Engine, Engines, elsewhere, engines, in_thread, open_engines, start_engines

__all__ = [
    "Engine",
    "Engines",
    "Home",
    "elsewhere",
    "engines",
    "in_thread",
    "open_engines",
    "start_engines",
    "take_home",
]
