"""Kill -9 of the container at random moments: the database is whole, nothing is doubled, nothing is lost."""

import random

import pytest

from tests.container.conftest import PROGRAM
from tests.container.engine import Neighbours
from tests.container.place import Place, cut_power

NEW_FILMS = 25
MOMENTS = random.Random(20261123)


@pytest.fixture(scope="module")
def neighbours():
    neighbours = Neighbours(PROGRAM, synthetic_films=10_000, post_seconds=0.02)
    yield neighbours
    neighbours.close()


@pytest.fixture(scope="module")
def old_place(tmp_path_factory, neighbours):
    """A place that grows from round to round."""
    place = Place(tmp_path_factory.mktemp("place"), neighbours)
    place.prepare(20)
    return place


@pytest.fixture
def prepared_place(tmp_path_factory, neighbours):
    """A place whose server has what was asked for there, and nothing else."""
    neighbours.server.wipe()
    place = Place(tmp_path_factory.mktemp("prepared"), neighbours)
    place.prepare(15)
    return place


def test_during_a_sync(old_place, record_property, round_number):
    before = old_place.content()
    old_place.want(NEW_FILMS)
    container = old_place.run()
    try:
        after = MOMENTS.uniform(0.2, 1.6)
        cut_power(container, after=after)
        stage = stage_of(old_place, before)
        record_property(f"cut {stage}", round(after, 2))

        old_place.assert_whole()
        old_place.assert_goes_on(container, before)
    finally:
        container.remove()


def stage_of(place, before):
    runs = place.home.query("SELECT id, status FROM sync_history")
    if len(runs) == len(before["history"]):
        return "before the run"
    if runs[-1][1] != "running":
        return "after the run"
    sent = place.home.query("SELECT count(*) FROM sent_requests WHERE state = 'sent'")[0][0]
    return "with a request under way" if sent else "in the run"


def test_during_the_first_start(tmp_path, neighbours, record_property, round_number):
    neighbours.server.wipe()
    place = Place(tmp_path, neighbours)
    place.want(0)
    container = place.run()
    try:
        after = MOMENTS.uniform(0.0, 0.7)
        cut_power(container, after=after)
        has_database = (place.home.data / "list_sync.db").exists()
        record_property(f"cut with {'a' if has_database else 'no'} database", round(after, 2))

        if has_database:
            place.assert_whole()
        container.start()
        container.wait_for("next sync at")
        assert container.stop()[0] == 0
        place.assert_whole()
    finally:
        container.remove()


def test_during_a_migration(prepared_place, build_next_image, record_property, round_number):
    place = prepared_place
    before = place.content()
    container = place.run(image=build_next_image(4))
    try:
        after = MOMENTS.uniform(0.3, 3.0)
        cut_power(container, after=after)
        version = place.home.query("SELECT max(version) FROM schema_version")[0][0]
        has_copy = (place.home.data / "list_sync.db.backup.3").exists()
        stage = "after it" if version == 4 else "during it" if has_copy else "before it"
        record_property(f"cut {stage}", round(after, 2))

        place.assert_whole()
        place.assert_goes_on(container, before)
        assert place.home.query("SELECT max(version) FROM schema_version") == [(4,)]
        assert "padding" not in str(place.home.query("SELECT name FROM sqlite_master"))
    finally:
        container.remove()
