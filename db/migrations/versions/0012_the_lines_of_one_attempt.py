"""All lines of one attempt, which every verdict looks for: the indexes for reserve and verdict serve only one entry."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_ledger_job", "ledger", ["job_id", "attempt"], unique=False, schema="reelwork")


def downgrade() -> None:
    op.drop_index("ix_ledger_job", table_name="ledger", schema="reelwork")
