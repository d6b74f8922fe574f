"""What looking at a file tells."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Probe:
    """A video's own figures. `fps` is the average rate, None where the file does not tell; `bytes` is its size."""

    duration_s: float
    width: int
    height: int
    fps: float | None
    codec: str
    has_audio: bool
    bytes: int


@dataclass(frozen=True, slots=True)
class Poster:
    """A WebP picture that was written to `path`. `sha256` is hex."""

    path: Path
    width: int
    height: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """A video that plays, and its poster where one was asked for."""

    video: Probe
    poster: Poster | None
