"""The state machine of a job against the real statements: every interleaving that can be found in the time given.

LIVES=2000 looks at that many random ones; without it the same few are looked at each time.
"""

import asyncio
import os
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from db.connection import Database, open_pool
from tests.integration.lives.machine import Lives

LIVES = int(os.environ.get("LIVES", "0"))
SETTINGS = settings(
    max_examples=LIVES or 40,
    stateful_step_count=50,
    derandomize=not LIVES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


async def no_pause(seconds: float) -> None:
    """Time passes by a rule of its own."""


def test_no_order_of_events_loses_a_video_or_pays_for_one_twice(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.steps.recover.asyncio", SimpleNamespace(sleep=no_pause))
    with asyncio.Runner() as runner:
        opened = open_pool(Database(database_url), 2)
        pool = runner.run(opened.__aenter__())
        try:
            machine = type("Lives", (Lives,), {"runner": runner, "pool": pool})
            run_state_machine_as_test(machine, settings=SETTINGS)
        finally:
            runner.run(opened.__aexit__(None, None, None))
