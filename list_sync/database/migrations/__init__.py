"""The migrations: Alembic's environment, and the revisions, which are append-only."""
