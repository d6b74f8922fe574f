"""Says in one sentence what to install where the simulator's optional libraries are missing."""

from importlib.util import find_spec

_MODULES = ("av", "cryptography", "numpy", "PIL", "python_multipart", "starlette", "uvicorn")


class MissingExtra(ImportError):
    """The simulator was asked for, but what it renders and serves with is not installed."""


def require_extra() -> None:
    """Raise MissingExtra, naming what is missing, unless every library of the extra can be imported."""
    missing = [name for name in _MODULES if find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f'The simulator needs {", ".join(missing)}. Install it with: pip install "reelwork[simulator]"'
        )
