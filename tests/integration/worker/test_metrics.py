"""A worker's figures: on a port of its own, and in the installation's totals after it is gone."""

import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from devstack.engines.ports import pick_port
from tests.stack.installation import Installation
from tests.stack.waiting import until

LOOKED_AT = ("call", "outcome", "left", "reached", "stage")


async def test_a_worker_shows_what_it_did_and_the_totals_outlive_it(installation: Installation) -> None:
    port = pick_port()
    worker = installation.start_worker(METRICS_PORT=str(port))
    await installation.submit([f"cat {n}" for n in range(5)])
    await installation.all_ended(150)

    async def shown() -> dict[str, float]:
        return samples(port) if samples(port).get("reelwork_video_duration_seconds_count") == 5 else {}

    found = await until(shown, 60, "the figures on the worker's own port")
    assert found["reelwork_provider_calls_total submit ok"] == 5
    assert found["reelwork_transitions_total collecting completed"] == 5
    assert found["reelwork_stage_duration_seconds_count generating"] == 5
    assert found["reelwork_workers"] == 1
    assert found["reelwork_stored_bytes_total"] > 1000
    worker.terminate()
    worker.wait(25)
    second = pick_port()
    installation.start_worker(METRICS_PORT=str(second))

    async def again() -> object:
        return samples(second).get("reelwork_video_duration_seconds_count") == 5

    await until(again, 60, "the totals on the next worker's port")


def samples(port: int) -> dict[str, float]:
    """Sums by name and the labels that are looked at here; nothing where nobody listens yet."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            page = answer.read().decode()
    except OSError:
        return {}
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(page):
        for one in family.samples:
            labels = [
                one.labels[name] for name in ("call", "outcome", "left", "reached", "stage") if name in one.labels
            ]
            key = " ".join([one.name, *labels])
            sums[key] = sums.get(key, 0) + one.value
    return sums
