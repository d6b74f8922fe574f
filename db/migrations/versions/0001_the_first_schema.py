"""The first schema: jobs, submissions, lanes, workers, accounts, events and the ledger."""

import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("weight", sa.Double(), server_default=sa.text("1.0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("name", name=op.f("uq_clients_name")),
        schema="reelwork",
    )
    op.create_table(
        "installation",
        sa.Column("only_row", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("only_row = 1", name=op.f("ck_installation_one")),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_installation")),
        schema="reelwork",
    )
    op.create_table(
        "job_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("worker", sa.Uuid(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_events")),
        schema="reelwork",
    )
    op.create_index(op.f("ix_job_events_at"), "job_events", ["at"], unique=False, schema="reelwork")
    op.create_index(op.f("ix_job_events_job_id_id"), "job_events", ["job_id", "id"], unique=False, schema="reelwork")
    op.create_index(
        "ix_job_events_progress",
        "job_events",
        ["job_id"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("type = 'progress'"),
    )
    op.create_table(
        "lanes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=True),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_last4", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("output_uri", sa.Text(), nullable=True),
        sa.Column("billing", sa.Text(), server_default="per_video", nullable=False),
        sa.Column("rate_per_minute", sa.Integer(), nullable=True),
        sa.Column("max_in_flight", sa.Integer(), nullable=True),
        sa.Column("requests_per_second", sa.Integer(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_reason", sa.Text(), nullable=True),
        sa.Column("breaker", sa.Text(), server_default="closed", nullable=False),
        sa.Column("breaker_reason", sa.Text(), nullable=True),
        sa.Column("breaker_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_streak", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claim_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("listing_proven", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("clock_offset_s", sa.Double(), server_default=sa.text("0.0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("breaker IN ('closed', 'open', 'half_open')", name=op.f("ck_lanes_breaker")),
        sa.CheckConstraint("policy IN ('review', 'resubmit')", name=op.f("ck_lanes_policy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lanes")),
        sa.UniqueConstraint("kind", "base_url", "key_hash", name=op.f("uq_lanes_kind_base_url_key_hash")),
        schema="reelwork",
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("lane_id", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("delta_micros", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("catalogue_version", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("entry IN ('reserve', 'settle', 'release', 'correct')", name=op.f("ck_ledger_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        schema="reelwork",
    )
    op.create_index(
        "ix_ledger_day",
        "ledger",
        ["day", "client_id"],
        unique=False,
        schema="reelwork",
        postgresql_include=["delta_micros"],
    )
    op.create_index(
        "uq_ledger_reserve",
        "ledger",
        ["job_id", "attempt"],
        unique=True,
        schema="reelwork",
        postgresql_where=sa.text("entry = 'reserve'"),
    )
    op.create_index(
        "uq_ledger_verdict",
        "ledger",
        ["job_id", "attempt"],
        unique=True,
        schema="reelwork",
        postgresql_where=sa.text("entry IN ('settle', 'release')"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("lane_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("inputs_hash", sa.LargeBinary(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("intent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("definite", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("clean_looks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("inferred", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("counted", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        schema="reelwork",
    )
    op.create_index("ix_submissions_job_id", "submissions", ["job_id"], unique=False, schema="reelwork")
    op.create_index("ix_submissions_label", "submissions", ["label"], unique=False, schema="reelwork")
    op.create_index(
        "ix_submissions_live",
        "submissions",
        ["lane_id", "intent_at"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_submissions_rate",
        "submissions",
        ["lane_id", "intent_at"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("counted"),
    )
    op.create_index(
        "ix_submissions_unknown",
        "submissions",
        ["lane_id", "fingerprint"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("outcome = 'unknown'"),
    )
    op.create_index(
        "uq_submissions_provider_id", "submissions", ["lane_id", "provider_id"], unique=True, schema="reelwork"
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("beat", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draining", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("in_flight", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("capacity", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rss_bytes", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
        schema="reelwork",
    )
    op.create_index(
        "ix_workers_living",
        "workers",
        ["beat"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "client_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["reelwork.clients.id"], name=op.f("fk_client_keys_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_client_keys_key_hash")),
        schema="reelwork",
    )
    op.create_index(op.f("ix_client_keys_client_id"), "client_keys", ["client_id"], unique=False, schema="reelwork")
    op.create_table(
        "credentials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("lane_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last4", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["reelwork.clients.id"], name=op.f("fk_credentials_client_id")),
        sa.ForeignKeyConstraint(["lane_id"], ["reelwork.lanes.id"], name=op.f("fk_credentials_lane_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("client_id", "lane_id", "source", name=op.f("uq_credentials_client_id_lane_id_source")),
        schema="reelwork",
    )
    op.create_index(op.f("ix_credentials_lane_id"), "credentials", ["lane_id"], unique=False, schema="reelwork")
    op.create_table(
        "lane_turns",
        sa.Column("lane_id", sa.Uuid(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("last_tag", sa.Double(), server_default=sa.text("0.0"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["reelwork.clients.id"], name=op.f("fk_lane_turns_client_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lane_id"], ["reelwork.lanes.id"], name=op.f("fk_lane_turns_lane_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lane_id", "priority", "client_id", name=op.f("pk_lane_turns")),
        schema="reelwork",
    )
    op.create_table(
        "video_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("lane_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("storyboard_id", sa.Text(), nullable=True),
        sa.Column("scene_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("requested_model", sa.Text(), nullable=False),
        sa.Column("adjusted", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("caller_metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("webhook_url", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("inputs_hash", sa.LargeBinary(), nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=True),
        sa.Column("simulated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default=sa.text("2"), nullable=False),
        sa.Column("tag", sa.Double(), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("attempts_made", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("refusals", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("poll_misses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("collect_failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("provider_job_id", sa.Text(), nullable=True),
        sa.Column("progress", sa.SmallInteger(), nullable=True),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discard", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("estimate_micros", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=True),
        sa.Column("catalogue_version", sa.Text(), nullable=False),
        sa.Column("video_key", sa.Text(), nullable=True),
        sa.Column("poster_key", sa.Text(), nullable=True),
        sa.Column("video_bytes", sa.BigInteger(), nullable=True),
        sa.Column("video_sha256", sa.Text(), nullable=True),
        sa.Column("video_type", sa.Text(), nullable=True),
        sa.Column("video_width", sa.Integer(), nullable=True),
        sa.Column("video_height", sa.Integer(), nullable=True),
        sa.Column("video_seconds", sa.Double(), nullable=True),
        sa.Column("video_fps", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'submitting', 'generating', 'collecting', 'completed', 'failed', 'cancelled', 'needs_review', 'deleting')",
            name=op.f("ck_video_jobs_state"),
        ),
        sa.CheckConstraint("priority BETWEEN 0 AND 4", name=op.f("ck_video_jobs_priority")),
        sa.ForeignKeyConstraint(["client_id"], ["reelwork.clients.id"], name=op.f("fk_video_jobs_client_id")),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["reelwork.credentials.id"], name=op.f("fk_video_jobs_credential_id")
        ),
        sa.ForeignKeyConstraint(["lane_id"], ["reelwork.lanes.id"], name=op.f("fk_video_jobs_lane_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_jobs")),
        schema="reelwork",
    )
    op.create_index(
        "ix_video_jobs_created", "video_jobs", ["client_id", "created_at", "id"], unique=False, schema="reelwork"
    )
    op.create_index("ix_video_jobs_credential", "video_jobs", ["credential_id"], unique=False, schema="reelwork")
    op.create_index(
        "ix_video_jobs_due",
        "video_jobs",
        ["lane_id", "due_at"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_video_jobs_expiry",
        "video_jobs",
        ["expires_at"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("state = 'queued' AND expires_at IS NOT NULL"),
    )
    op.create_index(
        "ix_video_jobs_owner",
        "video_jobs",
        ["owner"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("state IN ('submitting', 'generating', 'collecting')"),
    )
    op.create_index(
        "ix_video_jobs_share",
        "video_jobs",
        ["lane_id", "priority", "client_id", "tag"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_video_jobs_state", "video_jobs", ["state", "completed_at"], unique=False, schema="reelwork")
    op.create_index(
        "ix_video_jobs_storyboard",
        "video_jobs",
        ["client_id", "storyboard_id", "created_at"],
        unique=False,
        schema="reelwork",
    )
    op.create_index(
        "ix_video_jobs_turn",
        "video_jobs",
        ["lane_id", "priority", "tag", "created_at", "id"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_video_jobs_untagged",
        "video_jobs",
        ["due_at", "created_at", "id"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("state = 'queued' AND tag IS NULL"),
    )
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
    _seed()


def _seed() -> None:
    schema = op.get_context().version_table_schema
    installation = sa.table("installation", sa.column("only_row"), sa.column("id"), sa.column("epoch"), schema=schema)
    clients = sa.table("clients", sa.column("id", sa.Uuid()), sa.column("name"), schema=schema)
    op.execute(
        sa.insert(installation).values(only_row=1, id=sa.func.gen_random_uuid(), epoch=sa.func.gen_random_uuid())
    )
    op.execute(sa.insert(clients).values(id=uuid.UUID("00000000-0000-4000-8000-000000000001"), name="default"))


def downgrade() -> None:
    op.drop_table("job_inputs", schema="reelwork")
    op.drop_index(
        "ix_video_jobs_untagged",
        table_name="video_jobs",
        schema="reelwork",
        postgresql_where=sa.text("state = 'queued' AND tag IS NULL"),
    )
    op.drop_index(
        "ix_video_jobs_turn", table_name="video_jobs", schema="reelwork", postgresql_where=sa.text("state = 'queued'")
    )
    op.drop_index("ix_video_jobs_storyboard", table_name="video_jobs", schema="reelwork")
    op.drop_index("ix_video_jobs_state", table_name="video_jobs", schema="reelwork")
    op.drop_index(
        "ix_video_jobs_share", table_name="video_jobs", schema="reelwork", postgresql_where=sa.text("state = 'queued'")
    )
    op.drop_index(
        "ix_video_jobs_owner",
        table_name="video_jobs",
        schema="reelwork",
        postgresql_where=sa.text("state IN ('submitting', 'generating', 'collecting')"),
    )
    op.drop_index(
        "ix_video_jobs_expiry",
        table_name="video_jobs",
        schema="reelwork",
        postgresql_where=sa.text("state = 'queued' AND expires_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_video_jobs_due", table_name="video_jobs", schema="reelwork", postgresql_where=sa.text("state = 'queued'")
    )
    op.drop_index("ix_video_jobs_credential", table_name="video_jobs", schema="reelwork")
    op.drop_index("ix_video_jobs_created", table_name="video_jobs", schema="reelwork")
    op.drop_table("video_jobs", schema="reelwork")
    op.drop_table("lane_turns", schema="reelwork")
    op.drop_index(op.f("ix_credentials_lane_id"), table_name="credentials", schema="reelwork")
    op.drop_table("credentials", schema="reelwork")
    op.drop_index(op.f("ix_client_keys_client_id"), table_name="client_keys", schema="reelwork")
    op.drop_table("client_keys", schema="reelwork")
    op.drop_index(
        "ix_workers_living", table_name="workers", schema="reelwork", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_table("workers", schema="reelwork")
    op.drop_index("uq_submissions_provider_id", table_name="submissions", schema="reelwork")
    op.drop_index(
        "ix_submissions_unknown",
        table_name="submissions",
        schema="reelwork",
        postgresql_where=sa.text("outcome = 'unknown'"),
    )
    op.drop_index(
        "ix_submissions_rate", table_name="submissions", schema="reelwork", postgresql_where=sa.text("counted")
    )
    op.drop_index(
        "ix_submissions_live", table_name="submissions", schema="reelwork", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index("ix_submissions_label", table_name="submissions", schema="reelwork")
    op.drop_index("ix_submissions_job_id", table_name="submissions", schema="reelwork")
    op.drop_table("submissions", schema="reelwork")
    op.drop_index(
        "uq_ledger_verdict",
        table_name="ledger",
        schema="reelwork",
        postgresql_where=sa.text("entry IN ('settle', 'release')"),
    )
    op.drop_index(
        "uq_ledger_reserve", table_name="ledger", schema="reelwork", postgresql_where=sa.text("entry = 'reserve'")
    )
    op.drop_index("ix_ledger_day", table_name="ledger", schema="reelwork", postgresql_include=["delta_micros"])
    op.drop_table("ledger", schema="reelwork")
    op.drop_table("lanes", schema="reelwork")
    op.drop_index(
        "ix_job_events_progress",
        table_name="job_events",
        schema="reelwork",
        postgresql_where=sa.text("type = 'progress'"),
    )
    op.drop_index(op.f("ix_job_events_job_id_id"), table_name="job_events", schema="reelwork")
    op.drop_index(op.f("ix_job_events_at"), table_name="job_events", schema="reelwork")
    op.drop_table("job_events", schema="reelwork")
    op.drop_table("installation", schema="reelwork")
    op.drop_table("clients", schema="reelwork")
