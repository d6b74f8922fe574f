"""Lines of libraries that use the standard `logging` arrive in our log, without the queries of addresses."""

import logging
from typing import TYPE_CHECKING

from loguru import logger

from config.redaction import without_queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from loguru import Record

# What each library says below this level is noise at best and a signed address at worst.
FLOORS = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "hpack": logging.WARNING,
    "aiobotocore": logging.WARNING,
    "aioboto3": logging.WARNING,
    "boto3": logging.WARNING,
    "botocore": logging.WARNING,
    "s3transfer": logging.WARNING,
    "urllib3": logging.WARNING,
    "google": logging.WARNING,
    "asyncio": logging.WARNING,
    "multipart": logging.WARNING,
    "python_multipart": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "uvicorn": logging.INFO,
}
# uvicorn's default configuration gives these handlers of their own.
WITH_OWN_HANDLERS = ("uvicorn", "uvicorn.error")
# The API writes a line of its own for each request, without the query.
SILENT = "uvicorn.access"
ARQ_LOGGERS = ("arq.worker", "arq.jobs", "arq.connections", "arq.utils")
# arq tells the start and end of every short job; a busy worker has many a second.
TALKATIVE = "arq.worker"


class Forward(logging.Handler):
    """Hands every record on to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        """Never raises: a broken format string in a library must not stop the work."""
        try:
            message = without_queries(record.getMessage())
        except Exception:  # noqa: BLE001 - formatting runs the library's own code
            message = str(record.msg)
        logger.opt(exception=record.exc_info).patch(_named(record.name)).log(_level(record), message)


class Divert(logging.Filter):
    """Forwards a logger's records and drops them there.

    arq's command line puts its own handler in place after our code ran; a filter is the one thing it leaves alone.
    """

    def __init__(self, handler: logging.Handler) -> None:
        super().__init__()
        self.handler = handler

    def filter(self, record: logging.LogRecord) -> bool:
        """Always False: the record has been dealt with."""
        self.handler.handle(record)
        return False


def forward_library_logs(level: int) -> None:
    """Send the standard library's log (from `level` up) and its warnings to loguru; safe to call again."""
    handler = Forward()
    root = logging.getLogger()
    # Only plain stream handlers go: those of error trackers and of test runners stay.
    root.handlers = [kept for kept in root.handlers if type(kept) not in (logging.StreamHandler, Forward)]
    root.addHandler(handler)
    root.setLevel(level)
    for name, floor in FLOORS.items():
        logging.getLogger(name).setLevel(max(floor, level))
    for name in WITH_OWN_HANDLERS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger(SILENT).handlers.clear()
    logging.getLogger(SILENT).propagate = False
    for name in ARQ_LOGGERS:
        talker = logging.getLogger(name)
        talker.filters = [kept for kept in talker.filters if not isinstance(kept, Divert)]
        talker.addFilter(Divert(handler))
    logging.captureWarnings(True)


def _level(record: logging.LogRecord) -> str:
    number = logging.DEBUG if record.name == TALKATIVE and record.levelno <= logging.INFO else record.levelno
    return "ERROR" if number >= 40 else "WARNING" if number >= 30 else "INFO" if number >= 20 else "DEBUG"


def _named(name: str) -> "Callable[[Record], None]":
    def put_name(record: "Record") -> None:
        record["name"] = name

    return put_name
