"""What one data directory remembers between runs: ports, the password, process ids."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class State:
    """A small JSON file, mode 0600, replaced as a whole at each change. Threads may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._values: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def get_int(self, name: str) -> int | None:
        """The whole number saved under `name`, if there is one."""
        value = self._values.get(name)
        return value if isinstance(value, int) else None

    def get_str(self, name: str) -> str | None:
        """The text saved under `name`, if there is one."""
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def get_pids(self, name: str) -> dict[int, str]:
        """Process ids saved under `name`, each with a text its command line contains."""
        value = self._values.get(name)
        return {int(pid): str(marker) for pid, marker in value.items()} if isinstance(value, dict) else {}

    def save(self, changes: Mapping[str, int | str | dict[int, str]]) -> None:
        """Write `changes` through to the disk."""
        with self._lock:
            copies = ((name, value.copy() if isinstance(value, dict) else value) for name, value in changes.items())
            self._values.update(copies)
            handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".state-")  # mkstemp makes it 0600
            with os.fdopen(handle, "w") as file:
                json.dump(self._values, file)
            Path(temporary).replace(self._path)
