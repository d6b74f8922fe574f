"""Images kept once for each client, and uploaded files.

`job_inputs` becomes a view over them, which the release before this one reads and writes as it did its table.
"""

import sqlalchemy as sa
from alembic import context, op

from db.connection import in_schema

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOVE_IMAGES = """
INSERT INTO reelwork.images (id, client_id, sha256, content_type, data)
SELECT DISTINCT ON (j.client_id, i.sha256) gen_random_uuid(), j.client_id, i.sha256, i.content_type, i.data
FROM reelwork.job_inputs i JOIN reelwork.video_jobs j ON j.id = i.job_id
"""

_MOVE_INPUTS = """
INSERT INTO reelwork.job_images (job_id, position, role, image_id)
SELECT i.job_id, i.position, i.role, m.id
FROM reelwork.job_inputs i JOIN reelwork.video_jobs j ON j.id = i.job_id
JOIN reelwork.images m ON m.client_id = j.client_id AND m.sha256 = i.sha256
"""

_VIEW = """
CREATE VIEW reelwork.job_inputs AS
SELECT i.job_id, i.position, i.role, m.content_type, m.sha256, m.data
FROM reelwork.job_images i JOIN reelwork.images m ON m.id = i.image_id
"""

_FUNCTION = """
CREATE FUNCTION reelwork.job_inputs_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH image AS (
    INSERT INTO reelwork.images (id, client_id, sha256, content_type, data)
    SELECT gen_random_uuid(), client_id, NEW.sha256, NEW.content_type, NEW.data
    FROM reelwork.video_jobs WHERE id = NEW.job_id
    ON CONFLICT (client_id, sha256) DO UPDATE SET used_at = now()
    RETURNING id
  )
  INSERT INTO reelwork.job_images (job_id, position, role, image_id)
  SELECT NEW.job_id, NEW.position, NEW.role, id FROM image;
  RETURN NEW;
END $$
"""

_TRIGGER = """
CREATE TRIGGER job_inputs_insert INSTEAD OF INSERT ON reelwork.job_inputs
FOR EACH ROW EXECUTE FUNCTION reelwork.job_inputs_insert()
"""


def upgrade() -> None:
    op.create_table(
        "images",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["reelwork.clients.id"], name=op.f("fk_images_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
        sa.UniqueConstraint("client_id", "sha256", name=op.f("uq_images_client_id_sha256")),
        schema="reelwork",
    )
    op.create_index(op.f("ix_images_used_at"), "images", ["used_at"], unique=False, schema="reelwork")
    op.create_table(
        "job_images",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["reelwork.images.id"], name=op.f("fk_job_images_image_id")),
        sa.ForeignKeyConstraint(
            ["job_id"], ["reelwork.video_jobs.id"], name=op.f("fk_job_images_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_job_images")),
        schema="reelwork",
    )
    op.create_index(op.f("ix_job_images_image_id"), "job_images", ["image_id"], unique=False, schema="reelwork")
    op.create_table(
        "files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["reelwork.clients.id"], name=op.f("fk_files_client_id")),
        sa.ForeignKeyConstraint(["image_id"], ["reelwork.images.id"], name=op.f("fk_files_image_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        schema="reelwork",
    )
    op.create_index(
        op.f("ix_files_client_id_created_at_id"),
        "files",
        ["client_id", "created_at", "id"],
        unique=False,
        schema="reelwork",
    )
    op.create_index(op.f("ix_files_image_id"), "files", ["image_id"], unique=False, schema="reelwork")
    op.create_index(op.f("ix_files_expires_at"), "files", ["expires_at"], unique=False, schema="reelwork")
    _execute("LOCK TABLE reelwork.job_inputs IN ACCESS EXCLUSIVE MODE", _MOVE_IMAGES, _MOVE_INPUTS)
    op.drop_table("job_inputs", schema="reelwork")
    _execute(_VIEW, _FUNCTION, _TRIGGER)


def downgrade() -> None:
    _execute(
        "CREATE TABLE reelwork.kept AS SELECT * FROM reelwork.job_inputs",
        "DROP VIEW reelwork.job_inputs",
        "DROP FUNCTION reelwork.job_inputs_insert()",
    )
    op.drop_table("files", schema="reelwork")
    op.drop_table("job_images", schema="reelwork")
    op.drop_table("images", schema="reelwork")
    op.create_table(
        "job_inputs",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["reelwork.video_jobs.id"], name=op.f("fk_job_inputs_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_job_inputs")),
        schema="reelwork",
    )
    _execute(
        "INSERT INTO reelwork.job_inputs SELECT * FROM reelwork.kept",
        "DROP TABLE reelwork.kept",
    )


def _execute(*statements: str) -> None:
    for statement in statements:
        op.execute(in_schema(statement, context.config.attributes["schema"]))
