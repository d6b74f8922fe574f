"""Environments to read settings from, and log output to look at."""

import io
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loguru import logger

from config.logs import configure_logs
from config.redaction import forget_secrets


@pytest.fixture
def needed() -> dict[str, str]:
    """The least environment of a web process."""
    return {
        "DATABASE_URL": "postgresql://reelwork:pa55word-of-postgres@db.internal:5432/reelwork",
        "REDIS_URL": "redis://:pa55word-of-redis@cache.internal:6379/0",
        "ENCRYPTION_KEY": "ab" * 32,
        "ADMIN_KEY": "an-admin-key-of-more-than-32-characters",
        "STORAGE_URL": "s3://bucket/videos",
    }


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Everything that configuring logs changes in the process, put back afterwards."""
    names = ["", *logging.root.manager.loggerDict]
    before = {name: _state(logging.getLogger(name)) for name in names}
    hook, show = sys.excepthook, warnings.showwarning
    yield
    sys.excepthook, warnings.showwarning = hook, show
    logging.captureWarnings(False)
    for name in ["", *logging.root.manager.loggerDict]:
        found = logging.getLogger(name)
        level, handlers, filters, propagate = before.get(name, (logging.NOTSET, [], [], True))
        found.setLevel(level)
        found.handlers, found.filters, found.propagate = handlers, filters, propagate
    logger.remove()
    logger.configure(patcher=lambda record: None)
    forget_secrets()


@pytest.fixture
def json_lines(own_logging: None) -> Callable[[], list[dict[str, Any]]]:
    """Logs in JSON from debug up; call it for the lines so far."""
    stream = io.StringIO()
    configure_logs("debug", "json", stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def text_log(own_logging: None) -> io.StringIO:
    """Logs as text from info up."""
    stream = io.StringIO()
    configure_logs("info", "text", stream=stream)
    return stream


def _state(found: logging.Logger) -> tuple[int, list[logging.Handler], list[Any], bool]:
    return found.level, list(found.handlers), list(found.filters), found.propagate
