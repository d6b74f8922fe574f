"""What `make run` was asked for, from the environment and `.env`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.environ import FALSE, TRUE, home_directory
from devstack.errors import StartFailed

# Any of these means that somebody has set up a real provider, or a server of their own that speaks like one.
PROVIDER_VARIABLES = (
    *("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_VIDEOS_SERVERS", "GEMINI_API_KEY", "GEMINI_BASE_URL"),
    *("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CREDENTIALS_JSON", "VERTEX_BASE_URL"),
)


@dataclass(frozen=True, slots=True)
class Options:
    """One local run.

    `sample` is None unless SAMPLE was given; `simulated` says whether the simulator stands for all providers.
    """

    home: Path
    port: int
    workers: int
    sample: bool | None
    once: bool
    simulated: bool
    reload: bool
    environment: Mapping[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        """Where the API will be."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def submits_sample(self) -> bool:
        """Where nothing it makes can cost money, unless told otherwise in so many words."""
        return self.simulated if self.sample is None else self.sample

    @property
    def grace_s(self) -> float:
        """How long the processes may take to stop, with a little more than they grant themselves."""
        try:
            return float(self.environment.get("SHUTDOWN_GRACE_SECONDS", "25")) + 5
        except ValueError:
            return 30  # the processes themselves will name the variable


def read_options(environment: Mapping[str, str], folder: Path, *, reload: bool = False) -> Options:
    """Options from `environment`, paths taken from `folder`. Raises StartFailed naming the variable that is wrong."""
    is_real = any(environment.get(name, "").strip() for name in PROVIDER_VARIABLES)
    return Options(
        home=home_directory(environment, folder),
        port=_number(environment, "PORT", 8000, range(65536)),
        workers=_number(environment, "WORKERS", 1, range(1, 65)),
        sample=_switch(environment, "SAMPLE"),
        once=bool(_switch(environment, "ONCE")),
        simulated=bool(_switch(environment, "SIMULATOR")) or not is_real,
        reload=reload,
        environment=environment,
    )


def _number(environment: Mapping[str, str], name: str, default: int, allowed: range) -> int:
    text = environment.get(name, str(default)).strip()
    if not text.isdecimal() or int(text) not in allowed:
        raise StartFailed(f"{name} must be a whole number from {allowed.start} to {allowed.stop - 1}, not {text!r}.")
    return int(text)


def _switch(environment: Mapping[str, str], name: str) -> bool | None:
    text = environment.get(name, "").strip().lower()
    if text in TRUE or text in FALSE:
        return text in TRUE
    if text:
        raise StartFailed(f"{name} must be 1 or 0, not {text!r}.")
    return None
