"""Forms as OpenAI's SDKs send them: `metadata[a][b]`, `tags[]`, `inputs[][role]`, and files as parts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from app.problems import FieldError, Problem, invalid
from app.validation import LARGE_BODY, chunks_of, read_object, refuse_unstorable

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){0,8})")
_EACH = ""
"""The key under which a form's `[]` is kept while its parts come in."""
_MOST_FIELDS, _MOST_FILES = 500, 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A form's file."""

    filename: str
    data: bytes = field(repr=False)


async def read_members(request: Request) -> dict[str, Any]:
    """The body as one object, from JSON or from a form; a form's files are Uploads. Raises Problem."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await read_object(request, LARGE_BODY)
    parser = MultiPartParser(
        request.headers,
        chunks_of(request, LARGE_BODY),
        max_files=_MOST_FILES,
        max_fields=_MOST_FIELDS,
        max_part_size=LARGE_BODY,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        detail = f"The form cannot be read: {getattr(error, 'message', 'it names no boundary')}"
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid_form", detail) from None
    members = nested([(name, await _read(value)) for name, value in form.multi_items()])
    refuse_unstorable(members)
    return members


async def _read(value: UploadFile | str) -> Upload | str:
    if isinstance(value, str):
        return value
    try:
        return Upload(value.filename or "image", await value.read())
    finally:
        await value.close()


def nested(pairs: Iterable[tuple[str, Upload | str]]) -> dict[str, Any]:
    """The object that a form's names describe; a name given twice keeps its last value. Raises Problem."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise invalid([FieldError(name[:100], "is not a name of the form a[b][]")])
        _put(tree, [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])], value)
    return {name: _settled(name, value) for name, value in tree.items()}


def _put(tree: dict[str, Any], keys: list[str], value: object) -> None:
    """Lay the value at its place; what stands under `[]` is collected in the order in which it comes."""
    is_listed = False
    for key in keys[:-1]:
        is_listed = is_listed or key == _EACH
        deeper = tree.setdefault(key, {})
        if not isinstance(deeper, dict):
            raise invalid([FieldError(keys[0], "is both a value and an object")])
        tree = deeper
    if isinstance(tree.get(keys[-1]), dict):
        raise invalid([FieldError(keys[0], "is both a value and an object")])
    if keys[-1] == _EACH or is_listed:
        tree[keys[-1]] = [*tree.get(keys[-1], []), value]
    else:
        tree[keys[-1]] = value


def _settled(path: str, value: Any) -> Any:
    """Lists made of what was collected: plain ones, and of objects, each with its own member of every name."""
    if not isinstance(value, dict):
        return value
    if _EACH not in value:
        return {name: _settled(f"{path}.{name}", member) for name, member in value.items()}
    each = value[_EACH]
    if len(value) > 1:
        raise invalid([FieldError(path, "is both a list and an object")])
    if not isinstance(each, dict):
        return each
    columns = list(each.values())
    if not all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns):
        raise invalid([FieldError(path, "cannot be told apart in a form: send it as JSON text, or the whole as JSON")])
    return [dict(zip(each, row, strict=True)) for row in zip(*columns, strict=True)]
