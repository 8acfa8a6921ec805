"""The tests on a busy machine: eight processes that never rest beside them, each in a session of its own.

A kernel may share the processors out by session (autogroup), so that eight sessions leave the tests a small part.
First the whole suite runs once. Then every test with processes, signals or locks runs ten times, several runs side by
side, which makes the machine busier still.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUSY_PROCESSES = 8
ROUNDS = int(os.environ.get("LOAD_ROUNDS", "10"))
SIDE_BY_SIDE = int(os.environ.get("LOAD_SIDE_BY_SIDE", "5"))
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
# Browsers leave files in the system's temporary folder, which their tests look at: one run of them at a time.
BROWSERS = "tests/browser"


def main() -> int:
    """Run everything and print one line for each run; return 1 if a test failed."""
    with busy_processes():
        failures = run("the whole suite", [("-n", "2")])
        sharing = ("-m", "processes", "--ignore", BROWSERS, "--ignore", "tests/architecture")
        for first in range(0, ROUNDS, SIDE_BY_SIDE):
            count = min(SIDE_BY_SIDE, ROUNDS - first)
            failures += run(f"processes, signals and locks, {count} runs side by side", [sharing] * count)
        for number in range(ROUNDS):
            failures += run(f"browsers, run {number + 1}", [("-m", "processes", BROWSERS)])
    print(f"{failures} of the runs failed" if failures else "all runs passed")
    return min(failures, 1)


@contextmanager
def busy_processes() -> Iterator[None]:
    """Keep processes busy until the end."""
    command = (sys.executable, "-c", "while True: pass")
    busy = [subprocess.Popen(command, start_new_session=True) for _ in range(BUSY_PROCESSES)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def run(what: str, runs: Sequence[Sequence[str]]) -> int:
    """Run pytest with each of these arguments side by side; return how many runs failed."""
    began = time.monotonic()
    failures = 0
    with ExitStack() as stack:
        # A full pipe would stop a run, so that each writes into a file of its own.
        outputs = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in runs]
        started = [
            subprocess.Popen((*PYTEST, *arguments), cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
            for arguments, output in zip(runs, outputs, strict=True)
        ]
        for process, output in zip(started, outputs, strict=True):
            code = process.wait()
            output.seek(0)
            text = output.read()
            print(f"{what}: {text.splitlines()[-1]} ({time.monotonic() - began:.0f} s)", flush=True)
            if code:
                failures += 1
                print(text, flush=True)
    return failures


if __name__ == "__main__":
    sys.exit(main())
