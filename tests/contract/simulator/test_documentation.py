"""What is documented is what there is."""

from dataclasses import fields
from pathlib import Path

from reelwork.simulator.faults.kinds import KINDS, Endpoint
from reelwork.simulator.options import Options

PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text()


def test_every_fault_endpoint_and_option_is_on_the_page() -> None:
    names = [*KINDS, *Endpoint, *(field.name for field in fields(Options))]

    assert [name for name in names if f"`{name}`" not in PAGE] == []
