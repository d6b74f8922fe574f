"""From the words of a query string, or of a body's `filter`, to what is looked for."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from app import views
from app.bodies import Body
from app.problems import FieldError, invalid
from app.validation import check
from app.when import When
from db.job_search import Search, query_of
from db.states import JobState
from providers import kinds

_Word = Annotated[str, Field(min_length=1, max_length=200)]


def _listed(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


class FilterBody(Body):
    """Several statuses or stages stand with commas between them."""

    ids: Annotated[list[UUID], BeforeValidator(_listed), Field(max_length=200)] = []
    status: Annotated[list[str], BeforeValidator(_listed)] = []
    stage: Annotated[list[JobState], BeforeValidator(_listed)] = []
    provider: _Word | None = None
    model: _Word | None = None
    client_id: UUID | None = None
    storyboard_id: _Word | None = None
    error_code: _Word | None = None
    since: When | None = None
    until: When | None = None
    q: Annotated[str, Field(max_length=500)] = ""


def from_query(given: Mapping[str, str]) -> Search:
    """The search that a query string asks for. Raises Problem (400)."""
    members = {name: value for name, value in given.items() if value and name not in ("after", "limit", "sort")}
    body, errors = check(members, FilterBody)
    if body is None:
        raise invalid(errors)
    return search_of(body)


def search_of(body: FilterBody) -> Search:
    """What a filter looks for; an id in `q` is that job, whatever its prompt. Raises Problem (400)."""
    if body.provider is not None and not kinds.is_kind(body.provider):
        raise invalid([FieldError("provider", "is not a provider of this server")])
    job_id = _id_in(body.q)
    return Search(
        ids=[job_id] if job_id else body.ids or None,
        states=_states(body) or None,
        kind=kinds.long(body.provider) if body.provider else None,
        model=body.model,
        client_id=body.client_id,
        storyboard_id=body.storyboard_id,
        error_code=body.error_code,
        since=body.since,
        until=body.until,
        words=None if job_id else query_of(body.q),
    )


def _states(body: FilterBody) -> list[str]:
    unknown = [status for status in body.status if status not in views.STATUSES]
    if unknown:
        raise invalid([FieldError("status", f"must be one of {', '.join(views.STATUSES)}")])
    return [*(state for status in body.status for state in views.states_of(status)), *body.stage]


def _id_in(text: str) -> UUID | None:
    try:
        return UUID(text.strip().removeprefix("video_"))
    except ValueError:
        return None
