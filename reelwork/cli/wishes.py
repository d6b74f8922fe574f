"""What `generate` asks the server for, put together from its options."""

from dataclasses import asdict
from typing import Any

from reelwork.cli.inputs import inputs_of
from reelwork.cli.options import Images, Look, Placing


def wishes_of(look: Look, images: Images, placing: Placing) -> dict[str, Any]:
    """The options that were given, by the names the client takes; what was not given is left to the server."""
    named = {**asdict(look), **asdict(placing), "inputs": inputs_of(images) or None}
    del named["provider_key"]
    return {name: value for name, value in named.items() if value is not None}
