"""All jobs, as operators look for them: by any of their marks and the words of their prompts, in one of three orders.

The statements are put together from the conditions that are asked for, since no single one is planned well for all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from db.connection import Executor, Record

_CONDITIONS = {
    "ids": "j.id = ANY ({}::uuid[])",
    "states": "j.state = ANY ({}::text[])",
    "kind": "j.kind = {}",
    "model": "j.kind IN ('openai_videos', 'vertex_veo', 'google_omni') AND j.model = {}",
    "client_id": "j.client_id = {}",
    "storyboard_id": "j.client_id IN (SELECT id FROM reelwork.clients) AND j.storyboard_id = {}",
    "error_code": "j.error_code = {}",
    "since": "j.created_at >= {}",
    "until": "j.created_at <= {}",
    "words": "to_tsvector('simple'::regconfig, j.prompt) @@ to_tsquery('simple'::regconfig, {})",
}

_ROWS = """
SELECT j.id, j.client_id, c.name AS client, j.storyboard_id, j.scene_id, j.kind, j.model, left(j.prompt, 240) AS prompt,
  j.state, j.progress, j.priority, j.error_code, j.error_message, j.attempts_made, j.cost_micros, j.estimate_micros,
  j.created_at, j.started_at, j.completed_at, j.review_at, j.poster_key IS NOT NULL AS has_poster, j.simulated,
  j.cancel_requested_at IS NOT NULL AS cancel_requested
FROM reelwork.video_jobs j JOIN reelwork.clients c ON c.id = j.client_id
"""

# What each of the actions would do to the rows that match, and what it would cost: see `app.admin.bulk`.
_TALLY = """
SELECT j.state, count(*) AS jobs, coalesce(sum(j.estimate_micros), 0)::bigint AS estimate_micros,
  count(*) FILTER (WHERE j.state = 'failed' AND NOT free.retry) AS paid_retries,
  coalesce(sum(j.estimate_micros) FILTER (WHERE j.state = 'failed' AND NOT free.retry), 0)::bigint AS retry_micros,
  coalesce(sum(j.video_bytes), 0)::bigint AS bytes
