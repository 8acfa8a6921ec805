"""How a database came to be what it is: Alembic's environment and the revisions, append-only."""
