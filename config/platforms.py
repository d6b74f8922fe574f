"""Which hosting platform a process runs on, told by the variables the platforms themselves set."""

import os
from collections.abc import Mapping


def hosting_platform(environ: Mapping[str, str]) -> str | None:
    """Heroku, Render or Railway, whose processes share no disk and lose theirs at each deploy; None elsewhere."""
    if environ.get("DYNO"):
        return "Heroku"
    if environ.get("RENDER"):
        return "Render"
    if any(name.startswith("RAILWAY_") and value for name, value in environ.items()):
        return "Railway"
    return None


def is_behind_router() -> bool:
    """Whether this process is reached through a platform's router only, which names the caller's address."""
    return hosting_platform(os.environ) is not None
