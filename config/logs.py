"""Logs of a process: one JSON object a line for machines, coloured text on a terminal, and never a secret."""

import contextlib
import os
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Literal, TextIO

from loguru import logger

from config.library_logs import forward_library_logs
from config.log_lines import json_line, redact, text_line
from config.redaction import register_secret

if TYPE_CHECKING:
    from loguru import Message

__all__ = ["configure_logs", "name_worker", "register_secret", "register_secrets"]

LOGURU_LEVELS = {"debug": "DEBUG", "info": "INFO", "warn": "WARNING", "error": "ERROR"}


def configure_logs(
    level: Literal["debug", "info", "warn", "error"] = "info",
    format: Literal["json", "text"] | None = None,
    *,
    stream: TextIO | None = None,
) -> None:
    """Send all log lines of this process, libraries' too, to `stream` (stdout if None); safe to call again.

    `format` None is text on a terminal and json elsewhere. Fields bound to a line appear only if they are on
    `log_lines.ALLOWED_FIELDS`. Uncaught exceptions become a line as well.
    """
    stream = stream or sys.stdout
    as_text = format == "text" or (format is None and stream.isatty())
    coloured = as_text and wants_colour(stream)

    def write(message: "Message") -> None:
        # Loguru would print the record as it is, its secrets too, if this raised.
        try:
            line = text_line(message.record, coloured=coloured) if as_text else json_line(message.record)
            stream.write(line + "\n")
            stream.flush()
        except Exception as error:  # noqa: BLE001 - a log that cannot be written must not stop the work
            _mention_lost_line(error)

    logger.remove()
    logger.configure(patcher=redact, extra={})
    logger.add(write, level=LOGURU_LEVELS[level], format="{message}", diagnose=False, backtrace=False)
    forward_library_logs(logger.level(LOGURU_LEVELS[level]).no)
    sys.excepthook = _log_uncaught


def name_worker(worker_id: object) -> None:
    """Put this worker's id on every line of the process from now on, libraries' lines too."""
    logger.configure(extra={"worker": str(worker_id)})


def register_secrets(values: Iterable[str]) -> None:
    """Mask each of `values` from now on (`Settings.secret_values` has the process's own)."""
    for value in values:
        register_secret(value)


def wants_colour(stream: TextIO) -> bool:
    """A terminal gets colours unless NO_COLOR is set; FORCE_COLOR gives them to a pipe."""
    if os.environ.get("NO_COLOR"):
        return False
    return stream.isatty() or bool(os.environ.get("FORCE_COLOR"))


def _mention_lost_line(error: Exception) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"a log line was lost: {type(error).__name__}\n")


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logger.opt(exception=(kind, error, trace)).critical("process ended by an uncaught exception")
