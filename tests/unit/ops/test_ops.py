"""What `ops/` holds for Prometheus and Grafana: well formed, and of metrics that there are."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from observing.families import FAMILIES

OPS = Path(__file__).parents[3] / "ops"


def metrics_in(text: str) -> set[str]:
    """Families that a query names."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\breelwork_[a-z_]+", text)}


@pytest.fixture
def rules() -> list[dict[str, str]]:
    (group,) = yaml.safe_load((OPS / "alerts.yml").read_text())["groups"]
    found: list[dict[str, str]] = group["rules"]
    return found


@pytest.fixture
def queries() -> list[str]:
    """Every query of the dashboard."""
    board = json.loads((OPS / "grafana-dashboard.json").read_text())
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def test_rules_and_dashboard_name_only_metrics_that_there_are(rules: list[dict[str, str]], queries: list[str]) -> None:
    for query in [rule["expr"] for rule in rules] + queries:
        assert metrics_in(query), query
        assert metrics_in(query) <= set(FAMILIES), query


def test_the_dashboard_shows_every_metric_but_those_that_stand_for_themselves(queries: list[str]) -> None:
    shown = set().union(*(metrics_in(query) for query in queries))

    assert set(FAMILIES) - shown == {
        "reelwork_paused",
        "reelwork_webhooks_pending",
        "reelwork_workers_in_flight",
        "reelwork_workers_resident_bytes",
    }


def test_promtool_takes_the_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")

    checked = subprocess.run([promtool, "check", "rules", str(OPS / "alerts.yml")], capture_output=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_page_lists_every_metric() -> None:
    page = (OPS.parent / "docs" / "metrics.md").read_text()

    assert set(re.findall(r"^\| `(reelwork_\w+)`", page, flags=re.MULTILINE)) == set(FAMILIES)
