"""Limits for reading a database that others may have made: the size of a value, time, and what is evaluated."""

import sqlite3
import time
from pathlib import Path

_STEPS_BETWEEN_LOOKS = 20_000
# A sound database of 15 MB takes less than a second.
_LEAST_SECONDS = 20.0
_SECONDS_PER_MEGABYTE = 1.0


def guard(connection: sqlite3.Connection, path: Path, *, largest_value: int) -> None:
    """Evaluate no CHECK, trust no function in the schema, and end statements that take too long for the file."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, largest_value)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("PRAGMA cell_size_check = ON")
    limit_time(connection, path)


def limit_time(connection: sqlite3.Connection, path: Path) -> None:
    """End statements when reading a file of this size takes too long."""
    deadline = time.monotonic() + _LEAST_SECONDS + _SECONDS_PER_MEGABYTE * path.stat().st_size / 1024**2
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
