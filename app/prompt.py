"""The prompt a provider gets, composed from scene, characters and preset; documented in docs/api.md.

The composed text holds the scene's description, every character's name and the preset's key verbatim. It is a pure
function of its arguments: the same request always gives the same prompt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.presets import Preset


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens. Free text is a scene with only a description."""

    description: str = ""
    title: str | None = None
    action: str | None = None
    setting: str | None = None
    camera: str | None = None
    lighting: str | None = None
    mood: str | None = None
    dialogue: str | None = None


@dataclass(frozen=True, slots=True)
class Character:
    """Who is in it. `name` is used verbatim, so that a person looks the same from scene to scene."""

    description: str
    name: str | None = None
    wardrobe: str | None = None
    voice: str | None = None


_DETAILS = (
    ("Action", "action"),
    ("Setting", "setting"),
    ("Camera", "camera"),
    ("Lighting", "lighting"),
    ("Mood", "mood"),
    ("Dialogue", "dialogue"),
)


def compose_prompt(
    scene: Scene, characters: Sequence[Character] = (), preset: Preset | None = None, override: str | None = None
) -> str:
    """One paragraph a line: title, description, the scene's details, the characters, the style.

    `override` replaces all of it, word for word.
    """
    if override is not None:
        return override
    return "\n".join([*_scene_lines(scene), *_character_lines(characters), *_style_lines(preset)])


def _scene_lines(scene: Scene) -> Iterable[str]:
    if scene.title:
        yield f"Scene: {scene.title}"
    if scene.description:
        yield scene.description
    for label, field in _DETAILS:
        if value := getattr(scene, field):
            yield f"{label}: {value}"


def _character_lines(characters: Sequence[Character]) -> Iterable[str]:
    for character in characters:
        extras = [
            f"{label}: {value}"
            for label, value in (("wearing", character.wardrobe), ("voice", character.voice))
            if value
        ]
        who = f"{character.name}, {character.description}" if character.name else character.description
        yield f"Character: {'; '.join([who, *extras])}"


def _style_lines(preset: Preset | None) -> Iterable[str]:
    if preset:
        yield f"Style: {preset.key} - {preset.look}"
