"""boto's descriptions of Amazon, cut down to what storing needs: whole they keep 10 MB in every idle process."""

import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

_OPERATIONS = (
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CreateMultipartUpload",
    "CreateSession",
    "DeleteObject",
    "GetObject",
    "HeadBucket",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectsV2",
    "PutObject",
    "UploadPart",
)
_ENDINGS: dict[str, Callable[..., Any]] = {".json": open, ".json.gz": gzip.open}
_SERVICES = {"s3", "sts", "sso", "portal.sso", "oidc"}
"""S3, and what boto's chain of credentials may ask."""


def lean_loader() -> Loader:
    """Finds boto's own files like its usual loader, and gives the part of them that this package's calls need."""
    return Loader(file_loader=_LeanFiles())


class _LeanFiles(JSONFileLoader):
    def load_file(self, file_path: str) -> Any:
        for ending, opened in _ENDINGS.items():
            if Path(file_path + ending).is_file():
                with opened(file_path + ending, "rb") as file:
                    # Plain dicts take half the memory of the ordered ones that boto makes.
                    return _lean(json.loads(file.read(), object_hook=_without_prose), file_path)
        return None


def _lean(found: Any, file_path: str) -> Any:
    if "/s3/" in Path(file_path).as_posix() and "operations" in found:
        return _used(found)
    return _near(found) if Path(file_path).name == "endpoints" else found


def _used(model: dict[str, Any]) -> dict[str, Any]:
    """The service's model with our operations only, and the shapes that they and all errors need."""
    operations = {name: model["operations"][name] for name in _OPERATIONS if name in model["operations"]}
    shapes: dict[str, Any] = {}
    wanted = list(_shapes_in(operations))
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            wanted.extend(_shapes_in(shapes[name]))
    return {**model, "operations": operations, "shapes": shapes}


def _shapes_in(part: Any) -> Iterable[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _shapes_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from _shapes_in(value)


def _near(endpoints: dict[str, Any]) -> dict[str, Any]:
    partitions = [
        {**partition, "services": {k: v for k, v in partition["services"].items() if k in _SERVICES}}
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _without_prose(part: dict[str, Any]) -> dict[str, Any]:
    if isinstance(part.get("documentation"), str):
        part["documentation"] = ""
    return part
