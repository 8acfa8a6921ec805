"""The demo server answers as the real servers did: every measured fact, in each dialect, by plain requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from list_sync.demo.server.demo_server import DemoServer, Dialect
from tests.demo.server_facts import access, bulk, charts, creation, details, learnt, others, routing, rules, search
from tests.demo.server_facts.table import LETTERS, Case, run
from tests.demo.server_facts.world import WORLD

CASES = [
    one
    for table in (rules, access, search, details, creation, bulk, others, charts, learnt, routing)
    for one in table.CASES
]


RUNS = [
    pytest.param(LETTERS[letter], one, id=f"{LETTERS[letter]}: {one.section} {one.name}")
    for letter in LETTERS
    for one in CASES
    if letter in one.dialects
]


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[Dialect, DemoServer]]:
    with ExitStack() as stack:
        yield {
            dialect: stack.enter_context(DemoServer(dialect, WORLD, post_seconds=0.0)) for dialect in LETTERS.values()
        }


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.mark.parametrize(("dialect", "one"), RUNS)
def test_the_demo_server_answers_as_the_real_ones_did(
    servers: dict[Dialect, DemoServer], session: requests.Session, dialect: Dialect, one: Case
) -> None:
    server = servers[dialect]
    server.reset()
    server.faults.post_seconds = 0.0
    session.cookies.clear()
    run(server, session, one)


def test_every_section_of_the_facts_has_its_cases() -> None:
    assert {one.section.partition(".")[0] for one in CASES} == {"0", "1", "2", "3", "4", "5", "6", "7", "9"}


def test_no_two_cases_have_one_name() -> None:
    names = [(one.section, one.name) for one in CASES]
    assert len(names) == len(set(names))
