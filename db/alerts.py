"""What is wrong, and who has been told: alerts by key, one row each, begun and ended by guarded statements.

Any process may look and any may send: a row is begun once, ended once, and each of its two messages is claimed by one
process at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from db.connection import Executor
from db.tables import Alert

_BEGIN = """
INSERT INTO reelwork.alerts AS a (key, text)
SELECT key, text FROM unnest($1::text[], $2::text[]) AS seen (key, text) ORDER BY key
ON CONFLICT (key) DO UPDATE SET
  text = excluded.text, since = CASE WHEN a.told = 'start' THEN a.since ELSE now() END, ended_at = NULL,
  told = CASE WHEN a.told = 'start' THEN 'start' END, heard = '{}', attempts = 0, next_at = now()
WHERE a.ended_at IS NOT NULL
"""

_END = """
WITH over AS (
  SELECT key FROM reelwork.alerts
  WHERE ended_at IS NULL AND split_part(key, ':', 1) = ANY ($1::text[]) AND key <> ALL ($2::text[])
  ORDER BY key FOR UPDATE
)
UPDATE reelwork.alerts a SET ended_at = now(), heard = '{}', attempts = 0, next_at = now()
FROM over WHERE a.key = over.key
"""

_CLAIM = """
WITH due AS (
  SELECT key FROM reelwork.alerts
  WHERE next_at <= now() AND ((ended_at IS NULL AND told IS NULL) OR (ended_at IS NOT NULL AND told = 'start'))
  ORDER BY since, key LIMIT 20 FOR UPDATE SKIP LOCKED
)
UPDATE reelwork.alerts a SET next_at = now() + $1::interval, attempts = a.attempts + 1
FROM due WHERE a.key = due.key
RETURNING a.key, a.text, a.since, a.ended_at, a.told, a.told_at, a.heard, a.attempts, a.next_at
"""

_TOLD = """
UPDATE reelwork.alerts SET told = $2, told_at = now(), heard = '{}', attempts = 0, next_at = now()
WHERE key = $1 AND told IS DISTINCT FROM $2 AND ($2 = 'start' OR ended_at IS NOT NULL)
"""

_MISSED = "UPDATE reelwork.alerts SET heard = $2, next_at = now() + $3::interval WHERE key = $1"

_LIST = """
SELECT key, text, since, ended_at, told, told_at, heard, attempts, next_at FROM reelwork.alerts
ORDER BY ended_at IS NOT NULL, since DESC, key LIMIT 200
"""

_FORGET = "DELETE FROM reelwork.alerts WHERE ended_at < now() - $1::interval"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to send now: that an alert began, or (`phase` end) that it is over."""

    alert: Alert

    @property
    def phase(self) -> str:
        return "start" if self.alert.ended_at is None else "end"


async def begin(conn: Executor, seen: Mapping[str, str]) -> None:
    """Every key of `seen` is wrong now; its text is that of the first time. One whose end nobody was told goes on."""
    await conn.execute(_BEGIN, list(seen), list(seen.values()))


async def end(conn: Executor, judged: Sequence[str], seen: Sequence[str]) -> None:
    """Whatever is open of the families `judged` and not seen is over."""
    await conn.execute(_END, list(judged), list(seen))


async def claim(conn: Executor, hold: timedelta) -> list[Message]:
    """Messages that are due; nobody else gets them for the time of `hold`."""
    return [Message(Alert.of(row)) for row in await conn.fetch(_CLAIM, hold)]


async def told(conn: Executor, message: Message) -> None:
    """Every receiver has it."""
    await conn.execute(_TOLD, message.alert.key, message.phase)


async def missed(conn: Executor, message: Message, heard: Sequence[str], again_in: timedelta) -> None:
    """Only these receivers have it; the others are told later."""
    await conn.execute(_MISSED, message.alert.key, list(heard), again_in)


async def listed(conn: Executor) -> list[Alert]:
    """Open ones first, newest first."""
    return [Alert.of(row) for row in await conn.fetch(_LIST)]


async def forget(conn: Executor, older_than: timedelta) -> None:
    """Drop alerts that are long over."""
    await conn.execute(_FORGET, older_than)
