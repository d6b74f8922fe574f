"""The options that commands share."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from typer import Option

_SERVER = "Server"
_VIDEO = "Video"
_INPUTS = "Images"
_WHEN = "When and where"
_RESULT = "Result"


@dataclass(frozen=True, slots=True)
class Target:
    """Which server, with which key, and who reads the answer."""

    url: Annotated[
        str | None,
        Option(
            "--url",
            metavar="URL",
            help="The server; else REELWORK_URL, else http://127.0.0.1:8000.",
            rich_help_panel=_SERVER,
        ),
    ] = None
    api_key: Annotated[
        str | None,
        Option(
            "--api-key",
            metavar="KEY",
            help="Its key; else REELWORK_API_KEY, else the one `make run` left here.",
            rich_help_panel=_SERVER,
        ),
    ] = None
    as_json: Annotated[
        bool, Option("--json", help="JSON on stdout, as the server sent it, and nothing else there.")
    ] = False


@dataclass(frozen=True, slots=True)
class Look:
    """How the video is to be."""

    provider: Annotated[
        str | None,
        Option(
            "--provider",
            "-p",
            envvar="REELWORK_PROVIDER",
            show_envvar=False,
            help="sora, veo or omni; default: who offers the model.",
            rich_help_panel=_VIDEO,
        ),
    ] = None
    model: Annotated[
        str | None,
        Option(
            "--model",
            "-m",
            envvar="REELWORK_MODEL",
            show_envvar=False,
            help="See `reelwork models`; default: the cheapest callable one.",
            rich_help_panel=_VIDEO,
        ),
    ] = None
    seconds: Annotated[float | None, Option("--seconds", "-s", help="Its length.", rich_help_panel=_VIDEO)] = None
    size: Annotated[str | None, Option(help="Like 1280x720.", rich_help_panel=_VIDEO)] = None
    resolution: Annotated[str | None, Option(help="Like 720p.", rich_help_panel=_VIDEO)] = None
    aspect_ratio: Annotated[str | None, Option("--aspect", help="Like 16:9.", rich_help_panel=_VIDEO)] = None
    fps: Annotated[int | None, Option(help="Frames a second.", rich_help_panel=_VIDEO)] = None
    audio: Annotated[bool | None, Option("--audio/--no-audio", help="With sound.", rich_help_panel=_VIDEO)] = None
    seed: Annotated[int | None, Option(help="Repeatable randomness.", rich_help_panel=_VIDEO)] = None
    negative_prompt: Annotated[
        str | None, Option("--negative", help="What must not be seen.", rich_help_panel=_VIDEO)
    ] = None
    preset_key: Annotated[str | None, Option("--preset", help="A style, like cinematic.", rich_help_panel=_VIDEO)] = (
        None
    )


@dataclass(frozen=True, slots=True)
class Images:
    """What the video is made from, beside words. Each is a file or an https: address."""

    first_frame: Annotated[
        str | None,
        Option("--image", "-i", metavar="FILE|URL", help="The first frame.", rich_help_panel=_INPUTS),
    ] = None
    last_frame: Annotated[
        str | None, Option("--last-image", metavar="FILE|URL", help="The last frame.", rich_help_panel=_INPUTS)
    ] = None
    reference: Annotated[
        list[str],
        Option(
            "--reference", metavar="FILE|URL", help="What things look like; may be repeated.", rich_help_panel=_INPUTS
        ),
    ] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Placing:
    """Where the video belongs, when it may start and who pays."""

    storyboard_id: Annotated[
        str | None, Option("--storyboard", metavar="ID", help="Its storyboard.", rich_help_panel=_WHEN)
    ] = None
    scene_id: Annotated[str | None, Option("--scene", metavar="ID", help="Its scene there.", rich_help_panel=_WHEN)] = (
        None
    )
    job_id: Annotated[
        str | None,
        Option(
            "--job-id",
            metavar="UUID",
            help="An id of your own; the same one twice is the same video.",
            rich_help_panel=_WHEN,
        ),
    ] = None
    priority: Annotated[int | None, Option(min=0, max=4, help="0 first, 4 last; default 2.", rich_help_panel=_WHEN)] = (
        None
    )
    run_at: Annotated[
        datetime | None, Option("--run-at", help="Do not start before (local time).", rich_help_panel=_WHEN)
    ] = None
    expires_at: Annotated[
        datetime | None, Option("--expires-at", help="Do not start after (local time).", rich_help_panel=_WHEN)
    ] = None
    webhook_url: Annotated[
        str | None, Option("--webhook", metavar="URL", help="Is told how it ended.", rich_help_panel=_WHEN)
    ] = None
    provider_key: Annotated[
        str | None,
        Option(
            "--provider-key",
            envvar="REELWORK_PROVIDER_KEY",
            metavar="KEY",
            show_envvar=True,
            help="Your own key at the provider.",
            rich_help_panel=_WHEN,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Result:
    """What to do with what is done, and until when."""

    output: Annotated[
        Path | None,
        Option(
            "--output",
            "-o",
            metavar="PATH",
            help="Download to this file (a storyboard: folder).",
            rich_help_panel=_RESULT,
        ),
    ] = None
    force: Annotated[bool, Option("--force", "-f", help="Replace files that are there.", rich_help_panel=_RESULT)] = (
        False
    )
    timeout: Annotated[
        float | None,
        Option(
            "--timeout", metavar="SECONDS", min=0, help="Wait no longer; the video goes on.", rich_help_panel=_RESULT
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Making(Result):
    """A Result that is only now being asked for."""

    wait: Annotated[
        bool, Option("--wait/--no-wait", help="Watch it until it is done, or leave at once.", rich_help_panel=_RESULT)
    ] = True


@dataclass(frozen=True, slots=True)
class Board:
    """What holds for all scenes of a storyboard that do not say otherwise."""

    storyboard_id: Annotated[
        str | None, Option("--id", help="The storyboard's id; default: the file's own, or a new one.")
    ] = None
    provider: Annotated[str | None, Option("--provider", "-p", help="For scenes that name none.")] = None
    model: Annotated[str | None, Option("--model", "-m", help="For scenes that name none.")] = None
    provider_key: Annotated[
        str | None,
        Option("--provider-key", envvar="REELWORK_PROVIDER_KEY", metavar="KEY", help="Your own key at the provider."),
    ] = None