FROM reelwork.video_jobs j, LATERAL (
  SELECT coalesce(j.result IS NOT NULL AND NOT j.error_code = ANY ($1), false)
    OR coalesce(j.provider_job_id IS NOT NULL AND j.error_code = $2, false) AS retry
) free
"""

# Words are looked for twice, since no estimate tells a frequent word from a rare one: among the nearest rows in the
# order asked for, where a frequent one fills a page at once; then, by the index over words, among all.
_NEAR = """
SELECT j.id FROM (SELECT j.id, j.created_at, j.completed_at, j.prompt FROM reelwork.video_jobs j
"""
_NEAREST = 2000
_FOUND = """
WITH j AS MATERIALIZED (SELECT j.id, j.created_at, j.completed_at FROM reelwork.video_jobs j
"""
_OF_FOUND = ") SELECT j.id FROM j"

_IDS = "SELECT j.id, j.created_at FROM reelwork.video_jobs j"

_WORD = re.compile(r"\w+")
_NOT_DELETING = "j.state <> 'deleting'"


class Order(StrEnum):
    """`ended` shows what has ended, latest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class _Ranked:
    """An order in SQL, and what comes in it after the last row shown."""

    after: str
    by: str


_ORDERS = {
    Order.NEWEST: _Ranked("(j.created_at, j.id) < ({}, {})", "ORDER BY j.created_at DESC, j.id DESC"),
    Order.OLDEST: _Ranked("(j.created_at, j.id) > ({}, {})", "ORDER BY j.created_at, j.id"),
    Order.ENDED: _Ranked("(j.completed_at, j.id) < ({}, {})", "ORDER BY j.completed_at DESC, j.id DESC"),
}


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; None is anything. `words` is as `query_of` makes it."""

    ids: Sequence[UUID] | None = None
    states: Sequence[str] | None = None
    kind: str | None = None
    model: str | None = None
    client_id: UUID | None = None
    storyboard_id: str | None = None
    error_code: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """The matching jobs of one state; amounts in millionths of a US dollar. A retry is paid where nothing is left that
    can be waited for or collected again."""

    state: str
    jobs: int
    estimate_micros: int
    paid_retries: int
    retry_micros: int
    bytes: int


def query_of(text: str) -> str | None:
    """A text query for prompts that hold every word, each of which may go on; None where there is no word."""
    words = _WORD.findall(text.lower())
    return " & ".join(f"{word}:*" for word in words) or None


async def page(
    conn: Executor, search: Search, order: Order, after: tuple[datetime, UUID] | None, limit: int
) -> list[Record]:
    """The next rows, as the list shows them."""
    if search.words is not None and search.ids is None:
        found = await _with_words(conn, search, order, after, limit)
        search, after = Search(ids=found), None
    statement = _Statement(_ROWS).where(search).next(order, after)
    return await conn.fetch(statement.text(_ORDERS[order].by, limit), *statement.values)


async def ids(conn: Executor, search: Search, after: tuple[datetime, UUID] | None, limit: int) -> list[Record]:
    """`id` and `created_at` of the next matching jobs, newest first."""
    statement = _Statement(_IDS).where(search).next(Order.NEWEST, after)
    return await conn.fetch(statement.text(_ORDERS[Order.NEWEST].by, limit), *statement.values)


async def tally(conn: Executor, search: Search, copy_gone: Sequence[str], timed_out: str) -> list[Tally]:
    """How many match, by state. `copy_gone` are the codes of failures after which nothing is left to collect,
    `timed_out` that of those that can be waited for again."""
    statement = _Statement(_TALLY, list(copy_gone), timed_out).where(search)
    return [Tally(**dict(row)) for row in await conn.fetch(statement.text("GROUP BY j.state"), *statement.values)]


async def _with_words(
    conn: Executor, search: Search, order: Order, after: tuple[datetime, UUID] | None, limit: int
) -> list[UUID]:
    rest, ranked = replace(search, words=None), _ORDERS[order]
    near = _Statement(_NEAR).where(rest).next(order, after)
    inner = near.text(ranked.by, _NEAREST)
    near.values.append(search.words)
    condition = _CONDITIONS["words"].format(f"${len(near.values)}")
    found = await conn.fetch(f"{inner}) j WHERE {condition} {ranked.by}", *near.values)
    if len(found) < limit:
        whole = _Statement(_FOUND).where(search).next(order, after)
        found = await conn.fetch(whole.text(" ".join((_OF_FOUND, ranked.by)), limit), *whole.values)
    return [row["id"] for row in found[:limit]]


class _Statement:
    """A statement that grows by conditions, each with its values."""

    def __init__(self, head: str, *values: Any) -> None:
        self._head = head
        self._conditions: list[str] = []
        self.values: list[Any] = list(values)

    def where(self, search: Search) -> Self:
        """Only what the search looks for."""
        for field in fields(search):
            value = getattr(search, field.name)
            if value is not None:
                self.add(_CONDITIONS[field.name], value)
        if search.states is None:
            self.add(_NOT_DELETING)
        return self

    def next(self, order: Order, after: tuple[datetime, UUID] | None) -> Self:
        """Only what comes after the last row shown, of what stands in this order at all."""
        if order is Order.ENDED:
            self.add("j.completed_at IS NOT NULL")
        if after is not None:
            self.add(_ORDERS[order].after, *after)
        return self

    def add(self, condition: str, *values: Any) -> None:
        places = [f"${len(self.values) + number}" for number in range(1, len(values) + 1)]
        self._conditions.append(condition.format(*places))
        self.values.extend(values)

    def text(self, end: str, limit: int | None = None) -> str:
        parts = [self._head, "WHERE", " AND ".join(self._conditions), end]
        if limit is not None:
            self.values.append(limit)
            parts.append(f"LIMIT ${len(self.values)}")
        return " ".join(parts)
