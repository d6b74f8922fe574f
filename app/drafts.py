"""From a checked body to a draft: what would be made, by which model, at which price. Nothing is written or spent."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from app.bodies import WishBody
from app.deps import Deps
from app.inputs import InputLoader
from app.presets import PRESETS
from app.problems import FieldError, Problem, invalid
from app.prompt import Character, Scene, compose_prompt
from db.images import NewInput
from providers import kinds
from providers.base import InputRole
from providers.planning import Plan
from providers.refusals import CannotDo, ModelNotFound, ModelRetired
from providers.wanted import WantedVideo

KeyOf = Callable[[str], str | None]
"""The provider key that came with the call for a kind (long name)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A video that could be accepted. `caller_key` is the key that came with the call, where it may be used."""

    id: UUID
    body: WishBody = field(repr=False)
    prompt: str = field(repr=False)
    plan: Plan
    inputs: tuple[NewInput, ...]
    caller_key: str | None = field(repr=False)

    @property
    def params(self) -> dict[str, Any]:
        """The frozen request, in the words of the wire."""
        plan = self.plan
        return {
            "seconds": plan.seconds,
            "size": plan.size,
            "resolution": plan.resolution,
            "aspectRatio": plan.aspect_ratio,
            "fps": plan.fps,
            "audio": plan.audio,
            "seed": plan.seed,
            "negativePrompt": plan.negative_prompt,
        }


def body_hash(body: WishBody) -> str:
    """The same for the same request, however it was spelled; the caller's job id is not part of it."""
    return _digest(body.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"job_id"}))


def fingerprint(draft: Draft, lane_id: UUID) -> str:
    """What a provider's listing shows of a submission, so that identical requests are interchangeable."""
    plan = draft.plan
    return _digest([str(lane_id), plan.model.name, plan.size, plan.seconds, draft.prompt])


def inputs_hash(draft: Draft) -> str | None:
    """What a listing hides of a submission; None where it hides nothing that was chosen. A size it shows."""
    names = ["fps", "audio", "seed", "negativePrompt", *([] if draft.plan.size else ["resolution", "aspectRatio"])]
    params = draft.params
    chosen = {name: params[name] for name in names if params[name] is not None}
    images = [[image.role, image.sha256] for image in draft.inputs]
    return _digest([chosen, images]) if chosen or images else None


async def draft_of(deps: Deps, body: WishBody, key_of: KeyOf, loader: InputLoader) -> Draft:
    """The draft of one body. Raises Problem with everything that stands against it."""
    plan = _planned(deps, body)
    prompt = compose(body)
    images, errors = await loader.load(body.inputs)
    if errors:
        raise invalid(errors)
    # A successor of another kind is never called with the key that the caller meant for the old one.
    is_callers_kind = plan.model.kind == kinds.long(body.provider)
    caller_key = key_of(plan.model.kind) if is_callers_kind else None
    return Draft(body.job_id or uuid4(), body, prompt, plan, images, caller_key)


def compose(body: WishBody) -> str:
    """The prompt that the body's provider gets."""
    scene = Scene(**body.scene.model_dump()) if body.scene else Scene()
    characters = [
        Character(
            description=character.description or "",
            name=character.name,
            wardrobe=character.wardrobe,
            voice=character.voice,
        )
        for character in body.character
    ]
    return compose_prompt(scene, characters, PRESETS.get(body.preset_key or ""), body.prompt)


def _planned(deps: Deps, body: WishBody) -> Plan:
    if not kinds.is_kind(body.provider):
        names = ", ".join(kind.short_name for kind in kinds.KINDS)
        raise invalid([FieldError("provider", f"is not a provider of this server; there are {names}")])
    wanted = WantedVideo(
        kind=body.provider,
        model=body.model,
        seconds=body.length_s,
        size=body.size,
        resolution=body.resolution,
        aspect_ratio=body.aspect_ratio,
        fps=body.fps,
        audio=body.audio,
        seed=body.seed,
        negative_prompt=body.negative_prompt,
        inputs=tuple(InputRole(image.role) for image in body.inputs),
    )
    try:
        return deps.catalogue.plan(wanted, base_urls=deps.accounts.base_urls, now=datetime.now(UTC))
    except CannotDo as refusal:
        raise invalid([FieldError(problem.path, problem.message) for problem in refusal.problems]) from refusal
    except (ModelNotFound, ModelRetired) as refusal:
        status = HTTPStatus.GONE if isinstance(refusal, ModelRetired) else HTTPStatus.BAD_REQUEST
        raise Problem(status, refusal.code, str(refusal), errors=[FieldError("model", str(refusal))]) from refusal


def _digest(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
