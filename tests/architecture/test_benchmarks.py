"""What the benchmark counts is right at a small size, and its page has the last run."""

import re
import subprocess
import sys
from pathlib import Path

from benchmarks.size import count_module
from benchmarks.sync import HEADINGS, Row, replace_block, table_line
from tests.fakes.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]


def test_the_calls_that_a_sync_costs_are_what_the_benchmark_promises():
    command = [sys.executable, "-m", "benchmarks.sync", "--sizes", "60", "--latencies-ms", "0"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "MISSED" not in done.stdout
    assert len(re.findall("^kept", done.stdout, re.MULTILINE)) == 3


def test_in_the_last_run_no_promise_was_missed():
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")

    assert "\nkept " in page
    assert "MISSED" not in page


def test_a_table_is_replaced_and_all_else_stays():
    row = Row(200, 20, "first", 200, 11, 200, 5.114, 4.8, 4.7, 73.4)
    page = f"before\n\n{HEADINGS}\nold\nold\n\nafter\n"

    assert replace_block(page, HEADINGS, [table_line(row)]) == f"before\n\n{HEADINGS}\n{table_line(row)}\n\nafter\n"


def test_statements_and_names_are_counted_without_docstrings():
    text = '"""Two\nlines."""\n\nX = 1\n\n\nclass A:\n    """One."""\n\n    def _b(self):\n        return 1\n'

    counts = count_module(text)

    assert (counts["statements"], counts["classes"], counts["public names"]) == (4, 1, 2)
    assert (counts["docstrings"], counts["lines"]) == (3, 11)
