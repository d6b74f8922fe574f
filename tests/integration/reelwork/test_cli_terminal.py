"""The command line before a person's eyes: moving bars, Ctrl-C, tables that fit."""

import json

from tests.integration.reelwork.stub_server import KEY, Stub
from tests.integration.reelwork.terminal import on_terminal

GENERATING = {"status": "processing", "stage": "generating", "progress": 40}


def test_a_bar_moves_until_the_video_is_done(stub: Stub) -> None:
    stub.looks = [{"status": "queued"}, GENERATING, {"status": "completed"}]

    with on_terminal("generate", "A fox", "--url", stub.url, "--api-key", KEY) as terminal:
        assert terminal.end() == 0

    assert "Accepted" in terminal.text
    assert "━" in terminal.text
    assert "40% 0:00:" in terminal.text
    assert "100% 0:00:" in terminal.text
    assert f"{stub.url}/files/" in terminal.text


def test_interrupting_the_watching_leaves_the_video_and_says_how_to_watch_it_again(stub: Stub) -> None:
    stub.looks = [GENERATING]

    with on_terminal("generate", "A fox", "--url", stub.url, REELWORK_API_KEY=KEY) as terminal:
        terminal.wait_for("being generated")
        terminal.interrupt()
        code = terminal.end()

    (job_id,) = stub.videos
    assert code == 130
    assert f"it goes on. Watch it again: reelwork watch {job_id} --url {stub.url}\n" in terminal.text
    assert "Traceback" not in terminal.text
    assert not [call for call in stub.calls if "cancel" in call.path]


def test_json_for_a_person_is_indented_and_still_json(stub: Stub) -> None:
    with on_terminal("models", "--json", "--url", stub.url, "--api-key", KEY) as terminal:
        assert terminal.end() == 0

    assert terminal.text.startswith('{\n  "models"')
    assert json.loads(terminal.text)


def test_a_narrow_terminal_costs_columns_but_no_part_of_an_id(stub: Stub) -> None:
    job_id = "3f0c5f0e-8d2b-4c6f-9d47-0a54f7d2c1aa"
    body = {"jobId": job_id, "provider": "omni", "model": "gemini-omni-1.2-flash", "scene": "A fox in the snow " * 9}
    stub.add(body, "tale")

    with on_terminal("jobs", "--url", stub.url, "--api-key", KEY, COLUMNS="80") as terminal:
        assert terminal.end() == 0

    assert job_id in terminal.text
    assert "Model" not in terminal.text
    assert max(len(line) for line in terminal.text.splitlines()) <= 80, terminal.text


def test_the_simulator_says_where_it_is_and_ends_with_an_interrupt() -> None:
    with on_terminal("simulator", "--port", "0", "lean=true") as terminal:
        terminal.wait_for("OPENAI_BASE_URL=http://127.0.0.1:")
        terminal.interrupt()
        assert terminal.end() == 0
