"""The small pure parts: sums over time, cut and padded clips, rules as text."""

import pytest

from reelwork.simulator.faults.grammar import FaultSyntax, parse_rule, without_markers
from reelwork.simulator.faults.kinds import Endpoint
from reelwork.simulator.film.clip import padded_clip, shortened
from reelwork.simulator.film.shot import parse_size
from reelwork.simulator.sweep import at_once, most_at_once, most_within


def test_a_span_that_ends_as_another_begins_makes_room_for_it() -> None:
    spans = [(0.0, 10.0), (10.0, 20.0), (5.0, 15.0), (12.0, float("inf"))]

    assert most_at_once(spans) == 3
    assert at_once(spans) == [(0.0, 1), (5.0, 2), (10.0, 2), (12.0, 3), (15.0, 2), (20.0, 1)]
    assert most_at_once([]) == 0


def test_a_window_is_open_at_its_far_end() -> None:
    assert most_within([0, 6, 12], 6) == 1
    assert most_within([5.9, 0, 6], 6) == 2
    assert most_within([], 6) == 0


def test_chunks_of_a_padded_clip_join_wherever_they_are_cut() -> None:
    clip = padded_clip(b"x" * 1000, 700_001)
    whole = b"".join(clip.chunks())

    assert len(whole) == 700_001
    assert whole[1000:1016] == b"\0\0\0\1free" + (700_001 - 1000).to_bytes(8, "big")
    for cut in (1, 999, 1000, 1008, 1016, 262_144, 700_000):
        assert b"".join(clip.chunks(0, cut)) + b"".join(clip.chunks(cut)) == whole
    assert b"".join(shortened(clip, 0.5).chunks()) == whole[:350_000]


@pytest.mark.parametrize("size_bytes", [0, 10, 1015])
def test_a_clip_too_near_its_size_is_left_alone(size_bytes: int) -> None:
    assert padded_clip(b"x" * 1000, size_bytes).length == 1000


def test_a_rule_reads_as_it_is_written() -> None:
    rule = parse_rule("submit=500-after, window=2, times=3, probability=0.5, model=sora-2")

    assert (rule.endpoint, rule.fault.name, dict(rule.fault.params)) == (
        Endpoint.SUBMIT,
        "status-after",
        {"window": 2.0, "status": 500},
    )
    assert (rule.times, rule.probability, dict(rule.match)) == (3, 0.5, {"model": "sora-2"})


@pytest.mark.parametrize("text", ["", "submit", "submit=", "poll=stuck", "content=duplicate", "takes=long"])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(FaultSyntax):
        parse_rule(text)


def test_markers_are_not_part_of_what_a_person_reads() -> None:
    assert without_markers("[sim:fail] a cat [sim:takes=3]  on a roof") == "a cat on a roof"


@pytest.mark.parametrize(
    ("text", "size"), [("1280x720", (1280, 720)), ("8x8", None), ("99999x10", None), ("big", None)]
)
def test_sizes_are_read_or_refused(text: str, size: tuple[int, int] | None) -> None:
    assert parse_size(text) == size
