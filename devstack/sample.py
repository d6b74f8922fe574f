"""Submits the sample storyboard through the public API, as any client would, and follows it to its end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from devstack.environ import ROOT
from devstack.terminal import Terminal
from reelwork import AsyncReelwork
from reelwork.cli.wording import describe, money, name_of
from reelwork.models import CatalogueModel, Video

STORYBOARD = ROOT / "examples" / "storyboard.json"


@dataclass(frozen=True, slots=True)
class Sample:
    """A storyboard's request, with the scenes that this server can make."""

    storyboard_id: str
    defaults: dict[str, Any]
    scenes: list[dict[str, Any]]
    left_out: list[str]


def read_sample(models: Sequence[CatalogueModel], moment: datetime | None = None) -> Sample:
    """The sample under a name of its own for each run, without the scenes whose model `models` calls not callable."""
    written = json.loads(STORYBOARD.read_text(encoding="utf-8"))
    defaults = written.get("defaults", {})
    scenes = [scene for scene in written["scenes"] if _find(models, defaults | scene) is not None]
    left_out = [scene["sceneId"] for scene in written["scenes"] if scene not in scenes]
    stamp = (moment or datetime.now(UTC)).strftime("%Y%m%d-%H%M%S")
    return Sample(f"{written['storyboardId']}-{stamp}", defaults, scenes, left_out)


async def run_sample(reelwork: AsyncReelwork, terminal: Terminal, storage_url: str) -> bool:
    """Submit, watch and report the sample; whether all its scenes were stored.

    Raises ReelworkError for what the server refuses.
    """
    models = (await reelwork.models()).models
    sample = read_sample(models)
    if sample.left_out:
        terminal.say(f"no provider is set up for {', '.join(sample.left_out)}: left out", style="yellow")
    if not sample.scenes:
        terminal.say("no scene of the sample can be made with the providers that are set up", style="bold red")
        return False
    terminal.say(f"submitting {len(sample.scenes)} scenes, {money(estimate(models, sample))} by the price list")
    accepted = await reelwork.generate_storyboard(sample.storyboard_id, sample.scenes, defaults=sample.defaults)
    job_ids = [job.job_id for job in accepted.jobs]
    with terminal.videos(job_ids) as display:
        videos = await reelwork.wait_storyboard(sample.storyboard_id, job_ids=job_ids, on_change=display.saw)
    _report(terminal, videos, storage_url)
    return not sample.left_out and all(video.status == "completed" for video in videos)


def estimate(models: Sequence[CatalogueModel], sample: Sample) -> float | None:
    """What the scenes cost by the catalogue, in dollars; None if a price is not known."""
    total = 0.0
    for scene in sample.scenes:
        wishes = sample.defaults | scene
        model = _find(models, wishes)
        price = model.price_per_second_usd if model else None
        if isinstance(price, dict):
            price = price.get(wishes.get("resolution", ""), max(price.values(), default=None))
        if price is None:
            return None
        total += price * float(wishes.get("seconds", 8))
    return total


def folder_of(storage_url: str) -> Path | None:
    """The folder of a `file:` URL; None for storage elsewhere."""
    parts = urlsplit(storage_url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _find(models: Sequence[CatalogueModel], wishes: dict[str, Any]) -> CatalogueModel | None:
    for model in models:
        is_it = wishes.get("model") in (model.model, *model.aliases) and wishes.get("provider") == model.provider
        if is_it and model.callable:
            return model
    return None


def _report(terminal: Terminal, videos: Sequence[Video], storage_url: str) -> None:
    folder = folder_of(storage_url)
    for video in videos:
        terminal.say(f"{name_of(video)}: {describe(video)}", style="green" if video.status == "completed" else "red")
        files = sorted(folder.glob(f"**/{video.job_id}/**/*")) if folder else []
        for file in files:
            if file.is_file():
                terminal.say(f"    {_shown(file)}", style="")
    if playable := [video for video in videos if video.video_url]:
        terminal.say(f"watch {name_of(playable[0])}: {playable[0].video_url}")


def _shown(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
