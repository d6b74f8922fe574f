"""The provider kinds by their two names; adding a kind is one line here and one adapter file."""

from dataclasses import dataclass

OPENAI_VIDEOS = "openai_videos"
VERTEX_VEO = "vertex_veo"
GOOGLE_OMNI = "google_omni"


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is stored and used inside, `short_name` is what callers read and write, `adapter` is `module:class`."""

    name: str
    short_name: str
    adapter: str


KINDS = (
    Kind(OPENAI_VIDEOS, "sora", "providers.openai_videos:OpenAIVideos"),
    Kind(VERTEX_VEO, "veo", "providers.vertex_veo:VertexVeo"),
    Kind(GOOGLE_OMNI, "omni", "providers.google_omni:GoogleOmni"),
)

_BY_NAME = {name: kind for kind in KINDS for name in (kind.name, kind.short_name)}


def short(name: str) -> str:
    """The short name (`sora`) of a kind given by either name; KeyError for an unknown one."""
    return _BY_NAME[name].short_name


def long(name: str) -> str:
    """The stored name (`openai_videos`) of a kind given by either name; KeyError for an unknown one."""
    return _BY_NAME[name].name


def is_kind(name: str) -> bool:
    """Whether this is a kind's short or long name."""
    return name in _BY_NAME


def kind_of_key(secret: str) -> str | None:
    """The kind (long name) that a key's own form gives away, None where it could be anyone's."""
    key = secret.strip()
    if key.startswith("AIza"):
        return GOOGLE_OMNI
    if key.startswith("ya29.") or '"private_key"' in key or key.startswith("eyJ0eXBlIjo"):
        return VERTEX_VEO
    if key.startswith("sk-"):
        return OPENAI_VIDEOS
    return None
