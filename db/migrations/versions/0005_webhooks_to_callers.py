"""Webhooks to callers: endpoints, deliveries, and the trigger that writes one with each job that ends."""

from datetime import datetime

import sqlalchemy as sa
from alembic import context, op

from db.connection import in_schema

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _schema() -> str:
    """The real name: Alembic translates it for whole tables, and not for a column."""
    schema: str = context.config.attributes["schema"]
    return schema

_NOTE = """
CREATE FUNCTION reelwork.note_webhook() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  target text DEFAULT coalesce(NEW.webhook_url, (SELECT webhook_url FROM reelwork.clients WHERE id = NEW.client_id));
BEGIN
  IF target IS NOT NULL THEN
    INSERT INTO reelwork.webhook_deliveries (id, client_id, job_id, url, type)
    VALUES (gen_random_uuid(), NEW.client_id, NEW.id, target, 'video.' || NEW.state);
  END IF;
  RETURN NULL;
END $$
"""

_ON_END = """
CREATE TRIGGER note_webhook AFTER UPDATE OF state ON reelwork.video_jobs FOR EACH ROW
WHEN (NEW.state IN ('completed', 'failed', 'cancelled', 'needs_review') AND OLD.state IS DISTINCT FROM NEW.state)
EXECUTE FUNCTION reelwork.note_webhook()
"""


def _execute(statement: str) -> None:
    op.execute(in_schema(statement, _schema()))


def _at(name: str, *, now: bool = False) -> "sa.Column[datetime]":
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def upgrade() -> None:
    op.add_column("video_jobs", sa.Column("face", sa.Text(), nullable=True), schema=_schema())
    for column in (
        sa.Column("webhook_url", sa.Text(), nullable=True),
        sa.Column("webhook_secret", sa.LargeBinary(), nullable=True),
        sa.Column("webhook_secret_before", sa.LargeBinary(), nullable=True),
        _at("webhook_secret_before_until"),
    ):
        op.add_column("clients", column, schema=_schema())
    op.create_table(
        "webhook_endpoints",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _at("failing_since"),
        _at("disabled_at"),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        _at("created_at", now=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["reelwork.clients.id"], name=op.f("fk_webhook_endpoints_client_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("client_id", "url", name=op.f("pk_webhook_endpoints")),
        schema="reelwork",
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _at("next_at", now=True),
        _at("delivered_at"),
        _at("gave_up_at"),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        _at("created_at", now=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["reelwork.clients.id"], name=op.f("fk_webhook_deliveries_client_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["reelwork.video_jobs.id"], name=op.f("fk_webhook_deliveries_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        schema="reelwork",
    )
    is_open = sa.text("delivered_at IS NULL AND gave_up_at IS NULL")
    op.create_index(
        "ix_webhook_deliveries_due", "webhook_deliveries", ["next_at"], schema="reelwork", postgresql_where=is_open
    )
    op.create_index(
        "ix_webhook_deliveries_client", "webhook_deliveries", ["client_id", "created_at", "id"], schema="reelwork"
    )
    op.create_index("ix_webhook_deliveries_job_id", "webhook_deliveries", ["job_id"], schema="reelwork")
    _execute(_NOTE)
    _execute(_ON_END)


def downgrade() -> None:
    _execute("DROP TRIGGER note_webhook ON reelwork.video_jobs")
    _execute("DROP FUNCTION reelwork.note_webhook")
    op.drop_table("webhook_deliveries", schema="reelwork")
    op.drop_table("webhook_endpoints", schema="reelwork")
    for name in ("webhook_url", "webhook_secret", "webhook_secret_before", "webhook_secret_before_until"):
        op.drop_column("clients", name, schema=_schema())
    op.drop_column("video_jobs", "face", schema=_schema())
