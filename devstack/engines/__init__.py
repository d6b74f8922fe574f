"""A real PostgreSQL and a real Valkey without Docker or a package manager, for `make run` and the tests."""

from devstack.engines.running import Engine, Engines, elsewhere, engines, open_engines

__all__ = ["Engine", "Engines", "elsewhere", "engines", "open_engines"]
