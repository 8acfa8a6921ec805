"""SECURITY.md names the test that holds each of its lines; those tests exist."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


@cache
def names_in(path):
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_")


def rows(first_cell):
    """Return the rows below each table head that begins with a cell."""
    parts = PAGE.split(f"\n| {first_cell} |")[1:]
    return [line for part in parts for line in part.partition("\n\n")[0].split("\n")[2:]]


def test_every_test_that_the_page_names_exists():
    named = NAMED.findall(PAGE)

    assert len(named) > 100
    assert [f"{file}::{name}" for file, name in named if name not in names_in(TESTS / file)] == []


def test_every_line_of_the_threats_names_its_test_or_says_that_it_is_not_defended():
    lines = [*rows("attempt"), *rows("who")]

    assert len(lines) > 60
    assert [line for line in lines if not NAMED.search(line) and "not defended, see below" not in line] == []
