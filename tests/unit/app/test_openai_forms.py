"""Forms as OpenAI's SDKs write objects and lists into them."""

import pytest

from app.openai.forms import nested
from app.problems import Problem


@pytest.mark.parametrize(
    ("pairs", "members"),
    [
        ([("prompt", "a cat"), ("seconds", "8")], {"prompt": "a cat", "seconds": "8"}),
        ([("prompt", "a"), ("prompt", "b")], {"prompt": "b"}),
        ([("metadata[a]", "1"), ("metadata[b][c]", "2")], {"metadata": {"a": "1", "b": {"c": "2"}}}),
        ([("metadata[tags][]", "x"), ("metadata[tags][]", "y")], {"metadata": {"tags": ["x", "y"]}}),
        (
            [
                ("inputs[][role]", "first_frame"),
                ("inputs[][role]", "last_frame"),
                ("inputs[][url]", "u"),
                ("inputs[][url]", "v"),
            ],
            {"inputs": [{"role": "first_frame", "url": "u"}, {"role": "last_frame", "url": "v"}]},
        ),
        (
            [
                ("inputs[][role]", "first_frame"),
                ("inputs[][url]", "u"),
                ("inputs[][role]", "last_frame"),
                ("inputs[][url]", "v"),
            ],
            {"inputs": [{"role": "first_frame", "url": "u"}, {"role": "last_frame", "url": "v"}]},
        ),
    ],
)
def test_names_describe_an_object(pairs: list[tuple[str, str]], members: dict[str, object]) -> None:
    assert nested(pairs) == members


@pytest.mark.parametrize(
    ("names", "path"),
    [
        (["metadata", "metadata[a]"], "metadata"),
        (["metadata[a]", "metadata"], "metadata"),
        (["tags[]", "tags[a]"], "tags"),
        (["inputs[][role]", "inputs[][role]", "inputs[][url]"], "inputs"),
        (["inputs[][a][b]"], "inputs"),
        (["a[b"], "a[b"),
        (["a" + "[b]" * 9], "a" + "[b]" * 9),
        ([""], ""),
    ],
)
def test_names_that_contradict_each_other_or_nothing_are_refused(names: list[str], path: str) -> None:
    with pytest.raises(Problem) as caught:
        nested([(name, "x") for name in names])

    assert [error.path for error in caught.value.errors] == [path]
