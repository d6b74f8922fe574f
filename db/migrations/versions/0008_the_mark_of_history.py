"""How a restored dump is told from the newest state: a mark that storage remembers too."""

import sqlalchemy as sa
from alembic import context, op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _schema() -> str:
    """The real name: Alembic translates it for whole tables, and not for a column."""
    schema: str = context.config.attributes["schema"]
    return schema


def upgrade() -> None:
    mark = sa.Column("mark", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("installation", mark, schema=_schema())
    op.add_column("installation", sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True), schema=_schema())
    op.add_column("installation", sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True), schema=_schema())


def downgrade() -> None:
    op.drop_column("installation", "restored_at", schema=_schema())
    op.drop_column("installation", "marked_at", schema=_schema())
    op.drop_column("installation", "mark", schema=_schema())
