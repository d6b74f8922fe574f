"""Publishing: the video and its poster under the attempt's own names, checked after they were stored."""

from typing import Any

from db.transitions import Stored
from db.work import WorkItem
from media.results import Inspection
from storage import keys
from storage.base import Storage, StorageError
from worker.media_notes import differences
from worker.transfer import Fetched


async def published(storage: Storage, item: WorkItem, fetched: Fetched, inspection: Inspection) -> Stored:
    """Store both files and say what lies there. Raises StorageError, also where not all bytes arrived."""
    poster_key = None
    if inspection.poster is not None:
        poster_key = keys.poster_key(item.id, item.attempt)
        await storage.put_file(poster_key, inspection.poster.path, "image/webp", inspection.poster.sha256)
    video_key = keys.video_key(item.id, item.attempt)
    there = await storage.put_file(video_key, fetched.path, "video/mp4", fetched.sha256)
    if there.size != fetched.size:
        raise StorageError(f"{there.size} of {fetched.size} bytes were stored")
    return Stored(
        video_key=video_key,
        poster_key=poster_key,
        size=fetched.size,
        sha256=fetched.sha256,
        content_type="video/mp4",
        width=inspection.video.width,
        height=inspection.video.height,
        seconds=inspection.video.duration_s,
        fps=inspection.video.fps,
        told=_told(item, fetched, inspection),
    )


def _told(item: WorkItem, fetched: Fetched, inspection: Inspection) -> dict[str, Any]:
    video = inspection.video
    told: dict[str, Any] = {"bytes": fetched.size, "seconds": video.duration_s, "fps": video.fps}
    told["size"] = f"{video.width}x{video.height}"
    if other := differences(item.params, video):
        told["differs"] = other
    return told
