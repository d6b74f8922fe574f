"""Sends a request again when its answer was lost: only for what may reach the server twice without harm."""

from typing import Final

from reelwork.client.errors import ServerUnavailable
from reelwork.client.flow import Flow, Reply, Request, exchange, pause

RESEND_AFTER_S: Final = (0.5, 2.0)


def send_again_if_lost(request: Request) -> Flow[Reply]:
    """Carry out a request that reads, or that carries its own id; the third loss in a row is raised.

    A server that refuses the connection is not asked again: nothing was lost, and the caller should know at once.
    """
    for seconds in RESEND_AFTER_S:
        try:
            return (yield from exchange(request))
        except ServerUnavailable as error:
            if not error.answer_lost:
                raise
        yield from pause(seconds)
    return (yield from exchange(request))
