"""Fixtures that many tests share."""

import pytest

from list_sync.demo.server import DemoServer
from tests.fakes.shelf import Bench


@pytest.fixture
def demo():
    with DemoServer(synthetic_films=2_000) as server:
        yield server


@pytest.fixture
def bench(tmp_path, demo):
    return Bench(tmp_path, demo)
