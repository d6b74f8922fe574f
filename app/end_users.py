"""Whom a client names as its own user: checked the same wherever the name stands."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.bodies import EndUser
from app.problems import FieldError, invalid

_NAME: TypeAdapter[str] = TypeAdapter(EndUser)


def checked_end_user(value: Any) -> str:
    """The name. Raises Problem (400)."""
    try:
        return _NAME.validate_python(value, strict=True)
    except ValidationError:
        sentence = "must be a text of 1 to 200 characters without a slash, and not of dots alone"
        raise invalid([FieldError("endUserId", sentence)]) from None
