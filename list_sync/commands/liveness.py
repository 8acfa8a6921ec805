"""Whether a daemon lives in a data folder, going by the heartbeat file that it touches."""

import time
from pathlib import Path

# The daemon touches it at least every 30 seconds.
STALE_SECONDS = 120.0


def heartbeat_age(heartbeat: Path) -> float | None:
    """Return how many seconds ago the daemon gave its last sign of life, or None if there is none."""
    try:
        return max(0.0, time.time() - heartbeat.stat().st_mtime)
    except FileNotFoundError:
        return None


def is_alive(heartbeat: Path) -> bool:
    """Tell whether a daemon gave a sign of life lately."""
    age = heartbeat_age(heartbeat)
    return age is not None and age < STALE_SECONDS
