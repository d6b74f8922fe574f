"""Where a list goes on: a moment and an id, as one word for a query string."""

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from app.problems import FieldError, invalid

Position = tuple[datetime, UUID]


def cursor(at: datetime, row_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {row_id}".encode()).decode().rstrip("=")


def position(word: str, name: str) -> Position:
    """What the word in the query parameter `name` stands for. Raises Problem (400)."""
    try:
        text = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode()
        moment, _, row_id = text.partition(" ")
        at = datetime.fromisoformat(moment)
        return at if at.tzinfo else at.replace(tzinfo=UTC), UUID(row_id)
    except (binascii.Error, ValueError):
        raise invalid([FieldError(name, "is not a cursor of this list")]) from None
