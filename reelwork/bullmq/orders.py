"""What becomes of each old job: asked for anew, adopted under the id that its provider gave it, or left alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic.alias_generators import to_camel

from reelwork.bullmq.queue import OldJob, OldQueue
from reelwork.client.creating import checked
from reelwork.client.errors import BadRequest
from reelwork.models_requests import VideoRequest

Action = Literal["create", "adopt", "skip"]

KEY_FIELDS: Final = ("apiKey", "api_key", "providerKey")
PROVIDER_ID_FIELDS: Final = (
    *("providerJobId", "provider_job_id", "operationName", "operation_name", "providerVideoId", "providerTaskId"),
)
_KINDS: Final = {"openai": "sora", "google": "veo", "vertex": "veo", "gemini": "omni"}
_TAKEN: Final = frozenset(map(to_camel, VideoRequest.model_fields)) - {"jobId", "runAt", "priority"}
_COMPOSED: Final = frozenset({"scene", "character", "presetKey"})
_LATER: Final = 3
"""BullMQ runs what has no priority first, and only then what has one, in its order."""
_BY_ITSELF: Final = "repeat:"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person wants beyond what waits. `provider` is for jobs that name none."""

    retry_failed: bool = False
    include_active: bool = False
    provider: str | None = None
    provider_id_fields: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done about one old job; `why` says why it is left alone, or what to know about it. `left_out` are
    the members of its data that Reelwork does not know."""

    job: OldJob
    job_id: str
    action: Action
    why: str | None = None
    request: VideoRequest | None = None
    provider_key: str | None = field(default=None, repr=False)
    provider_job_id: str | None = None
    left_out: tuple[str, ...] = ()


def orders_for(queue: OldQueue, choices: Choices) -> list[Order]:
    """One order for each job, in the order in which they would have run."""
    seen: dict[str, str] = {}
    orders = []
    for job in queue.jobs:
        order = _order(queue, job, choices)
        twin = seen.setdefault(order.job_id, job.id)
        if twin != job.id and order.action != "skip":
            order = Order(job, order.job_id, "skip", f"has the same jobId as {twin}")
        orders.append(order)
    return orders


def job_id_for(queue: OldQueue, job: OldJob) -> str:
    """The id that the application knows it by, where that is a UUID; else one that is the same at every run."""
    for known in (job.data.get("jobId"), job.id):
        try:
            return str(UUID(known))
        except (ValueError, AttributeError, TypeError):
            continue
    name = f"urn:bullmq:{queue.prefix}:{queue.name}:{job.id}:{job.timestamp_ms}"
    return str(uuid5(NAMESPACE_URL, name))


def _order(queue: OldQueue, job: OldJob, choices: Choices) -> Order:
    job_id = job_id_for(queue, job)
    id_fields = (*choices.provider_id_fields, *PROVIDER_ID_FIELDS)
    provider_job_id = _provider_id(job, id_fields)
    if why := _left_alone(job, choices):
        return Order(job, job_id, "skip", why, provider_job_id=provider_job_id)
    try:
        wishes = _wishes(job, choices) | _timing(job, provider_job_id) | {"jobId": job_id}
        request = checked(VideoRequest, wishes)
    except BadRequest as error:
        return Order(job, job_id, "skip", str(error))
    return Order(
        job,
        job_id,
        "adopt" if provider_job_id else "create",
        _worth_knowing(job, provider_job_id),
        request,
        provider_key=_text_of(job.data, KEY_FIELDS),
        provider_job_id=provider_job_id,
        left_out=tuple(sorted(job.data.keys() - _TAKEN - {*id_fields} - {"jobId", "priority", *KEY_FIELDS})),
    )


def _left_alone(job: OldJob, choices: Choices) -> str | None:
    if job.id.startswith(_BY_ITSELF):
        return "a scheduler makes it again and again: move the scheduler to your application"
    match job.state:
        case "waiting-children":
            return "waits for other jobs: Reelwork knows no flows"
        case "failed" if not choices.retry_failed:
            return f"failed: {job.failed_reason or 'no reason kept'}; --retry-failed takes it along"
        case "active" if not choices.include_active:
            return "the old worker is at it: let it end, or look at --include-active"
    return None


def _worth_knowing(job: OldJob, provider_job_id: str | None) -> str | None:
    if provider_job_id:
        return None
    if job.state == "active":
        return "may have been submitted by the old worker already, and is then paid twice"
    return f"tried {job.attempts_made} times before" if job.attempts_made else None


def _wishes(job: OldJob, choices: Choices) -> dict[str, Any]:
    wishes = {name: value for name, value in job.data.items() if name in _TAKEN and value is not None}
    if isinstance(wishes.get("prompt"), str) and wishes["prompt"].strip():
        wishes = {name: value for name, value in wishes.items() if name not in _COMPOSED}
    for name in ("duration", "seconds"):
        if isinstance(wishes.get(name), str):
            wishes[name] = wishes[name].strip().removesuffix("s")
    provider = str(wishes.get("provider") or choices.provider or "").lower()
    if provider:
        wishes["provider"] = _KINDS.get(provider, provider)
    metadata = wishes.get("metadata")
    wishes["metadata"] = {**(metadata if isinstance(metadata, dict) else {}), "bullmqJobId": job.id}
    return wishes


def _timing(job: OldJob, provider_job_id: str | None) -> dict[str, Any]:
    """When its turn is; none for what the provider is at already."""
    if provider_job_id is None and job.due_at is not None and job.due_at > datetime.now(UTC):
        return {"runAt": job.due_at}
    return {"priority": _LATER} if job.state == "prioritized" else {}


def _provider_id(job: OldJob, names: Iterable[str]) -> str | None:
    places = (place for place in (job.result, job.progress, job.data) if isinstance(place, dict))
    return next((found for place in places if (found := _text_of(place, names))), None)


def _text_of(place: Mapping[str, Any], names: Iterable[str]) -> str | None:
    values = (place.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), None)
