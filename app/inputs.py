"""Images that come with a request: fetched or decoded before anything is accepted, known by their bytes."""

from collections.abc import Sequence
from hashlib import sha256

from app.bodies import InputBody
from app.images import MAX_IMAGE_BYTES, NotAnImage, from_data_url, image_type
from app.outbound.fetch import CannotFetch, Fetcher
from app.problems import FieldError
from db.accept import NewInput

MAX_TOGETHER_BYTES = 64 * 1024 * 1024


class InputLoader:
    """The inputs of one call: an address that several scenes name is fetched once, and all of them share one cap."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._loaded: dict[str, NewInput | str] = {}
        self._bytes = 0

    async def load(self, inputs: Sequence[InputBody]) -> tuple[tuple[NewInput, ...], list[FieldError]]:
        """The images in their order, or what is wrong with them."""
        images, errors = [], []
        for index, wanted in enumerate(inputs):
            image = await self._once(wanted)
            if isinstance(image, str):
                errors.append(FieldError(f"inputs.{index}.url", image))
            else:
                images.append(NewInput(wanted.role, image.content_type, image.sha256, image.data))
        return tuple(images), errors

    async def _once(self, wanted: InputBody) -> NewInput | str:
        if wanted.url not in self._loaded:
            self._loaded[wanted.url] = await self._load(wanted)
        return self._loaded[wanted.url]

    async def _load(self, wanted: InputBody) -> NewInput | str:
        if self._bytes > MAX_TOGETHER_BYTES:
            return f"the images of one call are at most {MAX_TOGETHER_BYTES // 1024 // 1024} MB together"
        try:
            data = from_data_url(wanted.url) if wanted.url.startswith("data:") else await self._fetch(wanted.url)
            self._bytes += len(data)
            return NewInput(wanted.role, image_type(data), sha256(data).hexdigest(), data)
        except (NotAnImage, CannotFetch) as error:
            return str(error)

    async def _fetch(self, url: str) -> bytes:
        return await self._fetcher.fetch(url, MAX_IMAGE_BYTES)
