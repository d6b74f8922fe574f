"""Named looks. Each stands in a composed prompt by its own name, followed by what that name means in pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Preset:
    """`key` is what a request names; `look` is the sentence a video model can follow."""

    key: str
    look: str


_ALL = (
    Preset(
        "cinematic",
        "anamorphic lens, shallow depth of field, motivated key light with soft fill, slow deliberate camera move, "
        "rich but restrained colour grade, fine film grain",
    ),
    Preset(
        "documentary",
        "handheld camera at eye level, available light, natural colours, unposed action, small imperfections kept",
    ),
    Preset(
        "anime",
        "hand-drawn animation, clean ink lines, flat cel shading, painted backgrounds, expressive poses, held frames",
    ),
    Preset(
        "noir",
        "black and white, hard single-source light, deep shadows, venetian-blind patterns, low angles, wet streets",
    ),
    Preset(
        "watercolor",
        "painted in watercolour on textured paper, soft bleeding edges, translucent washes, visible brush strokes",
    ),
    Preset(
        "stop-motion",
        "stop-motion animation on twelves, handmade puppets of clay and felt, miniature set, tactile surfaces",
    ),
    Preset(
        "vintage-film",
        "Super 8 footage of the 1970s, warm faded colours, gate weave, light leaks, dust and scratches",
    ),
    Preset(
        "sci-fi",
        "near-future production design, cool practical lights and haze, clean geometry, wide lens, measured camera",
    ),
    Preset(
        "product",
        "studio shot on a seamless background, softbox light, crisp reflections, macro detail, slow turntable move",
    ),
    Preset(
        "social-vertical",
        "framed for a phone held upright, subject close and centred, bright even light, quick energetic movement",
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({preset.key: preset for preset in _ALL})
"""All presets by key, in the order in which they are listed to people."""
