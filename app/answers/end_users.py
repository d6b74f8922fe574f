"""What a client reads about one of its own users."""

from typing import Literal

from typing_extensions import TypedDict

from app.answers.videos import TimelineLine, Video
from app.answers.words import Moment


class Erasure(TypedDict):
    """`ending`: videos that have not ended yet; `removing`: those that are still to be removed."""

    status: Literal["erasing", "erased"]
    ending: int
    removing: int


class SentImage(TypedDict):
    """An image that came with a request; `url` is a path of this API."""

    role: str
    contentType: str
    sha256: str
    url: str


class WholeVideo(Video):
    """All that is kept of a video."""

    webhookUrl: str | None
    inputs: list[SentImage]
    events: list[TimelineLine]


class Upload(TypedDict):
    id: str
    filename: str
    createdAt: Moment | None


class Export(TypedDict):
    """A page, oldest first; `files` come with the first one. The last `jobId` goes into `after` for the next page."""

    endUserId: str
    videos: list[WholeVideo]
    files: list[Upload]
    hasMore: bool
