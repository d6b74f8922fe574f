"""The provider simulator: the wire formats of OpenAI Videos, Gemini Omni and Veo on one port, with real MP4s."""

from collections.abc import Iterable
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
    **options: Any,
) -> None:
    """Serve until SIGINT or SIGTERM.

    `options` are the fields of `simulator.options.Options`; `faults` are rules such as "submit=429,probability=0.1".
    `media_port` stands for the providers' download hosts, 0 takes any free one. Raises MissingExtra where the
    libraries are not installed, ValueError for an unknown or malformed option or rule, OSError for a taken port.
    """
    from reelwork.simulator.extra import require_extra

    require_extra()
    from reelwork.simulator.running import prepare

    server = prepare(host, port, media_port=media_port, faults=faults, options=options)
    server.run(server.sockets)
