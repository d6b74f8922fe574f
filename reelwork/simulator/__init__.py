"""The provider simulator: the wire formats of OpenAI Videos, Gemini Omni and Veo on one port, with real MP4s."""

from collections.abc import Callable, Iterable
from typing import Any

from reelwork.simulator.extra import MissingExtra

__all__ = ["DEFAULT_PORT", "MissingExtra", "serve"]

DEFAULT_PORT = 8700


def serve(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    *,
    media_port: int = 0,
    faults: Iterable[str] = (),
    announce: Callable[[str], None] | None = None,
    **options: Any,
) -> None:
    """Serve until SIGINT or SIGTERM; `announce` is told the address as soon as it is listened on.

    `options` are the fields of `simulator.options.Options`; `faults` are rules such as "submit=429,probability=0.1".
    `media_port` stands for the providers' download hosts, 0 takes any free one. Raises MissingExtra where the
    libraries are not installed, ValueError for an unknown or malformed option or rule, OSError for a taken port.
    """
    from reelwork.simulator.extra import require_extra

    require_extra()
    from reelwork.simulator.running import prepare

    server = prepare(host, port, media_port=media_port, faults=faults, options=options)
    if announce is not None:
        announce(server.url)
    server.run(server.sockets)
