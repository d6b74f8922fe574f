"""A Chromium of this machine. One without it misses the tests of the dashboard, CI may not."""

import os
import shutil

import pytest

_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """The command."""
    found = next(filter(None, map(shutil.which, _COMMANDS)), None)
    if found is None:
        why = "Chromium is not installed (Debian and Ubuntu: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(f"{why}: the tests of the dashboard's pages do not run")
    return found
