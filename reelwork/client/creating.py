"""Asks for videos. Each carries an id of our own making, so that asking again after a lost answer makes no second."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar, Unpack

from pydantic import ValidationError

from reelwork.client.answers import parse
from reelwork.client.choosing import choose_provider
from reelwork.client.errors import BadRequest, FieldError, Problem, ServerUnavailable
from reelwork.client.flow import Flow, Reply, Request
from reelwork.client.operating import models
from reelwork.client.paths import path
from reelwork.client.resending import send_again_if_lost
from reelwork.job_ids import new_job_ids
from reelwork.models import Accepted, AcceptedStoryboard
from reelwork.models_base import Body
from reelwork.models_requests import Options, Scene, VideoRequest, Wishes

UNSORTED: Final = "unsorted"
"""The storyboard of videos that were asked for without one."""

B = TypeVar("B", bound=Body)


def generate(text: str | Scene, *, provider_key: str | None = None, **options: Unpack[Options]) -> Flow[Accepted]:
    """Ask for one video; returns as soon as the server has written it down.

    A plain text is the prompt, word for word. With a `preset_key` or a `character`, and always for a Scene, it is the
    scene from which the server composes the prompt. Without a provider, the one that offers the model is taken;
    without a model too, the cheapest callable one. `provider_key` is your own key at the provider, for this video.
    Raises BadRequest for what the model cannot do, OverBudget, Conflict for a job_id used with another body.
    """
    wishes: dict[str, Any] = {"scene": text, **options}
    if isinstance(text, str) and not {"preset_key", "character", "prompt"} & options.keys():
        wishes["prompt"] = text
    return (yield from submit(checked(VideoRequest, wishes), provider_key=provider_key))


def submit(request: VideoRequest, *, provider_key: str | None = None) -> Flow[Accepted]:
    """As `generate`, for a request that was put together before; nothing is filled in but ids and the provider."""
    job_id = request.job_id or new_job_ids(1)[0]
    body = {"storyboardId": UNSORTED, **request.wire(), "jobId": job_id}
    if request.provider is None:
        body |= choose_provider((yield from models()).models, request.model)
    reply = yield from _create(Request("POST", "/api/video/generate", body=body, headers=_key(provider_key)), [job_id])
    return parse(reply, Accepted)


def take_over(request: VideoRequest, provider_job_id: str, *, provider_key: str | None = None) -> Flow[Accepted]:
    """Let the server wait for a video that another system has submitted, and store it; nothing is submitted or paid.

    For operators. BadRequest where the provider does not show that id to this key, or another video has it.
    """
    job_id = request.job_id or new_job_ids(1)[0]
    body = {"storyboardId": UNSORTED, **request.wire(), "jobId": job_id, "providerJobId": provider_job_id}
    if request.provider is None:
        body |= choose_provider((yield from models()).models, request.model)
    reply = yield from _create(Request("POST", "/api/admin/import", body=body, headers=_key(provider_key)), [job_id])
    return parse(reply, Accepted)


def generate_storyboard(
    storyboard_id: str,
    scenes: Sequence[VideoRequest | Mapping[str, Any]],
    *,
    defaults: Wishes | Mapping[str, Any] | None = None,
    provider_key: str | None = None,
) -> Flow[AcceptedStoryboard]:
    """Ask for all scenes of a storyboard, all or none; `defaults` holds for each scene that does not say otherwise.

    Scenes and defaults may be plain mappings, with names in either spelling (`scene_id` or `sceneId`).
    """
    common = checked(Wishes, defaults or {})
    requests = [checked(VideoRequest, scene, f"scenes.{number}.") for number, scene in enumerate(scenes)]
    ids = new_job_ids(len(requests))
    bodies = [{**one.wire(), "jobId": one.job_id or new_id} for one, new_id in zip(requests, ids, strict=True)]
    lacking = [body for body in bodies if common.provider is None and body.get("provider") is None]
    if lacking:
        offered = (yield from models()).models
        for body in lacking:
            body |= choose_provider(offered, body.get("model") or common.model)
    where = path("/api/storyboards/{}/generate", storyboard_id)
    body = {"defaults": common.wire(), "scenes": bodies}
    request = Request("POST", where, body=body, headers=_key(provider_key))
    reply = yield from _create(request, [scene["jobId"] for scene in bodies])
    return parse(reply, AcceptedStoryboard)


def checked(shape: type[B], wishes: B | Mapping[str, Any], prefix: str = "") -> B:
    """`wishes` as `shape`; BadRequest names every member that is misspelt or of the wrong type."""
    if isinstance(wishes, shape):
        return wishes
    try:
        return shape.model_validate(wishes)
    except ValidationError as error:
        fields = tuple(
            FieldError(prefix + ".".join(str(part) for part in flaw["loc"]), flaw["msg"]) for flaw in error.errors()
        )
        listed = "; ".join(f"{field.path}: {field.message}" for field in fields)
        raise BadRequest(f"This is no request for a video: {listed}.", Problem(errors=fields)) from None


def _create(request: Request, job_ids: list[str]) -> Flow[Reply]:
    try:
        return (yield from send_again_if_lost(request))
    except ServerUnavailable as error:
        sentence = f"{error} If the request got through, it goes on as {', '.join(job_ids)}."
        raise ServerUnavailable(sentence, error.problem, answer_lost=error.answer_lost) from error


def _key(provider_key: str | None) -> dict[str, str]:
    return {} if provider_key is None else {"X-Provider-Key": provider_key}
