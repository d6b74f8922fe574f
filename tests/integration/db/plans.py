"""What PostgreSQL did to run each statement, told by the server itself while our own functions call it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Self

from tests.integration.db.million import BIG_TABLES

_TELL = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_analyze = on;
SET auto_explain.log_timing = off;
SET auto_explain.log_format = json;
SET auto_explain.log_level = notice;
SET client_min_messages = notice;
SET jit = off
"""


class Plans:
    """The plans of a connection's statements."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._told: list[str] = []

    @classmethod
    async def told_by(cls, connection: Any) -> Self:
        """Let the server tell this connection the plan of each statement it runs."""
        plans = cls(connection)
        await connection.execute(_TELL)
        connection.add_log_listener(plans._hear)
        return plans

    async def of(self, call: Callable[[Any], Awaitable[Any]], most_rows: int) -> list[str]:
        """What is wrong with the plans of a call that looks at `most_rows` of each big table at most; made in a
        transaction that is rolled back."""
        self._told = []
        transaction = self._connection.transaction()
        await transaction.start()
        await call(self._connection)
        await transaction.rollback()
        await asyncio.sleep(0)
        if not self._told:
            return ["no plan was told"]
        return [wrong for told in self._told for wrong in _complaints(json.loads(told)["Plan"], most_rows)]

    def _hear(self, _: object, message: Any) -> None:
        if "plan:" in message.message:
            self._told.append(message.message.partition("plan:")[2])


def _complaints(node: dict[str, Any], most_rows: int) -> Iterator[str]:
    table = node.get("Relation Name")
    if table in BIG_TABLES and "Scan" in node["Node Type"]:
        if node["Node Type"] == "Seq Scan":
            yield f"reads all of {table}"
        elif (rows := _rows_looked_at(node)) > most_rows:
            yield f"looks at {rows:.0f} rows of {table} by {node.get('Index Name')}"
    for inner in node.get("Plans", []):
        yield from _complaints(inner, most_rows)


def _rows_looked_at(node: dict[str, Any]) -> float:
    names = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return float(sum(node.get(name, 0) for name in names) * node["Actual Loops"])
