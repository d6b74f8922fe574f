"""One log record as one line: which fields may stand in it, and how it looks to a machine and to a person."""

import json
import traceback
from datetime import UTC
from typing import TYPE_CHECKING, Any

from config.redaction import mask

if TYPE_CHECKING:
    from loguru import Record

LEADING_FIELDS = ("job_id", "provider", "stage", "action", "worker", "attempt")
ALLOWED_FIELDS = frozenset(LEADING_FIELDS) | frozenset(
    """
    backoff_s bytes client_id code count credential_id deadline delay_s duration_s elapsed_s epoch error error_code
    event events exit_code expected fault found function generation held host http_status in_flight kept key_id kind
    lane lane_id latency_ms logger max_in_flight method model name needed object_key outcome owner path pid port
    process progress provider_id queue rate_per_minute reason request_id resumed retry_after_s role row_id scene_id
    schema seconds server signal size state status status_code storage storyboard_id submission_id took_ms took_s
    total url_host variable version warning workers
    """.split()  # noqa: SIM905 - a list of strings would fill a page
)
COLOURS = {"debug": "\x1b[2m", "info": "\x1b[36m", "warn": "\x1b[33m", "error": "\x1b[31m"}
RESET = "\x1b[0m"
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127)} | {10: "\\n", 13: "\\r", 9: "\\t"}


def redact(record: "Record") -> None:
    """Loguru's patcher: keeps only allowed fields and masks what the message and the fields hold."""
    record["message"] = mask(record["message"])
    record["extra"] = {name: _clean(value) for name, value in record["extra"].items() if name in ALLOWED_FIELDS}


def json_line(record: "Record") -> str:
    """A JSON object without a line break; the leading fields are always there, null where unknown."""
    extra = record["extra"]
    line: dict[str, Any] = {
        "timestamp": _timestamp(record),
        "level": level_word(record),
        "message": record["message"],
        **{name: extra.get(name) for name in LEADING_FIELDS},
        "logger": record["name"],
        **{name: value for name, value in extra.items() if name not in LEADING_FIELDS},
    }
    if record["exception"]:
        line["exception"] = _exception(record)
    return json.dumps(line, default=str)


def text_line(record: "Record", *, coloured: bool) -> str:
    """`time LEVEL message field=value …` for a person; a traceback follows on lines of its own."""
    level = level_word(record)
    label = f"{COLOURS[level]}{level.upper():5}{RESET}" if coloured else f"{level.upper():5}"
    fields = " ".join(
        f"{name}={value}" for name, value in record["extra"].items() if value is not None and name != "logger"
    )
    dimmed = f"{COLOURS['debug']}{_printable(fields)}{RESET}" if coloured and fields else _printable(fields)
    moment = record["time"].strftime("%H:%M:%S.%f")[:-3]
    line = f"{moment} {label} {_printable(record['message'])}  {dimmed}".rstrip()
    return f"{line}\n{_exception(record)}" if record["exception"] else line


def level_word(record: "Record") -> str:
    """debug, info, warn or error: the words of LOG_LEVEL."""
    number = record["level"].no
    return "error" if number >= 40 else "warn" if number >= 30 else "info" if number >= 20 else "debug"


def _timestamp(record: "Record") -> str:
    return record["time"].astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _exception(record: "Record") -> str:
    found = record["exception"]
    if found is None or found.value is None:
        return ""
    return mask("".join(traceback.format_exception(found.type, found.value, found.traceback)).rstrip())


def _clean(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case list() | tuple() | set() | frozenset():
            return [_clean(item) for item in value]
        case _:
            return mask(str(value))


def _printable(text: str) -> str:
    """Control characters spelled out: no message can forge a line or steer the terminal."""
    return text.translate(_CONTROL)
