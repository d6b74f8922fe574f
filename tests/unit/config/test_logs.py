"""What a log line looks like, and which lines arrive."""

import io
import json
import logging
import logging.config
import subprocess
import sys
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from arq.logs import default_log_config
from loguru import logger

from config.library_logs import Forward
from config.logs import configure_logs

ROOT = Path(__file__).parents[3]
Lines = Callable[[], list[dict[str, Any]]]


def test_a_json_line_has_the_leading_fields_and_null_where_nothing_is_known(json_lines: Lines) -> None:
    job_id = uuid.uuid4()

    logger.bind(job_id=job_id, provider="veo", stage="generating").info("video submitted", attempt=1)

    (line,) = json_lines()
    assert line["timestamp"].endswith("Z")
    assert {name: value for name, value in line.items() if name not in ("timestamp", "logger")} == {
        "level": "info",
        "message": "video submitted",
        "job_id": str(job_id),
        "provider": "veo",
        "stage": "generating",
        "action": None,
        "worker": None,
        "attempt": 1,
    }


def test_a_field_that_is_not_on_the_list_is_not_shown(json_lines: Lines) -> None:
    logger.bind(prompt="a secret scene", headers={"cookie": "x"}).info("video submitted", lane_id=7)

    (line,) = json_lines()
    assert line["lane_id"] == 7
    assert not {"prompt", "headers"} & set(line)


def test_an_exception_stays_on_its_one_line(json_lines: Lines) -> None:
    try:
        raise LookupError("nothing here")
    except LookupError:
        logger.exception("collect failed")

    (line,) = json_lines()
    assert line["level"] == "error"
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("LookupError: nothing here")


def test_lines_below_the_level_are_left_out(own_logging: None) -> None:
    stream = io.StringIO()
    configure_logs("warn", "json", stream=stream)

    logger.info("claimed")
    logging.getLogger("arq.jobs").info("quiet")
    logger.warning("retried")

    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["retried"]


def test_a_text_line_shows_message_and_fields(text_log: io.StringIO) -> None:
    logger.bind(job_id="j-1", action="claim").warning("video claimed")

    assert text_log.getvalue().rstrip().endswith("WARN  video claimed  job_id=j-1 action=claim")


def test_a_message_cannot_forge_a_line_or_steer_the_terminal(text_log: io.StringIO) -> None:
    logger.info("from a provider: \x1b[2J\nERROR all is lost", name="a\rb")

    (line,) = text_log.getvalue().splitlines()
    assert r"\x1b[2J\nERROR all is lost  name=a\rb" in line


@pytest.mark.parametrize(
    ("variables", "terminal", "coloured"),
    [({}, True, True), ({}, False, False), ({"FORCE_COLOR": "1"}, False, True), ({"NO_COLOR": "1"}, True, False)],
)
def test_colours_are_for_terminals_unless_the_environment_says_else(
    own_logging: None, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], terminal: bool, coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)

    configure_logs("info", "text", stream=stream)
    logger.info("claimed")

    assert ("\x1b[" in stream.getvalue()) is coloured


@pytest.mark.parametrize(("terminal", "is_json"), [(True, False), (False, True)])
def test_the_format_follows_the_stream_unless_it_is_set(
    own_logging: None, monkeypatch: pytest.MonkeyPatch, terminal: bool, is_json: bool
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)

    configure_logs(stream=stream)
    logger.info("claimed")

    assert stream.getvalue().startswith("{") is is_json


def test_lines_of_libraries_arrive_with_the_library_s_name(json_lines: Lines) -> None:
    logging.getLogger("uvicorn.error").warning("shutting down %d", 3)
    logging.getLogger("somebody.else").error("with {braces}")

    assert [(line["logger"], line["level"], line["message"]) for line in json_lines()] == [
        ("uvicorn.error", "warn", "shutting down 3"),
        ("somebody.else", "error", "with {braces}"),
    ]


def test_libraries_that_print_addresses_are_heard_from_warnings_up_and_without_queries(json_lines: Lines) -> None:
    logging.getLogger("httpx").info("GET https://host/video.mp4?sig=abc")
    logging.getLogger("botocore.endpoint").debug("authorization: AWS4 Credential=abc")
    logging.getLogger("httpx").warning("GET %s failed", "https://host/video.mp4?expires=5&signed=abc")

    assert [line["message"] for line in json_lines()] == ["GET https://host/video.mp4 failed"]


def test_uvicorn_writes_no_second_line_for_a_request(own_logging: None) -> None:
    uvicorn.Config("app:none")

    configure_logs("debug", "json", stream=io.StringIO())

    # What uvicorn asks before it writes one.
    assert not logging.getLogger("uvicorn.access").hasHandlers()


def test_a_library_s_broken_line_does_not_stop_the_work(json_lines: Lines) -> None:
    # Handed over directly: pytest's own handler would raise first.
    Forward().handle(logging.makeLogRecord({"msg": "%d of %d", "args": (1,), "levelno": logging.WARNING}))

    assert [line["message"] for line in json_lines()] == ["%d of %d"]


def test_python_s_warnings_are_lines_too(json_lines: Lines) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn("soon gone", DeprecationWarning, stacklevel=1)

    assert "DeprecationWarning: soon gone" in json_lines()[0]["message"]


def test_arq_s_own_set_up_afterwards_doubles_no_line(json_lines: Lines, capfd: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(default_log_config(verbose=False))

    logging.getLogger("arq.worker").warning("job timed out")
    logging.getLogger("arq.worker").info("1.2s -> ticket")

    assert [(line["message"], line["level"]) for line in json_lines()] == [
        ("job timed out", "warn"),
        ("1.2s -> ticket", "debug"),
    ]
    assert capfd.readouterr().err == ""


def test_an_uncaught_exception_is_one_json_line_without_secrets() -> None:
    script = (
        "from config.logs import configure_logs, register_secret\n"
        "configure_logs(format='json'); register_secret('the-operators-key')\n"
        "raise RuntimeError('refused the-operators-key')\n"
    )

    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert ended.returncode == 1
    assert json.loads(ended.stdout)["exception"].endswith("RuntimeError: refused ***")
    assert ended.stderr == ""


def test_a_full_disk_loses_the_line_but_no_secret_and_no_work() -> None:
    script = (
        "from config.logs import configure_logs, register_secret\n"
        "from loguru import logger\n"
        "class Full:\n"
        "    def write(self, text): raise OSError(28, 'no space left')\n"
        "    def flush(self): pass\n"
        "configure_logs(format='json', stream=Full()); register_secret('the-operators-key')\n"
        "logger.info('the-operators-key'); print('went on')\n"
    )

    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert ended.stdout == "went on\n"
    assert ended.stderr == "a log line was lost: OSError\n"
