"""The two forms of a run."""

from bench.chaos.run import Plan
from bench.chaos.schedule import Shape
from bench.chaos.stage import Timing

JOBS_A_SECOND = 12.0
"""How fast a long run's orders come."""


def long_plan(seed: int, jobs: int) -> Plan:
    """`make chaos`: production's own lease and heartbeat, an act every few seconds."""
    shape = Shape(duration_s=max(jobs / JOBS_A_SECOND, 60), gap_s=6, outage_s=(2, 8), freeze_s=(14, 30))
    return Plan(seed, jobs, shape, Timing(), patience_s=330, recovery_s=12)


def short_plan(seed: int, jobs: int) -> Plan:
    """For the tests: short leases and outages, less than two minutes in all where the machine has time."""
    timing = Timing(lease=4, heartbeat=1, submit_timeout=4, listing_delay=2, grace=8, generation=2)
    shape = Shape(duration_s=45, gap_s=2.2, outage_s=(0.5, 2.5), freeze_s=(5, 8))
    return Plan(seed, jobs, shape, timing, patience_s=120)
