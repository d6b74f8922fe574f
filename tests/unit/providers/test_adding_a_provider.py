"""The adapter that the guide shows is a working one."""

import json
import re
import sys
import types
from pathlib import Path

import pytest

from providers import kinds
from providers.base import Account, Provider, RemoteStatus, VideoRequest
from providers.catalogue import load_catalogue
from providers.registry import open_providers

GUIDE = Path(__file__).parents[3] / "docs" / "adding-a-provider.md"


@pytest.fixture
def shown():
    blocks = re.findall(r"```(python|toml)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    line, adapter = (text for kind, text in blocks if kind == "python")
    return line, next(text for kind, text in blocks if kind == "toml"), adapter


@pytest.fixture
def installed(shown, monkeypatch, tmp_path):
    """The guide's three steps done: the line, the table and the file."""
    line, table, adapter = shown
    module = types.ModuleType("providers.example_cloud")
    exec(compile(adapter, "example_cloud.py", "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, "providers.example_cloud", module)
    kind = eval(line.strip().rstrip(","), {"Kind": kinds.Kind})
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, kind))
    monkeypatch.setattr("providers.registry.KINDS", (*kinds.KINDS,))
    monkeypatch.setitem(kinds._BY_NAME, kind.name, kind)
    path = tmp_path / "catalogue.toml"
    path.write_text((Path(kinds.__file__).with_name("catalogue.toml")).read_text() + "\n" + table)
    monkeypatch.setattr("providers.catalogue_file.BUILT_IN", path)
    return load_catalogue()


async def test_the_guides_adapter_submits_polls_and_downloads(installed, raw_server):
    async def behave(exchange):
        if exchange.head.startswith(b"POST /videos "):
            await exchange.answer(200, b'{"id":"e1"}')
        elif exchange.head.startswith(b"GET /videos/e1 "):
            await exchange.answer(200, json.dumps({"status": "done", "url": f"{server.url}/result"}).encode())
        else:
            await exchange.answer(200, b"the video")

    async def agree() -> None:
        return

    async with raw_server(behave) as server, open_providers(installed) as providers:
        adapter: Provider = providers["example_cloud"]
        account = Account("example_cloud", server.url, "key-of-the-example")
        request = VideoRequest("example-1", "a cat", "label", "job", seconds=5)
        accepted = await adapter.submit(account, request, agree)
        video = await adapter.poll(account, accepted.provider_id, "example-1")
        async with adapter.download(account, video) as download:
            assert b"".join([chunk async for chunk in download.chunks]) == b"the video"

    assert video.status is RemoteStatus.COMPLETED


def test_the_guides_model_is_in_the_catalogue(installed):
    assert installed.find("example_cloud", None).price_per_second("720p") == 80_000


def test_every_adapter_has_all_methods_of_the_protocol(installed):
    methods = {name for name in vars(Provider) if not name.startswith("_") and name != "kind"}

    for kind in kinds.KINDS:
        module, _, name = kind.adapter.partition(":")
        adapter = getattr(sys.modules.get(module) or __import__(module, fromlist=[name]), name)
        assert methods <= set(dir(adapter)), kind.name
