"""What a key may do."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """`generate` spends, `read` looks at its client's own, `observe` looks at the whole installation, `operate` runs
    it, `admin` hands out keys."""

    GENERATE = "generate"
    READ = "read"
    OBSERVE = "observe"
    OPERATE = "operate"
    ADMIN = "admin"


_INCLUDED = {Scope.OBSERVE: {Scope.READ}, Scope.OPERATE: {Scope.OBSERVE, Scope.READ}}
_INCLUDED[Scope.ADMIN] = _INCLUDED[Scope.OPERATE]


def with_included(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """The scopes and what they include: who runs the installation may look at it."""
    given = frozenset(scopes)
    return given.union(*(_INCLUDED.get(scope, frozenset()) for scope in given))
