"""LiteLLM as a client, run by its own environment: asks for a video, waits for it and saves it; prints what it saw."""

import json
import os
import sys
import time
from pathlib import Path

import litellm

BASE = {"api_base": os.environ["BASE_URL"], "api_key": os.environ["KEY"], "custom_llm_provider": "openai"}
DEADLINE_S = 60


def main() -> None:
    asked = {"model": f"openai/{os.environ['MODEL']}", "prompt": os.environ["PROMPT"], "seconds": "8"}
    video = litellm.video_generation(**asked, size="1280x720", **BASE)
    seen = [video.status]
    deadline = time.monotonic() + DEADLINE_S
    while seen[-1] not in ("completed", "failed") and time.monotonic() < deadline:
        time.sleep(0.2)
        seen.append(litellm.video_status(video_id=video.id, **BASE).status)
    Path(os.environ["SAVE_AS"]).write_bytes(litellm.video_content(video_id=video.id, **BASE))
    sys.stdout.write(json.dumps({"seconds": video.seconds, "statuses": seen}) + "\n")


if __name__ == "__main__":
    main()
