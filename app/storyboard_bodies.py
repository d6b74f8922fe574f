"""A storyboard's body: scenes with their common defaults laid under them, each then checked like a single video."""

from collections.abc import Mapping
from typing import Any

from app.bodies import SCENES, VideoBody
from app.problems import FieldError, invalid
from app.validation import check

_SAME = {"seconds": "duration", "duration": "seconds"}


def bodies_of(members: Mapping[str, Any], storyboard_id: str) -> list[VideoBody]:
    """The videos of `{defaults?, scenes}`. Raises Problem with what is wrong in any of them."""
    defaults, scenes = _parts(members)
    bodies: list[VideoBody] = []
    errors: list[FieldError] = []
    for index, scene in enumerate(scenes):
        body, found = check(_laid_over(defaults, scene) | {"storyboardId": storyboard_id}, VideoBody)
        errors += [_placed(error, index, defaults, scene) for error in found]
        if scene.get("storyboardId", storyboard_id) != storyboard_id:
            errors.append(FieldError(f"scenes.{index}.storyboardId", "is not the storyboard in the path"))
        if body is not None:
            bodies.append(body)
    errors += _repeated_ids(bodies)
    if errors:
        raise invalid(list(dict.fromkeys(errors)))
    return bodies


def _parts(members: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    defaults, scenes = members.get("defaults") or {}, members.get("scenes")
    errors = [FieldError(name, "is not a member this call knows") for name in members.keys() - {"defaults", "scenes"}]
    if not isinstance(defaults, dict):
        errors.append(FieldError("defaults", "must be an object"))
    elif "jobId" in defaults:
        errors.append(FieldError("defaults.jobId", "belongs to a scene: each video has its own"))
    if not isinstance(scenes, list) or not scenes or not all(isinstance(scene, dict) for scene in scenes):
        errors.append(FieldError("scenes", "must be a list of one or more objects"))
    elif len(scenes) > SCENES:
        errors.append(FieldError("scenes", f"has more than {SCENES} scenes"))
    if errors or not isinstance(scenes, list):
        raise invalid(errors)
    return defaults, scenes


def _laid_over(defaults: Mapping[str, Any], scene: Mapping[str, Any]) -> dict[str, Any]:
    """The scene's own members win, also where they go by their other name."""
    replaced = {_SAME[name] for name in scene if name in _SAME}
    return {name: value for name, value in defaults.items() if name not in replaced} | dict(scene)


def _placed(error: FieldError, index: int, defaults: Mapping[str, Any], scene: Mapping[str, Any]) -> FieldError:
    """The error under the place where the caller wrote the member."""
    name = error.path.partition(".")[0]
    is_default = name in defaults and name not in scene
    place = "defaults" if is_default else f"scenes.{index}"
    return FieldError(f"{place}.{error.path}", error.message)


def _repeated_ids(bodies: list[VideoBody]) -> list[FieldError]:
    ids = [body.job_id for body in bodies if body.job_id is not None]
    is_repeated = len(ids) != len(set(ids))
    return [FieldError("scenes", "name the same jobId twice")] if is_repeated else []
