"""The books: every paid submission in order, every request counted. Sums are drawn from these facts when asked."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from reelwork.simulator.sweep import at_once, most_at_once, most_within
from reelwork.simulator.videos import Video

_WINDOWS_S = (6, 60)


@dataclass(slots=True)
class Books:
    """What happened since the last reset. No key is kept, only account names."""

    paid: list[Video] = field(default_factory=list)
    arrivals: list[tuple[float, str]] = field(default_factory=list)
    requests: Counter[tuple[str, str, str, int]] = field(default_factory=Counter)
    leaks: Counter[str] = field(default_factory=Counter)
    webhooks: Counter[str] = field(default_factory=Counter)

    def arrived(self, at: float, account: str) -> None:
        """A submission reached the provider, whatever became of it."""
        self.arrivals.append((at, account))

    def count(self, account: str, dialect: str, endpoint: str, status: int) -> None:
        """One request was dealt with; status 444 stands for a connection that was dropped."""
        self.requests[(account, dialect, endpoint, status)] += 1

    def reset(self) -> None:
        for book in (self.paid, self.arrivals, self.requests, self.leaks, self.webhooks):
            book.clear()

    def report(self, now: float, account: str | None = None, is_brief: bool = False) -> dict[str, Any]:
        """The books as JSON: of one account, or of all with a short report of each."""
        whole = self._of(now, account, is_brief)
        if account is None:
            names = dict.fromkeys([video.account.name for video in self.paid] + [name for _, name in self.arrivals])
            whole["accounts"] = {name: self._of(now, name, is_brief=True) for name in names}
        return whole

    def _of(self, now: float, account: str | None, is_brief: bool) -> dict[str, Any]:
        paid = [video for video in self.paid if account in (None, video.account.name)]
        arrivals = [at for at, name in self.arrivals if account in (None, name)]
        requests = {key: count for key, count in self.requests.items() if account in (None, key[0])}
        spans = [(video.arrived_at, video.ended_at()) for video in paid]
        numbers = {
            "accepted": len(paid),
            "submissions_arrived": len(arrivals),
            "in_flight": sum(1 for _, end in spans if end > now),
            "peak_in_flight": most_at_once(spans),
            "most_accepted_within": _windows(video.arrived_at for video in paid),
            "most_arrived_within": _windows(arrivals),
            "requests": _summed((f"{dialect}.{endpoint}", n) for (_, dialect, endpoint, _), n in requests.items()),
            "statuses": _summed((str(status), n) for (*_, status), n in requests.items()),
            "credential_leaks": dict(self.leaks),
            "webhooks": dict(self.webhooks),
            **_repeats(paid),
        }
        if is_brief:
            return numbers
        lines = [_line(number, video, now) for number, video in enumerate(paid, start=1)]
        return {**numbers, "in_flight_history": at_once(spans), "arrivals": arrivals, "submissions": lines}


def _windows(times: Iterable[float]) -> dict[str, int]:
    known = sorted(times)
    return {f"{window_s}s": most_within(known, window_s) for window_s in _WINDOWS_S}


def _summed(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for name, count in pairs:
        sums[name] += count
    return dict(sorted(sums.items()))


def _repeats(paid: list[Video]) -> dict[str, Any]:
    by_request: dict[tuple[str, str, str, str], list[Video]] = {}
    by_label: dict[tuple[str, str], list[Video]] = {}
    for video in paid:
        by_request.setdefault((video.account.name, video.dialect, video.wanted.model, video.wanted.prompt), []).append(
            video
        )
        if video.wanted.label is not None:
            by_label.setdefault((video.account.name, video.wanted.label), []).append(video)
    duplicates = [
        {"account": account, "dialect": dialect, "model": model, "prompt": prompt, **_group(videos)}
        for (account, dialect, model, prompt), videos in by_request.items()
        if len(videos) > 1
    ]
    label_duplicates = [
        {"account": account, "label": label, **_group(videos)}
        for (account, label), videos in by_label.items()
        if len(videos) > 1
    ]
    marks = _summed((video.fates["mark"].text("name", ""), 1) for video in paid if "mark" in video.fates)
    return {"duplicates": duplicates, "label_duplicates": label_duplicates, "marks": marks}


def _group(videos: list[Video]) -> dict[str, Any]:
    return {
        "count": len(videos),
        "ids": [video.id for video in videos],
        "labels": [video.wanted.label for video in videos],
    }


def _line(number: int, video: Video, now: float) -> dict[str, Any]:
    ended_at = video.ended_at()
    wanted = video.wanted
    return {
        "n": number,
        "account": video.account.name,
        "dialect": video.dialect,
        "id": video.id,
        "model": wanted.model,
        "prompt": wanted.prompt,
        "seconds": wanted.seconds,
        "size": wanted.size,
        "label": wanted.label,
        "mark": video.fates["mark"].text("name", "") if "mark" in video.fates else None,
        "arrived_at": video.arrived_at,
        "accepted_at": video.accepted_at,
        "ends_at": None if ended_at == float("inf") else ended_at,
        "state": "deleted" if video.is_deleted else "forgotten" if video.is_forgotten else str(video.phase(now)),
        "polls": video.polls,
    }
