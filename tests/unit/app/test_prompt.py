"""What a composed prompt holds, whatever the caller wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.presets import PRESETS
from app.prompt import Character, Scene, compose_prompt

words = st.text(min_size=1, max_size=60).filter(str.strip)


@given(description=words, names=st.lists(words, max_size=4), key=st.sampled_from(sorted(PRESETS)))
def test_description_names_and_preset_stand_in_the_prompt_verbatim(
    description: str, names: list[str], key: str
) -> None:
    characters = [Character(description="someone", name=name) for name in names]

    prompt = compose_prompt(Scene(description), characters, PRESETS[key])

    assert description in prompt
    assert all(name in prompt for name in names)
    assert key in prompt


def test_every_detail_of_a_scene_is_labelled_and_in_order() -> None:
    scene = Scene(
        description="A lighthouse in a storm",
        title="Landfall",
        action="the lamp turns",
        setting="Brittany",
        camera="slow dolly in",
        lighting="lightning",
        mood="tense",
        dialogue='Keeper: "Hold on."',
    )

    prompt = compose_prompt(scene)

    assert prompt.splitlines() == [
        "Scene: Landfall",
        "A lighthouse in a storm",
        "Action: the lamp turns",
        "Setting: Brittany",
        "Camera: slow dolly in",
        "Lighting: lightning",
        "Mood: tense",
        'Dialogue: Keeper: "Hold on."',
    ]


def test_a_character_brings_description_wardrobe_and_voice() -> None:
    character = Character("a tall keeper", name="Ana", wardrobe="a yellow coat", voice="low and calm")

    prompt = compose_prompt(Scene("Night"), [character])

    assert prompt.splitlines()[1] == "Character: Ana, a tall keeper; wearing: a yellow coat; voice: low and calm"


def test_a_prompt_of_the_callers_own_replaces_the_composition() -> None:
    assert compose_prompt(Scene("a"), [Character("b")], PRESETS["noir"], override="Exactly this.") == "Exactly this."


@pytest.mark.parametrize("key", ["cinematic", "documentary", "anime", "noir"])
def test_the_best_known_presets_are_there(key: str) -> None:
    assert PRESETS[key].key == key
    assert len(PRESETS) >= 8
