"""JSON with whole videos inside is read without holding them, whatever the pieces it comes in."""

import base64
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import omni_wire, vertex_wire
from providers.long_strings import KEPT_BYTES, MARK, Base64Stream, LongStrings


def fed(document: LongStrings, data: bytes, size: int) -> bytes:
    return b"".join(document.feed(data[at : at + size]) for at in range(0, len(data), size))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
)


@given(json_values, st.integers(1, 50), st.booleans())
def test_a_document_of_short_strings_is_kept_as_it_is(value, size, ascii_only):
    document = LongStrings()
    fed(document, json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"), size)

    if ascii_only or "\\ud" not in json.dumps(value):
        assert document.parsed() == value


@given(st.text(alphabet='a\\"/\n\u00e9\u4e16', min_size=KEPT_BYTES, max_size=KEPT_BYTES * 3), st.integers(1, 700))
def test_a_long_string_keeps_its_beginning_and_a_mark_wherever_it_is_cut(text, size):
    document = LongStrings()
    fed(document, json.dumps({"long": text, "after": 1}, ensure_ascii=False).encode(), size)
    parsed = document.parsed()

    assert parsed["after"] == 1
    if parsed["long"].endswith(MARK):
        assert text.startswith(parsed["long"].removesuffix(MARK).rstrip("\ufffd"))
    else:
        assert parsed["long"] == text


@pytest.mark.parametrize("size", [1, 7, 4096, 10**6])
@pytest.mark.parametrize("escaped", [False, True])
def test_a_video_is_picked_out_of_an_operation(size, escaped):
    video = random.Random(1).randbytes(20_000)
    text = base64.b64encode(video).decode()
    body = json.dumps({"name": "x" * 900, "done": True, "response": {"videos": [{"bytesBase64Encoded": "@"}]}})
    if escaped:
        text = text.replace("/", "\\/").replace("=", "\\u003d")
    document, decoder = LongStrings(vertex_wire.holds_the_video), Base64Stream()
    data = body.replace('"@"', f'"{text}"').encode()

    decoded = decoder.decode(fed(document, data, size)) + decoder.finish()

    assert decoded == video
    assert document.kept_bytes < 2000


def test_the_video_is_told_from_the_image_that_an_interaction_echoes():
    image, video = (base64.b64encode(letter * 3000).decode() for letter in (b"i", b"v"))
    steps = [
        {"type": "user_input", "content": [{"type": "image", "mime_type": "image/png", "data": image}]},
        {"type": "model_output", "content": [{"type": "video", "mime_type": "video/mp4", "data": video}]},
    ]
    document = LongStrings(omni_wire.holds_the_video)

    assert fed(document, json.dumps({"id": "v1_x", "steps": steps}).encode(), 100) == video.encode()


def test_twenty_megabytes_of_echo_are_not_held():
    document = LongStrings()
    document.feed(b'{"id":"v1_x","echo":"')
    for _ in range(320):
        document.feed(b"A" * 65536)
    document.feed(b'","status":"completed"}')

    assert document.kept_bytes < 1000
    assert document.parsed()["status"] == "completed"


def test_a_document_that_ends_early_is_no_json():
    document = LongStrings()
    document.feed(b'{"id":"v1_')

    with pytest.raises(ValueError, match="Unterminated"):
        document.parsed()


@given(st.binary(max_size=300), st.integers(1, 9), st.booleans(), st.booleans())
def test_base64_is_decoded_in_pieces_of_any_length(data, size, url_safe, padded):
    text = base64.urlsafe_b64encode(data) if url_safe else base64.b64encode(data)
    text = text if padded else text.rstrip(b"=")
    decoder = Base64Stream()

    decoded = b"".join(decoder.decode(text[at : at + size]) for at in range(0, len(text), size)) + decoder.finish()

    assert decoded == data
