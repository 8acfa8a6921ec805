"""Live random lives until the time is over (`make soak`): random seeds, and for a failure the script that shows it."""

import logging
import os
import random
import sys
import time
from pathlib import Path

from tests.life.acting import LifeFailed, Step, Tally, draw_script, play, shorten
from tests.life.life import Life
from tests.life.world import World

STEPS = 60
SHORTENING_SECONDS = 90


def soak(minutes):
    """Play random seeds for some minutes; return how many failed."""
    tally, failures, end = Tally(), 0, time.monotonic() + 60 * minutes
    with World() as world:
        while time.monotonic() < end:
            seed = random.randrange(10**9)
            tally.seeds.append(seed)
            try:
                play(Life, world, draw_script(Life, seed, STEPS), seed=seed, tally=tally)
            except LifeFailed as error:
                failures += 1
                until = time.monotonic() + SHORTENING_SECONDS
                sys.stdout.write(f"{shorten(Life, world, error, until=until)}\n\n")
                sys.stdout.flush()
    sys.stdout.write(f"{tally}\n")
    return failures


def replay(lines, *, seed=None):
    """Play one script."""
    with World() as world:
        play(Life, world, [Step.parse(line) for line in lines if line.strip()], seed=seed)


if __name__ == "__main__":
    # Warnings of thousands of bad days would hide what failed.
    logging.getLogger("list_sync").addHandler(logging.NullHandler())
    if file := os.environ.get("SOAK_SCRIPT"):
        replay(Path(file).read_text(encoding="utf-8").splitlines())
    else:
        sys.exit(bool(soak(float(os.environ.get("SOAK_MINUTES", "30")))))
