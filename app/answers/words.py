"""The words and forms that answers are made of."""

from typing import Annotated

from pydantic import Field

Id = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Usd = Annotated[float, Field(description="US dollars")]
Provider = Annotated[str, Field(json_schema_extra={"enum": ["sora", "veo", "omni"]})]
Kind = Annotated[str, Field(json_schema_extra={"enum": ["openai_videos", "vertex_veo", "google_omni"]})]
Status = Annotated[
    str,
    Field(json_schema_extra={"enum": ["queued", "processing", "completed", "failed", "cancelled", "needs_review"]}),
]
Stage = Annotated[
    str,
    Field(
        json_schema_extra={
            "enum": [
                *("queued", "submitting", "generating", "collecting"),
                *("completed", "failed", "cancelled", "needs_review", "deleting"),
            ]
        }
    ),
]
