"""The tests on a busy machine: eight processes that never rest beside them, each in a session of its own.

A kernel may share the processors out by session (autogroup), so that eight sessions leave the tests a small part.
The whole suite runs once, each part in a session of its own, and side by side with it ten runs of every test with
processes, signals or locks. The tests in browsers follow, because a page is given up after seconds: ten runs of those
of our own browsers, and one of the pages, whose processes are those of the other tests.
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
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
# Each folder, and each module of the folder that works longest. The tests of containers need a Docker engine.
LONGEST = ROOT / "tests" / "system"
FOLDERS = [path for path in (ROOT / "tests").iterdir() if any(path.rglob("test_*.py")) and path.name != "container"]
PARTS = sorted(path.relative_to(ROOT).as_posix() for path in [*FOLDERS, *LONGEST.glob("test_*.py")] if path != LONGEST)
BROWSERS = "tests/browser"
PAGES = "tests/pages"
BROWSER_RUNS_AT_ONCE = 4


def main() -> int:
    """Run everything and print one line for each run; return 1 if a test failed."""
    whole = [(f"all of {part}", (part,)) for part in PARTS if part not in {BROWSERS, PAGES}]
    sharing = ("-m", "processes", "--ignore", BROWSERS, "--ignore", PAGES, "--ignore", "tests/architecture")
    rounds = [(f"processes, signals and locks, run {number}", sharing) for number in range(1, ROUNDS + 1)]
    with busy_processes():
        failures = run([*whole, *rounds])
        browsers = [(f"browsers, run {number}", (BROWSERS,)) for number in range(1, ROUNDS + 1)]
        browsers.insert(0, (f"all of {PAGES}", (PAGES,)))
        for first in range(0, len(browsers), BROWSER_RUNS_AT_ONCE):
            failures += run(browsers[first : first + BROWSER_RUNS_AT_ONCE])
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


def run(runs: Sequence[tuple[str, Sequence[str]]]) -> int:
    """Run pytest with these arguments, all at once; return how many runs failed."""
    began = time.monotonic()
    failures = 0
    with ExitStack() as stack:
        # A full pipe would stop a run, and pytest clears the folders of others: each run has its own file and folder.
        outputs = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in runs]
        folders = [stack.enter_context(tempfile.TemporaryDirectory()) for _ in runs]
        started = [
            subprocess.Popen(
                (*PYTEST, *arguments, f"--basetemp={folder}/pytest"),
                cwd=ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            for (_, arguments), output, folder in zip(runs, outputs, folders, strict=True)
        ]
        for (what, _), process, output in zip(runs, started, outputs, strict=True):
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
