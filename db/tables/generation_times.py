"""How long videos took to be made, as histograms that all workers share."""

from sqlmodel import Field

from db.tables.base import Row, number, text_column


class GenerationTime(Row, table=True):
    """The weight of one bucket; what it means is the worker's affair. Nothing is lost with this table but requests."""

    __tablename__ = "generation_times"

    kind: str = text_column(primary_key=True)
    server: str = text_column(primary_key=True)
    model: str = text_column(primary_key=True)
    length: str = text_column(primary_key=True)
    bucket: int = Field(primary_key=True)
    weight: float = number(0.0)
