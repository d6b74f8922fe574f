"""Alembic's entry: runs the migrations over one asyncpg connection, in the schema it is given."""

from alembic import context

from db.tables import metadata

config = context.config
connection = config.attributes["connection"]
schema = config.attributes["schema"]

context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table_schema=schema,
    include_schemas=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
