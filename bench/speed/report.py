"""The report of a run: a table for people, JSON for comparisons, a picture for the documentation."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw

from bench.speed.api import Rates
from bench.speed.flight import Flown
from bench.speed.transfer import Transferred

_VIDEO = {
    "worker_cpu_ms": "worker CPU, ms a video",
    "media_cpu_ms": "look and poster, ms a video",
    "requests": "provider requests a video",
    "polls": "of these, polls and lists",
    "statements": "SQL statements a video",
    "wal_bytes": "Postgres WAL, bytes a video",
    "commands": "Redis commands a video",
    "redis_bytes": "Redis traffic, bytes a video",
    "redis_cpu_ms": "Redis CPU, ms a video",
}
_DELAYS = {
    "submitted": "accepted to submitted, s",
    "probe_submitted": "the same, one more video, s",
    "noticed": "ready to noticed, s",
}
_IDLE = {
    "statements": "idle: SQL statements a second",
    "commands": "idle: Redis commands a second",
    "cpu_percent": "idle: worker CPU, % of a core",
}
_DRAWN = ("worker_cpu_ms", "requests", "statements", "commands")
_OURS, _THEIRS, _INK, _PAPER = "#2f6fde", "#b9bfca", "#20242c", "#ffffff"
_BAR, _LEFT, _WIDTH = 18, 250, 860


@dataclass
class Report:
    """`machine` says where and when; the lists fill as the run goes on."""

    machine: dict[str, str]
    flights: list[Flown] = field(default_factory=list)
    transfers: list[Transferred] = field(default_factory=list)
    api: list[Rates] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """report.json, report.txt, and flights.png where something flew."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(json.dumps(asdict(self), indent=1) + "\n")
        (folder / "report.txt").write_text("\n".join(lines(self)) + "\n")
        if self.flights:
            _draw(self.flights, folder / "flights.png")


def lines(report: Report) -> Iterator[str]:
    """The tables."""
    yield "  ".join(f"{name}: {value}" for name, value in report.machine.items())
    for flights in _together(report.flights):
        yield ""
        yield from _flight_lines(flights)
    if report.transfers:
        yield ""
        yield f"{'one transfer after the other':<34}{'MB/s':>12}{'CPU s a GB':>12}"
    for one in report.transfers:
        yield f"{one.path:<34}{one.mb_a_second:>12.0f}{one.cpu_s_a_gb:>12.2f}"
    if report.api:
        yield ""
        yield f"{'one API process':<34}{'a second':>12}{'p50 ms':>12}{'p99 ms':>12}"
    for rates in report.api:
        yield f"{rates.call:<34}{rates.a_second:>12.0f}{rates.p50_ms:>12.1f}{rates.p99_ms:>12.1f}"


def _together(flights: Sequence[Flown]) -> list[list[Flown]]:
    """Those of the same size beside each other."""
    sizes = dict.fromkeys((one.videos, one.generation_s) for one in flights)
    return [[one for one in flights if (one.videos, one.generation_s) == size] for size in sizes]


def _flight_lines(flights: Sequence[Flown]) -> Iterator[str]:
    first, pair = flights[0], len(flights) == 2
    title = f"{first.videos} in flight, {first.generation_s:g} s each"
    yield f"{title:<34}" + "".join(f"{one.who:>12}" for one in flights) + ("       ratio" if pair else "")
    for words, values in _rows(flights):
        shown = "".join(f"{'-' if value is None else format(value, '.2f'):>12}" for value in values)
        yield f"{words:<34}{shown}{_ratio(values) if pair else ''}"


def _ratio(values: Sequence[float | None]) -> str:
    ours, theirs = values
    return f"{ours / theirs:>12.2f}" if ours is not None and theirs else ""


def _rows(flights: Sequence[Flown]) -> Iterator[tuple[str, list[float | None]]]:
    yield "videos completed", [one.completed for one in flights]
    yield "seconds in all", [one.seconds for one in flights]
    for name, words in _VIDEO.items():
        yield words, [one.video[name] for one in flights]
    yield "peak RSS above idle, MB", [one.peak_rss_mb - one.idle_rss_mb for one in flights]
    yield "RSS idle, MB", [one.idle_rss_mb for one in flights]
    yield "worker CPU while waiting, %", [one.waiting_cpu_percent for one in flights]
    for name, words in _DELAYS.items():
        for share in ("p50", "p99"):
            yield f"{words} {share}", [one.delays.get(f"{name}_{share}") for one in flights]
    for name, words in _IDLE.items():
        yield words, [one.idle[name] for one in flights]


def _draw(flights: Sequence[Flown], path: Path) -> None:
    """A block of bars for each figure, the longest of a block as long as the picture is wide."""
    height = 20 + len(_DRAWN) * (34 + len(flights) * (_BAR + 4))
    image = Image.new("RGB", (_WIDTH, height), _PAPER)
    draw = ImageDraw.Draw(image)
    y = 12
    for name in _DRAWN:
        draw.text((12, y), _VIDEO[name], _INK, font_size=15)
        y += 24
        longest = max(one.video[name] for one in flights) or 1
        for one in flights:
            value = one.video[name]
            end = _LEFT + int((_WIDTH - _LEFT - 80) * value / longest)
            draw.text((24, y + 2), f"{one.who}, {one.videos} in flight", _INK, font_size=12)
            draw.rectangle((_LEFT, y, end, y + _BAR), _OURS if one.who == "reelwork" else _THEIRS)
            draw.text((end + 6, y + 2), f"{value:.1f}", _INK, font_size=12)
            y += _BAR + 4
        y += 10
    image.save(path, optimize=True)
