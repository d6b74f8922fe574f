"""Reads what a create, remix, edit or extension asks for, from a form or from JSON."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from reelwork.simulator.film.shot import parse_size
from reelwork.simulator.gate import Call
from reelwork.simulator.refusals import Refusal, retired_model
from reelwork.simulator.videos import Video, Wanted

_SORA_SECONDS = ("4", "8", "12")
_SORA_SIZES = ("720x1280", "1280x720")
_SORA_PRO_SIZES = (*_SORA_SIZES, "1024x1792", "1792x1024")
_MOST_PROMPT = 32_000
_MOST_FORM_BYTES = 64 * 1024 * 1024


async def read_create(call: Call) -> None:
    """A new video from a prompt."""
    fields = await _fields(call.request)
    model = str(fields.get("model") or "sora-2")
    if model in call.world.options.retired_models:
        raise retired_model(model)
    size = parse_size(str(fields.get("size") or "720x1280"))
    if size is None:
        raise _invalid("size", f"Invalid value: {fields.get('size')!r}. Expected WIDTHxHEIGHT.")
    seconds = _seconds(fields.get("seconds") or "4")
    _check_sora(model, seconds, f"{size[0]}x{size[1]}")
    call.wanted = Wanted(
        model=model,
        prompt=_prompt(fields),
        seconds=seconds,
        width=size[0],
        height=size[1],
        fps=_fps(fields),
        audio=str(fields.get("generate_sound", "true")).lower() not in ("false", "0"),
        label=call.request.headers.get("x-client-request-id"),
    )


async def read_derived(call: Call) -> None:
    """A video made from another: remix (path and JSON), edit and extension (form with a file, or JSON with an id)."""
    fields = await _fields(call.request)
    source = _source(call, fields)
    wanted = source.wanted if source else None
    more = _seconds(fields["seconds"]) if "seconds" in fields else 0.0
    call.wanted = Wanted(
        model=wanted.model if wanted else "sora-2",
        prompt=_prompt(fields),
        seconds=(wanted.seconds if wanted else (4.0 if not more else 0.0)) + more,
        width=wanted.width if wanted else 720,
        height=wanted.height if wanted else 1280,
        fps=wanted.fps if wanted else None,
        remixed_from=source.id if source else None,
    )


async def _fields(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = json.loads(await request.body())
        except ValueError:
            raise _invalid(None, "We could not parse the JSON body of your request.") from None
        if not isinstance(body, dict):
            raise _invalid(None, "The body must be a JSON object.")
        return body
    async with request.form(max_part_size=_MOST_FORM_BYTES) as form:
        return {name: await _part(value) for name, value in form.multi_items()}


async def _part(value: UploadFile | str) -> Any:
    if isinstance(value, str):
        return value
    return {"filename": value.filename, "bytes": len(await value.read()), "content_type": value.content_type}


def _source(call: Call, fields: Mapping[str, Any]) -> Video | None:
    named = call.request.path_params.get("video_id")
    video = fields.get("video")
    if named is None and isinstance(video, dict) and "id" in video:
        named = str(video["id"])
    if named is None:
        if not video:
            raise _invalid("video", "Missing required parameter: 'video'.")
        return None
    source = call.world.find(named, call.account)
    if source is None:
        raise Refusal(404, f"Video with id '{named}' not found.", "video_not_found")
    if not source.has_output(call.world.clock.now()):
        raise _invalid("video", "The source video is not completed.")
    return source


def _prompt(fields: Mapping[str, Any]) -> str:
    prompt = fields.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise _invalid("prompt", "Missing required parameter: 'prompt'.")
    if len(prompt) > _MOST_PROMPT:
        raise _invalid("prompt", f"The prompt is longer than {_MOST_PROMPT} characters.")
    return prompt


def _seconds(value: Any) -> float:
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 120:
        raise _invalid("seconds", f"Invalid value: {value!r}.")
    return seconds


def _fps(fields: Mapping[str, Any]) -> int | None:
    value = str(fields.get("fps") or "")
    return int(value) if value.isdigit() and 0 < int(value) <= 120 else None


def _check_sora(model: str, seconds: float, size: str) -> None:
    if not model.startswith("sora-"):
        return
    if f"{seconds:g}" not in _SORA_SECONDS:
        raise _invalid("seconds", f"Invalid value: '{seconds:g}'. Supported values are: '4', '8', and '12'.")
    sizes = _SORA_PRO_SIZES if model.startswith("sora-2-pro") else _SORA_SIZES
    if size not in sizes:
        raise _invalid("size", f"Invalid value: '{size}'. Supported values are: {', '.join(sizes)}.")


def _invalid(param: str | None, message: str) -> Refusal:
    return Refusal(400, message, "invalid_value", param, in_service=True, headers={"x-should-retry": "false"})
