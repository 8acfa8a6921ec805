"""Waiting for events: a test fails when an event does not happen, never because the machine is slow."""

import threading
import time

# Far more than any event needs on a busy machine, so that only an event that never happens reaches it.
PATIENCE_SECONDS = 300


def wait_until(condition, what="it"):
    """Return the first true value of a condition; fail if it stays false."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE_SECONDS} s"
        pause.wait(0.02)
    return found
