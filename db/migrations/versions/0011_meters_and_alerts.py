"""What an installation shows of itself: totals of what its processes count, and alerts."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _at(name: str, *, now: bool = False) -> "sa.Column[datetime]":
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def upgrade() -> None:
    op.create_table(
        "meters",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), server_default=sa.text("0.0"), nullable=False),
        _at("grown_at", now=True),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_meters")),
        schema="reelwork",
    )
    op.create_table(
        "alerts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _at("since", now=True),
        _at("ended_at"),
        sa.Column("told", sa.Text(), nullable=True),
        _at("told_at"),
        sa.Column("heard", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _at("next_at", now=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alerts")),
        schema="reelwork",
    )


def downgrade() -> None:
    op.drop_table("alerts", schema="reelwork")
    op.drop_table("meters", schema="reelwork")
