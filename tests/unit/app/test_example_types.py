"""The types of examples/nextjs say what the API takes and answers, member by member."""

import re
from pathlib import Path

import pytest

from app.answers import operators, videos
from app.bodies import VideoBody

TEXT = (Path(__file__).parents[3] / "examples" / "nextjs" / "lib" / "api-types.ts").read_text()
ANSWERS = {
    shape.__name__: set(shape.__annotations__)
    for shape in (
        *(videos.Accepted, videos.Video, videos.EventToken),
        *(operators.QueueStats, operators.FailedJob, operators.Queue, operators.Failures),
        *(operators.Retried, operators.CleanedUp),
    )
}
SHAPES = ANSWERS | {"VideoBody": {field.alias for field in VideoBody.model_fields.values()}}


def members_of(name: str) -> set[str]:
    """The members of a type that stands on lines of its own, or on one line."""
    if found := re.search(rf"^    {name}: {{\n(.*?)^    }};$", TEXT, re.MULTILINE | re.DOTALL):
        return set(re.findall(r"^      (\w+)\??:", found[1], re.MULTILINE))
    found = re.search(rf"^    {name}: {{(.*)}};$", TEXT, re.MULTILINE)
    assert found, name
    return set(re.findall(r"(\w+)\??: ", found[1]))


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_has_the_members_that_it_has_here(name: str) -> None:
    assert members_of(name) == SHAPES[name]
