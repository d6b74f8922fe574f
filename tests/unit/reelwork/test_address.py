"""The key of a local server opens that server and no other."""

from pathlib import Path

import pytest

from reelwork.client.address import find_address
from reelwork.client.errors import BadRequest, Unauthorized


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in which `make run` has left its key."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".reelwork").mkdir()
    (tmp_path / ".reelwork" / "admin_key").write_text("local-key\n")
    return tmp_path


def test_after_a_local_start_nothing_needs_to_be_set(home: Path) -> None:
    address = find_address(environment={})

    assert (address.url, address.api_key, address.is_local) == ("http://127.0.0.1:8000", "local-key", True)


def test_the_callers_word_comes_before_the_environments(home: Path) -> None:
    environment = {"REELWORK_URL": "https://env.example", "REELWORK_API_KEY": "env-key"}

    assert find_address("https://mine.example/", "mine", environment).url == "https://mine.example"
    assert find_address("https://mine.example/", "mine", environment).api_key == "mine"
    assert find_address(environment=environment).url == "https://env.example"
    assert find_address(environment=environment).api_key == "env-key"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000", "http://localhost:8000", "http://[::1]:8000"])
def test_the_local_key_is_for_this_machine(home: Path, url: str) -> None:
    assert find_address(url, environment={}).api_key == "local-key"


@pytest.mark.parametrize("url", ["https://reelwork.example", "http://10.0.0.7:8000", "http://localhost.example"])
def test_the_local_key_is_never_sent_elsewhere(home: Path, url: str) -> None:
    assert find_address(url, environment={}).api_key is None


def test_the_home_folder_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "admin_key").write_text("other-key")

    assert find_address(environment={"REELWORK_HOME": str(tmp_path)}).api_key == "other-key"


def test_a_key_is_not_shown(home: Path) -> None:
    assert "local-key" not in repr(find_address(environment={}))


@pytest.mark.parametrize("url", ["reelwork.example", "ftp://reelwork.example", "http://", "http://host:port"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(BadRequest, match="not a server's URL"):
        find_address(url, environment={})


@pytest.mark.parametrize("key", ["two\nlines", "spaced out", "schlüssel"])
def test_what_cannot_be_a_key_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(Unauthorized) as raised:
        find_address(api_key=key, environment={})

    assert key not in str(raised.value)
