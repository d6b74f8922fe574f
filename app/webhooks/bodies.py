"""What a message says: made when it is sent, so that its links are fresh."""

import json
from typing import Any

from app import views
from app.links import Links
from app.openai.ids import video_id
from db.reads import SeenJob
from db.webhooks import Due

OPENAI = "openai"
_OPENAI_TYPES = {"video.completed": "video.completed"}


async def body_of(due: Due, job: SeenJob, links: Links, server_url: str) -> bytes:
    """The answer to GET with the message's `type`; OpenAI's event where the video was asked for on /v1."""
    if job.row.face == OPENAI:
        members = _openai_event(due, job)
    else:
        members = {"type": due.type, "eventAt": views.moment(due.created_at)} | await views.video(
            job, links, server_url
        )
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()


def _openai_event(due: Due, job: SeenJob) -> dict[str, Any]:
    return {
        "id": f"evt_{due.id.hex}",
        "object": "event",
        "created_at": int(due.created_at.timestamp()),
        "type": _OPENAI_TYPES.get(due.type, "video.failed"),
        "data": {"id": video_id(job.row.id)},
    }
