"""Every field that the server's code puts on a log line may stand there: none is dropped in silence."""

import ast
from collections.abc import Iterator
from pathlib import Path

from config.log_lines import ALLOWED_FIELDS

ROOT = Path(__file__).parents[3]
ROOMS = ("app", "worker", "observing", "jobqueue", "db", "providers", "storage", "media")
LOGGING_CALLS = {
    "bind",
    "contextualize",
    "debug",
    "info",
    "success",
    "warning",
    "error",
    "exception",
    "critical",
    "log",
}
LOGGER_NAMES = {"logger", "log"}
LOGGER_MAKERS = {"log_of"}
TELLERS = {"left", "log_transition"}
"""Functions of the worker whose own keywords become fields."""


def fields_logged(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Keyword arguments of logging calls on a name that holds a logger, with their lines."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr, value=value)) if attr in LOGGING_CALLS:
                if _is_logger(value):
                    yield from ((word.arg, node.lineno) for word in node.keywords if word.arg)
            case ast.Call(func=ast.Name(id=name)) if name in TELLERS:
                yield from ((word.arg, node.lineno) for word in node.keywords if word.arg)


def test_every_field_that_is_logged_is_on_the_list() -> None:
    stray = [
        f"{path.relative_to(ROOT)}:{line} {field}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for field, line in fields_logged(ast.parse(path.read_text(encoding="utf-8")))
        if field not in ALLOWED_FIELDS
    ]

    assert stray == []


def test_the_search_finds_fields_of_bound_and_chained_calls() -> None:
    tree = ast.parse("logger.bind(prompt=1).opt(exception=error).info('x', secret=2); self.log.error('y', url=3)")
    worker = ast.parse("log_of(item, 'poll').info('x', look=1); left(tools, item, wait_s=2)")

    assert {field for field, _ in fields_logged(tree)} == {"prompt", "secret", "url"}
    assert {field for field, _ in fields_logged(worker)} == {"look", "wait_s"}


def _is_logger(node: ast.expr) -> bool:
    match node:
        case ast.Name(id=name):
            return name in LOGGER_NAMES
        case ast.Attribute(attr=name):
            return name.lstrip("_") in LOGGER_NAMES
        case ast.Call(func=ast.Attribute(attr="bind" | "opt", value=inner)):
            return _is_logger(inner)
        case ast.Call(func=ast.Name(id=name)):
            return name in LOGGER_MAKERS
        case _:
            return False
