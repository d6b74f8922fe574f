"""Paths with ids in them."""

from urllib.parse import quote

from reelwork.client.errors import BadRequest


def path(template: str, *ids: str) -> str:
    """`template` with each `{}` replaced by an id, quoted so that it cannot leave its place in the path."""
    if any(part in ("", ".", "..") for part in ids):
        raise BadRequest(f"{ids[0]!r} is not an id.")
    return template.format(*(quote(part, safe="") for part in ids))
