"""How long videos take to be made, as histograms that all workers share."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "generation_times",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("length", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Double(), server_default=sa.text("0.0"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "server", "model", "length", "bucket", name=op.f("pk_generation_times")),
        schema="reelwork",
    )


def downgrade() -> None:
    op.drop_table("generation_times", schema="reelwork")
