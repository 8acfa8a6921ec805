"""What is remembered of shows, and when each was looked at."""

from dataclasses import replace
from datetime import date, timedelta

from list_sync.model.titles import MediaType
from list_sync.storage.shows import load_shows, load_tries, save_shows, save_tries
from tests.builders import NOON, a_show

SERVER = "http://host:5055"
SHOW = replace(a_show(1399), status="Ended", next_episode_on=date(2026, 12, 1))


def test_a_show_comes_back_as_it_was_saved(store):
    with store.writing() as connection:
        save_shows(connection, SERVER, [SHOW, a_show(2)], at=NOON)

        assert load_shows(connection, SERVER) == {
            (MediaType.TV, 1399): (SHOW, NOON),
            (MediaType.TV, 2): (a_show(2), NOON),
        }


def test_when_a_show_was_looked_at_in_vain_is_kept_apart_from_when_it_was_read(store):
    with store.writing() as connection:
        save_shows(connection, SERVER, [SHOW, a_show(2)], at=NOON)
        save_tries(connection, SERVER, [(MediaType.TV, 2)], at=NOON + timedelta(days=1))
        save_shows(connection, SERVER, [SHOW], at=NOON + timedelta(days=2))

        assert load_tries(connection, SERVER) == {(MediaType.TV, 2): NOON + timedelta(days=1)}
        assert load_shows(connection, SERVER)[MediaType.TV, 2][1] == NOON
        assert load_tries(connection, "http://other") == {}
