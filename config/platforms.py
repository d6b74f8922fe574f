"""Which hosting platform a process runs on, told by the variables the platforms themselves set."""

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
