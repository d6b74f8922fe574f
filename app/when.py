"""A moment that a caller names: with a time zone, and one that everything behind the API can hold and reckon with."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


def _in_our_time(at: datetime) -> datetime:
    if not _FIRST <= at < _LAST:
        raise ValueError("must lie between the years 1970 and 3000")
    return at


When = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
