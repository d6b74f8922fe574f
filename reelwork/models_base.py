"""How this package reads and writes the wire: camelCase there, snake_case here, unknown members kept."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Answer(BaseModel):
    """A part of a server's answer. Members that this version does not know are kept, so that a newer server is
    readable and `wire()` gives back all that it said."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, extra="allow", frozen=True, defer_build=True
    )

    def wire(self) -> dict[str, Any]:
        """The answer as the server sent it: camelCase keys, plain JSON values, nothing added."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Body(BaseModel):
    """A part of a request. Members are checked for spelling here; what a model can do, the server checks."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, extra="forbid", frozen=True, defer_build=True
    )

    def wire(self) -> dict[str, Any]:
        """The request as it is sent: camelCase keys, unset members left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)
