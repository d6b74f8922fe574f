"""The smallest runs of `make bench`: each part measures something, and the report holds it. No speed is asserted."""

import json
from pathlib import Path

import pytest
from PIL import Image

from bench.speed.run import Wanted, run

VIDEOS, PROBES = 6, 1


@pytest.mark.timeout(600)
def test_a_flight_of_each_contestant_is_measured_and_drawn(tmp_path: Path) -> None:
    parts = ["reelwork", "naive"]
    wanted = Wanted([VIDEOS], 0.5, parts, video_bytes=200_000, idle_s=0.5, probes=PROBES)

    run(wanted, lambda line: None, tmp_path)

    flights = {one["who"]: one for one in json.loads((tmp_path / "report.json").read_text())["flights"]}
    assert {who: one["completed"] for who, one in flights.items()} == dict.fromkeys(parts, VIDEOS + PROBES)
    for one in flights.values():
        assert one["video"]["requests"] >= 2, "a submission and a download are unavoidable"
        assert one["video"]["statements"] > 0
        assert one["video"]["commands"] > 0
        assert one["video"]["worker_cpu_ms"] > 0
        assert one["peak_rss_mb"] >= one["idle_rss_mb"] > 0
        assert one["delays"].keys() == flights["naive"]["delays"].keys()
    assert "provider requests a video" in (tmp_path / "report.txt").read_text()
    with Image.open(tmp_path / "flights.png") as picture:
        assert picture.size[0] > 0


@pytest.mark.timeout(600)
def test_transfers_and_the_api_have_tables_of_their_own(tmp_path: Path) -> None:
    wanted = Wanted([], 0.5, ["transfer", "api"], transfers=1, transfer_bytes=1_000_000, requests=40)

    run(wanted, lambda line: None, tmp_path)

    report = json.loads((tmp_path / "report.json").read_text())
    paths = ["bare copy loop", "download, hash, store", "and look, poster"]
    assert [one["path"] for one in report["transfers"]] == paths
    assert all(one["mb_a_second"] > 0 and one["cpu_s_a_gb"] >= 0 for one in report["transfers"])
    assert {one["call"]: one["rows"] for one in report["api"]} == {"create": 40, "status": 41, "admin queue": 41}
    assert not (tmp_path / "flights.png").exists()
