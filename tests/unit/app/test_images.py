"""Images are known by their bytes, not by what a caller calls them."""

import base64

import pytest

from app.images import NotAnImage, from_data_url, image_type

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.mark.parametrize(
    ("data", "content_type"),
    [(PNG, "image/png"), (b"\xff\xd8\xff\xe0rest", "image/jpeg"), (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp")],
)
def test_the_three_types_that_providers_take_are_recognised(data: bytes, content_type: str) -> None:
    assert image_type(data) == content_type


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg xmlns='x'/>", b"RIFF\0\0\0\0WAVE", b"<html>"])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        image_type(data)


def test_a_data_url_gives_its_bytes() -> None:
    assert from_data_url("data:image/png;base64," + base64.b64encode(PNG).decode()) == PNG


@pytest.mark.parametrize(
    "url", ["data:,plain", "data:image/png,raw", "data:image/png;base64,@@@", "data:image/png;base64,YQ=a"]
)
def test_a_malformed_data_url_is_refused(url: str) -> None:
    with pytest.raises(NotAnImage):
        from_data_url(url)
