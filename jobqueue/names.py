"""Names in Redis: all carry the installation's id, so that two installations on one Redis do not hear each other."""

from uuid import UUID

TICKET = "start_lane"
"""The arq function that a ticket asks for; its arguments are the installation's and the lane's id."""


def bell(installation: UUID, lane_id: UUID) -> str:
    return f"rw:{installation}:bell:{lane_id}"


def later_bell(installation: UUID, lane_id: UUID) -> str:
    return f"rw:{installation}:later:{lane_id}"


def changes(installation: UUID) -> str:
    """The channel on which changed jobs are named."""
    return f"rw:{installation}:changes"


def control(installation: UUID) -> str:
    """The channel on which workers are told to look at a job or a lane at once."""
    return f"rw:{installation}:control"
