"""The image that comes after this one, with a revision of the database that takes as long as one likes."""

from pathlib import Path

import list_sync
from list_sync.database import schema
from list_sync.database.schema import SCHEMA_VERSION
from tests.container.engine import IMAGE, docker, new_name

PLACE = Path(schema.__file__).parent.relative_to(Path(list_sync.__file__).parents[1])
REVISION = f"v{SCHEMA_VERSION + 1:04}_next.py"
NEXT_VERSION = f"""
FROM {{image}}
COPY {REVISION} /tmp/
RUN cd /opt/list-sync/lib/python3*/site-packages/{PLACE} \\
 && mv /tmp/{REVISION} migrations/versions/ \\
 && sed -i 's/^SCHEMA_VERSION = {SCHEMA_VERSION}$/SCHEMA_VERSION = {SCHEMA_VERSION + 1}/' schema.py \\
 && grep -q '^SCHEMA_VERSION = {SCHEMA_VERSION + 1}$' schema.py
"""
NEXT_REVISION = f"""
from alembic import op

revision = "{SCHEMA_VERSION + 1:04}"
down_revision = "{SCHEMA_VERSION:04}"


def upgrade():
    op.execute("ALTER TABLE lists ADD COLUMN colour TEXT")
    for _ in range({{times}}):
        op.execute(
            "CREATE TABLE padding AS WITH RECURSIVE numbers (number) AS"
            " (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 150000)"
            " SELECT number, randomblob(100) FROM numbers"
        )
        op.execute("DROP TABLE padding")
"""


def build(folder, times):
    """Build it and return its name; a revision of 4 times takes a second or two."""
    (folder / "Dockerfile").write_text(NEXT_VERSION.format(image=IMAGE))
    (folder / REVISION).write_text(NEXT_REVISION.format(times=times))
    name = new_name()
    docker("build", "--quiet", "--tag", name, str(folder))
    return name
