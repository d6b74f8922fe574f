"""Serves a world on two ports: the providers' own, and a second one that stands for their download hosts."""

import socket
from types import FrameType

import uvicorn

from reelwork.simulator.app import create_app
from reelwork.simulator.world import World

_BACKLOG = 2048
_GRACE_S = 2


class SimulatorServer(uvicorn.Server):
    """uvicorn, told to end silent requests when it stops, and to take SIGTERM for an orderly end."""

    def __init__(self, world: World, host: str, port: int, media_port: int) -> None:
        self.world = world
        self.sockets = [_listen(host, port), _listen(host, media_port)]
        world.media_url = _url(self.sockets[1])
        config = uvicorn.Config(
            create_app(world),
            http=world.wires.protocol(),
            lifespan="on",
            ws="none",
            date_header=False,
            server_header=False,
            access_log=False,
            log_level="warning",
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_GRACE_S,
        )
        super().__init__(config)

    @property
    def url(self) -> str:
        """Where the providers are, such as http://127.0.0.1:8700."""
        return _url(self.sockets[0])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.world.wires.closing.set()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as exc:
        listener.close()
        raise OSError(f"port {port} on {host} cannot be used: {exc.strerror}") from exc
    listener.listen(_BACKLOG)
    listener.setblocking(False)
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
