"""Reads what a Veo prediction asks for, from Vertex's or the older Gemini API's body."""

from collections.abc import Mapping
from typing import Any

from reelwork.simulator.dialects.omni_requests import SIDES, inner_object, json_body
from reelwork.simulator.gate import Call
from reelwork.simulator.refusals import Refusal, retired_model
from reelwork.simulator.videos import Wanted

_RETIRED = ("veo-2.0", "veo-3.0")
_SECONDS = (4, 6, 8)
_MOST_SAMPLES = 4


async def read_prediction(call: Call) -> None:
    """A predictLongRunning; Refusal where it is not acceptable."""
    body = await json_body(call)
    model = call.request.path_params["model"]
    if model.startswith(_RETIRED) or model in call.world.options.retired_models:
        raise retired_model(model)
    if not model.startswith("veo-"):
        raise Refusal(
            404, f"Publisher Model `{model}` was not found or your project does not have access.", "not_found"
        )
    parameters = inner_object(body, "parameters")
    width, height = _sides(parameters)
    storage_uri = parameters.get("storageUri")
    if storage_uri is not None and not str(storage_uri).startswith("gs://"):
        raise _invalid("storageUri must be a Cloud Storage URI such as gs://bucket/prefix.")
    call.wanted = Wanted(
        model=model,
        prompt=_prompt(body),
        seconds=float(_among("durationSeconds", parameters.get("durationSeconds", 8), _SECONDS)),
        width=width,
        height=height,
        audio=bool(parameters.get("generateAudio", True)),
        label=_label(inner_object(body, "labels")),
        samples=_among("sampleCount", parameters.get("sampleCount", 1), range(1, _MOST_SAMPLES + 1)),
        storage_uri=str(storage_uri) if storage_uri else None,
        inline=not storage_uri,
    )


def _invalid(message: str) -> Refusal:
    return Refusal(400, message, "invalid_argument")


def _sides(parameters: Mapping[str, Any]) -> tuple[int, int]:
    resolution, ratio = parameters.get("resolution", "720p"), parameters.get("aspectRatio", "16:9")
    if resolution not in ("720p", "1080p", "4k"):
        raise _invalid(f"Unsupported resolution '{resolution}'. Supported: 720p, 1080p, 4k.")
    if ratio not in ("16:9", "9:16"):
        raise _invalid(f"Unsupported aspectRatio '{ratio}'. Supported: 16:9, 9:16.")
    long, short = SIDES[resolution]
    return (long, short) if ratio == "16:9" else (short, long)


def _among(name: str, value: Any, allowed: "range | tuple[int, ...]") -> int:
    if not isinstance(value, int | float) or value not in allowed:
        raise _invalid(f"Unsupported {name} {value!r}. Supported: {', '.join(map(str, allowed))}.")
    return int(value)


def _prompt(body: Mapping[str, Any]) -> str:
    instances = body.get("instances")
    if not isinstance(instances, list) or len(instances) != 1 or not isinstance(instances[0], dict):
        raise _invalid("Exactly one instance is expected.")
    instance = instances[0]
    prompt = instance.get("prompt")
    if not (isinstance(prompt, str) and prompt.strip()) and not instance.get("image"):
        raise _invalid("An instance needs a prompt or an image.")
    return str(prompt or "")


def _label(labels: Mapping[str, Any]) -> str | None:
    value = labels.get("job") or next(iter(labels.values()), None)
    return None if value is None else str(value)
