"""What a client and a lane may cost a day and a month, what a client may queue, and the model in the ledger."""

import sqlalchemy as sa
from alembic import context, op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BUDGETS = ("budget_day_micros", "budget_month_micros")


def _schema() -> str:
    """The real name: Alembic translates it for whole tables, and not for a column."""
    schema: str = context.config.attributes["schema"]
    return schema


def upgrade() -> None:
    for table in ("clients", "lanes"):
        for name in _BUDGETS:
            op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=True), schema=_schema())
    op.add_column("clients", sa.Column("max_queued", sa.Integer(), nullable=True), schema=_schema())
    op.add_column("ledger", sa.Column("model", sa.Text(), nullable=True), schema=_schema())
    for owner in ("client", "lane"):
        op.create_index(
            f"ix_ledger_{owner}",
            "ledger",
            [f"{owner}_id", "day"],
            unique=False,
            schema="reelwork",
            postgresql_include=["delta_micros"],
        )


def downgrade() -> None:
    for owner in ("client", "lane"):
        op.drop_index(f"ix_ledger_{owner}", table_name="ledger", schema="reelwork")
    op.drop_column("ledger", "model", schema=_schema())
    op.drop_column("clients", "max_queued", schema=_schema())
    for table in ("clients", "lanes"):
        for name in _BUDGETS:
            op.drop_column(table, name, schema=_schema())
