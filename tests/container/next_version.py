"""The image that comes after this one, with a revision of the database that takes as long as one likes."""

from tests.container.engine import IMAGE, docker, new_name

REVISION = "v0004_next.py"
NEXT_VERSION = """
FROM {image}
COPY v0004_next.py /tmp/
RUN cd /opt/list-sync/lib/python3*/site-packages/list_sync/storage \\
 && mv /tmp/v0004_next.py migrations/versions/ \\
 && sed -i 's/^SCHEMA_VERSION = 3$/SCHEMA_VERSION = 4/' schema.py \\
 && grep -q '^SCHEMA_VERSION = 4$' schema.py
"""
NEXT_REVISION = """
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade():
    op.execute("ALTER TABLE lists ADD COLUMN colour TEXT")
    for _ in range({times}):
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
