"""What a webhook says about a video that ended, in the words of its dialect."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reelwork.simulator.dialects.google_face import timestamp
from reelwork.simulator.dialects.omni import interaction_error, interaction_status
from reelwork.simulator.dialects.openai_face import video_status
from reelwork.simulator.options import Options
from reelwork.simulator.signatures import signed_token, standard_signature
from reelwork.simulator.videos import Video

_TOKEN_GOOD_S = 300


@dataclass(frozen=True, slots=True)
class Event:
    """One event for one address. `id` stays the same over repeats, so that receivers can recognise them."""

    id: str
    url: str
    payload: Mapping[str, Any]
    metadata: Mapping[str, Any]
    secret: str | None

    @property
    def body(self) -> bytes:
        extra = {"user_metadata": dict(self.metadata)} if self.metadata else {}
        return json.dumps({**self.payload, **extra}).encode()

    def headers(self, sent_at: float, is_forged: bool = False) -> dict[str, str]:
        """Standard Webhooks headers for a delivery at `sent_at`; forged ones do not verify."""
        if self.secret is not None:
            secret = "another secret" if is_forged else self.secret
            signature = standard_signature(secret, self.id, int(sent_at), self.body)
        else:
            claims = {"iss": "https://generativelanguage.googleapis.com", "aud": self.url, "iat": int(sent_at)}
            claims |= {"exp": int(sent_at) + _TOKEN_GOOD_S, **json.loads(self.body)}
            signature = signed_token(claims, with_wrong_key=is_forged)
        return {
            "content-type": "application/json",
            "webhook-id": self.id,
            "webhook-timestamp": str(int(sent_at)),
            "webhook-signature": signature,
        }


def events_of(video: Video, options: Options, now: float) -> list[Event]:
    """The events that the end of this video causes: one for each address that wants to know."""
    if video.dialect == "openai" and options.webhook_url:
        return [Event(_new_id(), options.webhook_url, _openai_payload(video, now), {}, options.webhook_secret)]
    if video.dialect == "omni":
        payload = _omni_payload(video, now)
        return [Event(_new_id(), url, payload, video.wanted.metadata, None) for url in video.wanted.callbacks]
    return []


def _new_id() -> str:
    return "msg_" + secrets.token_hex(12)


def _openai_payload(video: Video, now: float) -> dict[str, Any]:
    word = "completed" if video_status(video, now) == "completed" else "failed"
    event_id = "evt_" + secrets.token_hex(16)
    kind = f"video.{word}"
    return {"id": event_id, "object": "event", "created_at": int(now), "type": kind, "data": {"id": video.id}}


def _omni_payload(video: Video, now: float) -> dict[str, Any]:
    status = interaction_status(video, now)
    details: dict[str, Any] = {"id": video.id}
    if status == "failed":
        error = interaction_error(video)
        details |= {"error_code": error["code"], "error_message": error["message"]}
    return {"type": f"interaction.{status}", "version": "v1", "timestamp": timestamp(now), "data": details}
