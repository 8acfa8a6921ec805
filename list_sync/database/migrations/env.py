"""Runs the revisions on the connection, and in the transaction, that database/migrating.py passes on."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

from list_sync.database.schema import metadata, schema_version


def _record_version(
    ctx: MigrationContext,
    step: MigrationInfo,
    heads: Collection[object],  # noqa: ARG001
    run_args: Mapping[str, object],  # noqa: ARG001
) -> None:
    if ctx.connection is not None and step.up_revision_id is not None:
        row = {"version": int(step.up_revision_id), "applied_at": datetime.now(UTC)}
        ctx.connection.execute(schema_version.insert(), row)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    on_version_apply=_record_version,
)
with context.begin_transaction():
    context.run_migrations()
