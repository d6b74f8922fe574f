"""Reelwork's Python client: ask a Reelwork server for AI videos, wait for them, fetch them.

A name is imported when it is first used, so that `import reelwork` costs nothing to who only wants a part.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reelwork.client import AsyncReelwork as AsyncReelwork
    from reelwork.client import Reelwork as Reelwork
    from reelwork.client.errors import BadRequest as BadRequest
    from reelwork.client.errors import Conflict as Conflict
    from reelwork.client.errors import Forbidden as Forbidden
    from reelwork.client.errors import NotFound as NotFound
    from reelwork.client.errors import OverBudget as OverBudget
    from reelwork.client.errors import RateLimited as RateLimited
    from reelwork.client.errors import ReelworkError as ReelworkError
    from reelwork.client.errors import ServerUnavailable as ServerUnavailable
    from reelwork.client.errors import Unauthorized as Unauthorized
    from reelwork.client.errors import WaitTimeout as WaitTimeout
    from reelwork.models import Accepted as Accepted
    from reelwork.models import Storyboard as Storyboard
    from reelwork.models import Video as Video
    from reelwork.models_requests import Character as Character
    from reelwork.models_requests import Input as Input
    from reelwork.models_requests import Scene as Scene
    from reelwork.models_requests import VideoRequest as VideoRequest

__version__ = "0.1.0"

_ERRORS = (
    "BadRequest Conflict Forbidden NotFound OverBudget RateLimited ReelworkError ServerUnavailable Unauthorized "
    "WaitTimeout"
)
_NAMES = {
    "reelwork.client": "AsyncReelwork Reelwork",
    "reelwork.client.errors": _ERRORS,
    "reelwork.models": "Accepted Storyboard Video",
    "reelwork.models_requests": "Character Input Scene VideoRequest",
}
_HOME = {name: home for home, names in _NAMES.items() for name in names.split()}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'reelwork' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
