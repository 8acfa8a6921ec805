"""A demo server, and a folder whose settings name it and a list of one film; tests that need others have their own."""

import pytest

from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.house import MATRIX, House


@pytest.fixture
def server():
    with DemoServer(post_seconds=0) as demo:
        yield demo


@pytest.fixture
def house(tmp_path, server):
    house = House(tmp_path, OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key, FILE_LISTS="films.json")
    house.write_list(MATRIX)
    return house
