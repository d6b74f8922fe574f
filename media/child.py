"""The child process that holds PyAV: one JSON request a line in, one answer a line out.

It works at low priority, ends when its parent closes the pipe or dies, when nobody asks for a while, and after so many
requests that a leak in a codec would show. Run as a file: `child.py FOLDER_OF_PYAV IDLE_SECONDS`.
"""

import contextlib
import json
import os
import queue
import resource
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

MOST_REQUESTS = 500
MEMORY_BYTES = 2 << 30
NICENESS = 5

Work = Callable[..., dict[str, Any]]


def main(folder_of_pyav: str, idle_s: float) -> None:
    """Serve requests until there is no reason to go on; leaves with 0 then."""
    answers = _private_stdout()
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    _be_humble()
    sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]
    sys.path.append(folder_of_pyav)
    for _ in range(MOST_REQUESTS):
        try:
            request = json.loads(requests.get(timeout=idle_s))
        except queue.Empty:
            break
        answers.write(json.dumps(answer(request)).encode() + b"\n")
        answers.flush()
    os._exit(0)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`{"done": …}`, `{"refused": reason, "as": class}` for the file's own fault, or `{"failed": text}`."""
    from media.errors import Refused

    try:
        return {"done": _work(request.pop("do"))(**request)}
    except Refused as refusal:
        return {"refused": refusal.reason, "as": type(refusal).__name__}
    except Exception as error:  # noqa: BLE001 - the top of the loop: the parent must get an answer
        return {"failed": f"{type(error).__name__}: {error}"}


def _work(name: str) -> Work:
    import av

    av.logging.set_level(None)
    from media.inspecting import inspect
    from media.posters import still
    from media.stitching import stitch

    works: dict[str, Work] = {"inspect": inspect, "still": still, "stitch": stitch}
    return works[name]


def _private_stdout() -> BinaryIO:
    """The pipe to the parent, out of reach of libraries that print."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answers


def _listen(requests: "queue.SimpleQueue[bytes]") -> None:
    for line in sys.stdin.buffer:
        requests.put(line)
    os._exit(0)


def _be_humble() -> None:
    # Some platforms send the stop signal to every process: the parent decides, and its end closes the pipe.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    for what, limit in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, MEMORY_BYTES)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, resource.getrlimit(what)[1]))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
