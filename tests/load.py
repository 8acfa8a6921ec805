"""The tests on a busy machine: eight processes that never rest beside them, each in a session of its own.

A kernel may share the processors out by session (autogroup), so that many sessions leave each test a small part.
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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUSY_PROCESSES = 8
ROUNDS = int(os.environ.get("LOAD_ROUNDS", "10"))
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
# An own -m takes the place of the one in pyproject.toml.
PROCESSES = ("-m", "processes and not many")
TESTS = ROOT / "tests"
# Each module of the folders that work longest, and each other folder. The tests of containers need a Docker engine.
LONGEST = [TESTS / name for name in ("system", "pipeline", "pages")]
FOLDERS = [path for path in TESTS.iterdir() if any(path.rglob("test_*.py")) and path.name != "container"]
MODULES = [module for folder in LONGEST for module in folder.glob("test_*.py")]
PARTS = sorted(path.relative_to(ROOT).as_posix() for path in {*FOLDERS, *MODULES} - {*LONGEST})
BROWSERS, PAGES = "tests/browser", "tests/pages"
# Each round is told of in parts, so that a failure is seen before all of them end.
SHARES = 4
RUNS_AT_ONCE = 24
BROWSER_RUNS_AT_ONCE = 8


def main() -> int:
    """Run everything and print one line for each run; return 1 if a test failed."""
    whole = [(f"all of {part}", (part,)) for part in PARTS]
    in_browsers = [one for one in whole if one[1][0].startswith((BROWSERS, PAGES))]
    others = [one for one in whole if one not in in_browsers]
    sharing = [part for _, (part,) in others if part != "tests/architecture"]
    rounds = [
        (f"processes, signals and locks, run {number}, part {first + 1}", (*PROCESSES, *sharing[first::SHARES]))
        for number in range(1, ROUNDS + 1)
        for first in range(SHARES)
    ]
    browsers = [(f"browsers, run {number}", (BROWSERS,)) for number in range(2, ROUNDS + 1)]
    with busy_processes():
        failures = run([*rounds, *others], at_once=RUNS_AT_ONCE)
        failures += run([*in_browsers, *browsers], at_once=BROWSER_RUNS_AT_ONCE)
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


def run(runs: Sequence[tuple[str, Sequence[str]]], *, at_once: int) -> int:
    """Run pytest with each of these arguments, some at once; return how many runs failed."""
    began = time.monotonic()

    def run_one(what: str, arguments: Sequence[str]) -> bool:
        # pytest clears the folders of others, so each run has its own.
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as output:
            command = (*PYTEST, *arguments, f"--basetemp={folder}/pytest")
            code = subprocess.call(command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
            output.seek(0)
            text = output.read()
        last = text.splitlines()[-1]
        print(f"{what}: {last} ({time.monotonic() - began:.0f} s)", *[text] * bool(code), sep="\n", flush=True)
        return code != 0

    with ThreadPoolExecutor(at_once) as threads:
        return sum(threads.map(run_one, *zip(*runs, strict=True)))


if __name__ == "__main__":
    sys.exit(main())
