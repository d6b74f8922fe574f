"""Images that come with a request: fetched, decoded or looked up before anything is accepted, known by their bytes."""

from collections.abc import Sequence
from hashlib import sha256

from app.bodies import InputBody
from app.calls import Call
from app.images import MAX_IMAGE_BYTES, NotAnImage, from_data_url, image_type
from app.openai.ids import file_of
from app.outbound.fetch import CannotFetch
from app.problems import FieldError
from db import files
from db.images import NewImage, NewInput

MAX_TOGETHER_BYTES = 64 * 1024 * 1024


class InputLoader:
    """The inputs of one call: an image that several scenes name is fetched once, and all of them share one cap."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._loaded: dict[str, NewImage | str] = {}
        self._bytes = 0

    async def load(self, inputs: Sequence[InputBody]) -> tuple[tuple[NewInput, ...], list[FieldError]]:
        """The images in their order, or what is wrong with them."""
        images, errors = [], []
        for index, wanted in enumerate(inputs):
            image = await self._once(wanted.url or wanted.file_id or "")
            if isinstance(image, str):
                errors.append(FieldError(f"inputs.{index}.{'url' if wanted.url else 'fileId'}", image))
            else:
                images.append(NewInput(image.content_type, image.sha256, image.data, wanted.role))
        return tuple(images), errors

    async def _once(self, source: str) -> NewImage | str:
        if source not in self._loaded:
            self._loaded[source] = await self._load(source)
        return self._loaded[source]

    async def _load(self, source: str) -> NewImage | str:
        if self._bytes > MAX_TOGETHER_BYTES:
            return f"the images of one call are at most {MAX_TOGETHER_BYTES // 1024 // 1024} MB together"
        try:
            image = await self._uploaded(source) or await self._sent(source)
        except (NotAnImage, CannotFetch) as error:
            return str(error)
        self._bytes += len(image.data)
        return image

    async def _sent(self, url: str) -> NewImage:
        data = from_data_url(url) if url.startswith("data:") else await self._fetch(url)
        return NewImage(image_type(data), sha256(data).hexdigest(), data)

    async def _fetch(self, url: str) -> bytes:
        return await self._call.deps.fetcher.fetch(url, MAX_IMAGE_BYTES)

    async def _uploaded(self, source: str) -> NewImage | None:
        """The caller's own file; None where the source is an address. Raises NotAnImage."""
        file_id = file_of(source)
        if file_id is None:
            return None
        image = await files.image(self._call.deps.pool, self._call.principal.client_id, file_id)
        if image is None:
            raise NotAnImage("is no file of yours")
        return image
