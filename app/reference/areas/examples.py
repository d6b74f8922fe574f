"""Values that several areas show."""

from app.answers.openai import OpenAIVideo
from app.answers.videos import Accepted, Video

JOB = "8f14e45f-ceea-467f-9a3c-1b2d3c4d5e6f"
CLIENT = "00000000-0000-0000-0000-000000000001"
VIDEO_ID = "video_8f14e45fceea467f9a3c1b2d3c4d5e6f"
PROMPT = "Scene: Landfall\nA keeper climbs the stairs as the storm breaks."

ACCEPTED: Accepted = {
    "jobId": JOB,
    "status": "queued",
    "statusUrl": f"/api/video/{JOB}",
    "prompt": PROMPT,
    "costEstimateUsd": 0.8,
    "provider": "sora",
    "model": "sora-2",
    "requestedModel": "sora-2",
    "adjusted": None,
}
VIDEO: Video = {
    "jobId": JOB,
    "storyboardId": "film-1",
    "sceneId": "scene-1",
    "provider": "sora",
    "model": "sora-2",
    "requestedModel": "sora-2",
    "adjusted": None,
    "prompt": PROMPT,
    "params": {"seconds": 8, "size": "1280x720"},
    "metadata": None,
    "endUserId": None,
    "status": "completed",
    "stage": "completed",
    "progress": 100,
    "priority": 2,
    "providerJobId": "video_68d7512d07848190b3e45da0ecbebcde",
    "videoUrl": f"https://video.example.com/files/{JOB}/1/video.mp4?exp=1795651200&sig=4f2c",
    "thumbnailUrl": f"https://video.example.com/files/{JOB}/1/poster.webp?exp=1795651200&sig=9ab1",
    "errorCode": None,
    "errorMessage": None,
    "attemptsMade": 1,
    "costUsd": 0.8,
    "costEstimateUsd": 0.8,
    "createdAt": "2026-11-24T12:00:00Z",
    "runAt": None,
    "expiresAt": None,
    "startedAt": "2026-11-24T12:00:01Z",
    "completedAt": "2026-11-24T12:00:42Z",
    "elapsedTime": 42.2,
    "cancelRequested": False,
    "simulated": False,
}
OPENAI_VIDEO: OpenAIVideo = {
    "id": VIDEO_ID,
    "object": "video",
    "created_at": 1795521600,
    "status": "in_progress",
    "model": "gemini-omni-1.2-flash",
    "progress": 40,
    "seconds": "6",
    "size": "720x1280",
    "prompt": "A lamp goes out.",
    "completed_at": None,
    "expires_at": None,
    "error": None,
    "remixed_from_video_id": None,
    "provider": "omni",
    "requested_model": "omni",
    "adjusted": None,
    "metadata": {"scene": 2},
    "cost_estimate_usd": 0.6,
    "cost_usd": None,
    "simulated": False,
}
