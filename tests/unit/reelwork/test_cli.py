"""The parts of the command line: options from dataclasses, plain text, files and their names, exit codes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from reelwork.cli.app import app
from reelwork.cli.exits import HELP, Exit, exit_for_error, exit_for_videos
from reelwork.cli.inputs import read_storyboard
from reelwork.cli.options import Result
from reelwork.cli.output import plain
from reelwork.cli.saving import plan_files
from reelwork.cli.spreading import spread
from reelwork.cli.wording import duration, money
from reelwork.client import errors
from reelwork.models import Video

COMMANDS = [command.callback.__name__ for command in app.registered_commands if command.callback]


@dataclass(frozen=True, slots=True)
class Colour:
    red: Annotated[int, typer.Option()] = 7
    blue: Annotated[list[int] | None, typer.Option()] = None


def test_options_are_taken_apart_and_put_together_again() -> None:
    seen: list[object] = []

    def paint(name: str, colour: Colour, twice: bool = False) -> None:
        seen.extend((name, colour, twice))

    single = typer.Typer()
    single.command()(spread(paint))
    done = CliRunner().invoke(single, ["wall", "--red", "1", "--blue", "2", "--blue", "3", "--twice"])

    assert done.exit_code == 0
    assert seen == ["wall", Colour(red=1, blue=[2, 3]), True]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_takes_json(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})

    assert done.exit_code == 0
    assert "--json" in done.stdout
    assert f"Usage: root {command}" in done.stdout or command in done.stdout


def test_all_commands_are_there() -> None:
    expected = (
        "generate storyboard watch jobs show events logs retry cancel rm queue pause resume spend cleanup health "
        "models simulator"
    )

    assert expected.split() == COMMANDS


def test_the_help_names_every_exit_code() -> None:
    assert all(str(int(code)) in HELP for code in Exit)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.BadRequest("x"), Exit.USAGE),
        (errors.NotFound("x"), Exit.NOT_FOUND),
        (errors.Unauthorized("x"), Exit.NOT_ALLOWED),
        (errors.Forbidden("x"), Exit.NOT_ALLOWED),
        (errors.ServerUnavailable("x"), Exit.UNREACHABLE),
        (errors.WaitTimeout("x"), Exit.TIMEOUT),
        (errors.OverBudget("x"), Exit.FAILED),
        (errors.Conflict("x"), Exit.FAILED),
    ],
)
def test_each_error_has_its_exit_code(error: errors.ReelworkError, code: Exit) -> None:
    assert exit_for_error(error) is code


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["completed", "completed"], Exit.DONE),
        (["completed", "needs_review"], Exit.NEEDS_REVIEW),
        (["needs_review", "failed"], Exit.FAILED),
        (["cancelled"], Exit.FAILED),
        ([], Exit.DONE),
    ],
)
def test_a_failure_counts_more_than_a_review(statuses: list[str], code: Exit) -> None:
    videos = [Video(job_id=str(number), status=status) for number, status in enumerate(statuses)]

    assert exit_for_videos(videos) is code


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\r\nlines\tand more", "two lines and more"),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x9b2J\x7f", "\ufffd2J\ufffd"),
        ("\u202etxt.exe", "\ufffdtxt.exe"),
        ("Füchse \U0001f469\u200d\U0001f680 狐", "Füchse \U0001f469\u200d\U0001f680 狐"),
    ],
)
def test_text_loses_its_power_over_the_terminal_and_nothing_else(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("scene_id", "name"),
    [
        ("dawn", "dawn.mp4"),
        ("../../etc/passwd", "etc-passwd.mp4"),
        ("Szene 1: früh", "Szene-1-früh.mp4"),
        ("...", "job.mp4"),
        (None, "job.mp4"),
    ],
)
def test_a_scene_names_a_file_in_the_folder_and_nowhere_else(tmp_path: Path, scene_id: str | None, name: str) -> None:
    assert plan_files(Result(output=tmp_path), {"job": scene_id}) == {"job": tmp_path / name}


def test_two_scenes_of_one_name_have_two_files(tmp_path: Path) -> None:
    files = plan_files(Result(output=tmp_path), {"a": "dawn", "b": "dawn"})

    assert files == {"a": tmp_path / "dawn.mp4", "b": tmp_path / "b.mp4"}


def test_files_that_are_there_are_replaced_only_if_told_so(tmp_path: Path) -> None:
    (tmp_path / "dawn.mp4").touch()

    with pytest.raises(typer.BadParameter, match=r"dawn\.mp4 already"):
        plan_files(Result(output=tmp_path), {"a": "dawn"})

    assert plan_files(Result(output=tmp_path, force=True), {"a": "dawn"})


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        ("{", "cannot be read as JSON"),
        ("{}", "no list of scenes"),
        ('{"scenes": []}', "no list of scenes"),
        ('"scenes"', "no list of scenes"),
        ('{"scenes": ["a", 7]}', "neither an object nor text"),
        ('{"scenes": ["a"], "defaults": []}', "no object"),
        ('{"scenes": ["a"], "scene": "b"}', "members that a storyboard has not: scene"),
    ],
)
def test_a_storyboard_that_is_none_is_refused_with_the_reason(tmp_path: Path, content: str, flaw: str) -> None:
    (tmp_path / "board.json").write_text(content)

    with pytest.raises(typer.BadParameter, match=flaw):
        read_storyboard(str(tmp_path / "board.json"))


def test_a_storyboard_may_be_only_its_scenes(tmp_path: Path) -> None:
    (tmp_path / "board.json").write_text(json.dumps(["A fox", {"scene": "An owl", "seconds": 4}]))

    read = read_storyboard(str(tmp_path / "board.json"))

    assert read == {"scenes": [{"scene": "A fox"}, {"scene": "An owl", "seconds": 4}]}


def test_time_and_money_read_well() -> None:
    assert [duration(seconds) for seconds in (0, 4.23, 59, 192, 7500)] == ["0.0s", "4.2s", "59s", "3m 12s", "2h 05m"]
    assert [money(usd) for usd in (0, 0.4, 0.0125, None)] == ["$0.00", "$0.40", "$0.0125", "price unknown"]
