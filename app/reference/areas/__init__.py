"""The operations of the API, area by area, in the order in which a reader meets them."""

from app.reference.areas import (
    accounts,
    dashboard,
    end_users,
    events,
    files,
    health,
    lanes,
    openai,
    overview,
    queue,
    storyboards,
    this,
    videos,
    webhooks,
)

AREAS = (
    videos.AREA,
    storyboards.AREA,
    events.AREA,
    webhooks.AREA,
    end_users.AREA,
    openai.AREA,
    files.AREA,
    queue.AREA,
    lanes.AREA,
    accounts.AREA,
    dashboard.AREA,
    overview.AREA,
    health.AREA,
    this.AREA,
)
