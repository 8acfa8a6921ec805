import pytest

from tests.fakes.clock import FakeClock
from tests.unit.daemon.timetables import NOON


@pytest.fixture
def clock(monkeypatch):
    return FakeClock(NOON).install(monkeypatch)
