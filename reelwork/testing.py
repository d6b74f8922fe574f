"""A simulated provider for tests: started in this process on a free port, gone when the block ends.

    with running_simulator(generation_s=0.2) as simulator:
        client = OpenAI(api_key="any", base_url=simulator.openai_base_url)

The same handle, `SimulatorHandle(url)`, steers a simulator that runs elsewhere.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from reelwork.simulator.extra import require_extra

_START_S = 10.0


class SimulatorHandle:
    """Steers a simulator over HTTP. Every call raises httpx.HTTPStatusError, with the reason, where it is refused."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def openai_base_url(self) -> str:
        """What the OpenAI SDK takes as base_url, and OPENAI_BASE_URL."""
        return self.url + "/v1"

    @property
    def gemini_base_url(self) -> str:
        return self.url

    @property
    def vertex_base_url(self) -> str:
        return self.url

    def close(self) -> None:
        """Close the handle's own connections."""
        self._http.close()

    def books(self, key: str | None = None, brief: bool = False) -> dict[str, Any]:
        """The books, of one key (or account name) or of all; `brief` leaves the long lists out."""
        params = {"brief": str(int(brief)), **({"key": key} if key else {})}
        return dict(self._call("GET", "/_sim/books", params=params))

    def reset_books(self) -> None:
        self._call("DELETE", "/_sim/books")

    def add_fault(self, rule: str) -> int:
        """Put a rule such as "submit=429,times=2" in force; returns its id."""
        return int(self._call("POST", "/_sim/faults", json={"rule": rule})["ids"][0])

    def remove_fault(self, rule_id: int) -> None:
        """End one rule that `add_fault` put in force."""
        self._call("DELETE", f"/_sim/faults/{rule_id}")

    def clear_faults(self) -> None:
        self._call("DELETE", "/_sim/faults")

    def change(self, **options: Any) -> None:
        """Change options, such as generation_s=2, from now on."""
        self._call("PATCH", "/_sim/options", json=options)

    def advance(self, seconds: float) -> None:
        """Push the simulator's clock forward: what would be done by then is done."""
        self._call("POST", "/_sim/clock", json={"advance_s": seconds})

    def forget(self, dialect: str | None = None, key: str | None = None) -> int:
        """Lose all videos (of a dialect: openai, omni, vertex; of a key), as a restart would; returns how many."""
        return int(self._call("POST", "/_sim/forget", json={"dialect": dialect, "key": key})["forgotten"])

    def revoke(self, key: str, revoked: bool = True) -> None:
        """Refuse this key from now on, or take it back."""
        self._call("POST", "/_sim/keys", json={"key": key, "revoked": revoked})

    def service_account(self, project: str = "simulated-project", email: str | None = None) -> dict[str, str]:
        """A Google service account's JSON whose token_uri is the simulator."""
        params = {"project": project, **({"email": email} if email else {})}
        return dict(self._call("GET", "/_sim/service-account", params=params))

    def reset(self) -> None:
        """Forget every video, rule, revoked key and book; return to real time and the options of the start."""
        self._call("POST", "/_sim/reset")

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        response = self._http.request(method, path, **arguments)
        if response.is_error:
            message = f"the simulator refused {method} {path}: {response.text}"
            raise httpx.HTTPStatusError(message, request=response.request, response=response)
        return response.json()


@contextmanager
def running_simulator(faults: Iterable[str] = (), **options: Any) -> Iterator[SimulatorHandle]:
    """A simulator in a thread of this process on free ports of 127.0.0.1, with the given rules and options.

    Raises simulator.MissingExtra where its libraries are not installed, ValueError for bad options or rules.
    """
    require_extra()
    from reelwork.simulator.running import prepare

    server = prepare("127.0.0.1", 0, faults=faults, options=options)
    thread = threading.Thread(target=server.run, args=(server.sockets,), name="reelwork-simulator", daemon=True)
    thread.start()
    try:
        _wait_until(lambda: server.started or not thread.is_alive())
        if not server.started:
            raise RuntimeError("the simulator did not start")
        with SimulatorHandle(server.url) as handle:
            yield handle
    finally:
        server.should_exit = True
        thread.join()


def _wait_until(is_true: Any) -> None:
    deadline = time.monotonic() + _START_S
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError("the simulator did not start in time")
        time.sleep(0.005)
