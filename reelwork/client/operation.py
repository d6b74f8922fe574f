"""Turns a flow into a method of both clients: declared once, blocking on the one, awaitable on the other."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Generic, ParamSpec, Self, TypeVar, overload

from reelwork.client.flow import Flow
from reelwork.client.runners import AsyncRunner, SyncRunner

P = ParamSpec("P")
T = TypeVar("T")


class Operation(Generic[P, T]):
    """A method made of a function that starts a flow; signature and docstring are that function's."""

    def __init__(self, start: Callable[P, Flow[T]]) -> None:
        self._start = start
        self.__doc__ = start.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...

    @overload
    def __get__(self, client: SyncRunner, owner: type) -> Callable[P, T]: ...

    @overload
    def __get__(self, client: AsyncRunner, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(self, client: SyncRunner | AsyncRunner | None, owner: type) -> Any:
        if client is None:
            return self

        @wraps(self._start)
        def call(*arguments: P.args, **named: P.kwargs) -> Any:
            return client.run(self._start(*arguments, **named))

        return call
