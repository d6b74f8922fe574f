"""Builds a server from plain values, for the command line and for tests."""

from collections.abc import Iterable, Mapping
from typing import Any

from reelwork.simulator.faults.grammar import parse_rule
from reelwork.simulator.options import Options
from reelwork.simulator.server import SimulatorServer
from reelwork.simulator.world import new_world


def prepare(
    host: str, port: int, *, media_port: int = 0, faults: Iterable[str] = (), options: Mapping[str, Any] | None = None
) -> SimulatorServer:
    """A server that listens already but serves only when it is run; ValueError for bad options or rules."""
    world = new_world(Options().with_changes(options or {}))
    for text in faults:
        world.rules.add(parse_rule(text))
    return SimulatorServer(world, host, port, media_port)
