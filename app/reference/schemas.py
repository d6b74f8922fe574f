"""Types as JSON schemas, each named once under `components`."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from app.reference.operations import Schema

_REF = "#/components/schemas/{model}"


class _Plain(GenerateJsonSchema):
    """Without the titles that repeat a member's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def components(shapes: Iterable[type]) -> tuple[Mapping[type, Schema], dict[str, Any]]:
    """For each type the schema that stands for it, and all that these refer to, by name."""
    inputs: list[tuple[type, JsonSchemaMode, TypeAdapter[Any]]] = [
        (shape, "validation", TypeAdapter(shape)) for shape in dict.fromkeys(shapes)
    ]
    placed, described = TypeAdapter.json_schemas(inputs, ref_template=_REF, schema_generator=_Plain)
    return {shape: schema for (shape, _), schema in placed.items()}, described["$defs"]


def without_required(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema with no member required: the others stand elsewhere."""
    schema = _own(model, by_alias=True)
    del schema["required"]
    return schema


def in_snake_case(model: type[BaseModel]) -> dict[str, Any]:
    """The model's members by the names that OpenAI's API gives them."""
    members: dict[str, Any] = _own(model, by_alias=False)["properties"]
    return members


def _own(model: type[BaseModel], *, by_alias: bool) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=by_alias, ref_template=_REF, schema_generator=_Plain)
    schema.pop("$defs", None)
    return schema
