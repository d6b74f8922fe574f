"""Refusals, as problem documents and in OpenAI's shape."""

from typing import NotRequired

from typing_extensions import TypedDict


class Fault(TypedDict):
    """One thing wrong with a request; `path` is like `scenes.0.seconds`, empty for the whole."""

    path: str
    message: str


class Refusal(TypedDict):
    """RFC 9457; `error` repeats `detail`. Some codes bring members of their own."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    error: str
    errors: NotRequired[list[Fault]]


class OpenAIFault(TypedDict):
    message: str
    type: str
    param: str | None
    code: str


class OpenAIRefusal(TypedDict):
    error: OpenAIFault
