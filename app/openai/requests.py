"""A create in OpenAI's words as a wish: its own parameters, and beside them those of `/api/video/generate`."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from pydantic.alias_generators import to_camel
from starlette.requests import Request

from app.bodies import WishBody
from app.openai.forms import Upload, read_members
from app.problems import FieldError, Problem, invalid
from app.validation import check
from providers import kinds
from providers.catalogue import Catalogue

REFERENCE = "input_reference"
_FILES = {
    REFERENCE: "first_frame",
    "first_frame": "first_frame",
    "last_frame": "last_frame",
    "reference": "reference",
}
"""Parts of a form that carry an image, and its role."""
END_USER = ("endUserId", "safetyIdentifier", "user")
"""The names of the caller's own user, ours and OpenAI's; the first that is sent is meant."""
_STRUCTURED = ("inputs", "metadata", "character", "scene", REFERENCE)


@dataclass(frozen=True, slots=True)
class Create:
    """The wish, and the names under which its first inputs were sent."""

    body: WishBody
    images: tuple[str, ...]


async def read_create(request: Request, catalogue: Catalogue) -> Create:
    """The wish that a form or a JSON body spells. Raises Problem with all that is wrong."""
    members = {name: _structure(name, value) for name, value in (await read_members(request)).items()}
    sent = [(name, value) for name in _FILES for value in _several(members.get(name))]
    images = [_image(name, value) for name, value in sent]
    wish = {to_camel(name): value for name, value in members.items() if name not in _FILES and value is not None}
    wish = {name: value for name, value in wish.items() if name not in END_USER} | {"endUserId": end_user_of(wish)}
    wish["inputs"] = [*images, *_listed(wish.get("inputs"))]
    if not wish.get("scene") and not wish.get("prompt"):
        raise invalid([FieldError("prompt", "is required")])
    if "provider" not in wish:
        wish["provider"] = kind_of(catalogue, wish.get("model"))
    names = tuple(name for name, _ in sent)
    with named_as_sent(names):
        body, errors = check(wish, WishBody)
        if body is None:
            raise invalid(errors)
    return Create(body, names)


@contextmanager
def named_as_sent(images: Sequence[str]) -> Iterator[None]:
    """Problems of inputs that were sent under names of their own carry these names."""
    try:
        yield
    except Problem as problem:
        raise replace(problem, errors=[_renamed(error, images) for error in problem.errors]) from problem


def kind_of(catalogue: Catalogue, model: object) -> str:
    """The kind that a model's name chooses; OpenAI's own where none is named. Raises Problem."""
    if not isinstance(model, str):
        return kinds.OPENAI_VIDEOS
    named = catalogue.kinds_of(model)
    if not named:
        raise no_model(model)
    return named[0]


def no_model(name: str) -> Problem:
    detail = f"There is no model {name[:200]} here; GET /v1/models lists those there are"
    return Problem(HTTPStatus.BAD_REQUEST, "model_not_found", detail, errors=[FieldError("model", detail)])


def end_user_of(members: Mapping[str, Any]) -> Any:
    """Whom it is for, by any of the names in camel case; None where it is not said."""
    return next((members[name] for name in END_USER if members.get(name) is not None), None)


def _renamed(error: FieldError, images: Sequence[str]) -> FieldError:
    list_name, _, place = error.path.partition(".")
    index = place.partition(".")[0]
    if list_name != "inputs" or not index.isdecimal() or int(index) >= len(images):
        return error
    return FieldError(images[int(index)], error.message)


def _structure(name: str, value: Any) -> Any:
    """An object or a list that a form carries as JSON text."""
    if name not in _STRUCTURED or not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _listed(inputs: Any) -> list[Any]:
    """The inputs with their members' names in camel case; what is no list of objects is left to be refused."""
    return [
        {to_camel(str(name)): value for name, value in entry.items()} if isinstance(entry, dict) else entry
        for entry in _several(inputs)
    ]


def _image(name: str, value: Any) -> dict[str, Any]:
    """An image by file, by address or by id, as one of a wish's inputs. Raises Problem."""
    role = _FILES[name]
    if isinstance(value, Upload):
        encoded = base64.b64encode(value.data).decode()
        return {"role": role, "url": f"data:application/octet-stream;base64,{encoded}"}
    if isinstance(value, Mapping) and len(value) == 1:
        if isinstance(address := value.get("image_url"), str):
            return {"role": role, "url": address}
        if isinstance(file_id := value.get("file_id"), str):
            return {"role": role, "fileId": file_id}
    raise invalid([FieldError(name, 'must be an image file, {"image_url": …} or {"file_id": …}')])
