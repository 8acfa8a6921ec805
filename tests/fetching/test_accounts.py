"""Which lists are those of an account, so that another account never gets what was read for the former one."""

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.fetching.reuse import cache_key
from list_sync.fetching.routes import open_list
from list_sync.model.moments import utc_now
from list_sync.model.sources import ListRef
from list_sync.providers import FetchContext


def opened(name, *, login="", **credentials):
    source = ListRef(*name.split(":", 1))
    context = FetchContext(HttpClient(source.provider), credentials=credentials, account=login)
    return open_list(source, lambda _source: context, now=utc_now)


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("plex:watchlist", "PLEX_TOKEN"),
        ("simkl:plantowatch", "SIMKL_USER_TOKEN"),
        ("jellyfin:favorites", "JELLYFIN_USER"),
        ("radarr:all", "RADARR_URL"),
        ("sonarr:all", "SONARR_URL"),
        ("mdblist:watchlist", "MDBLIST_KEY"),
    ],
)
def test_a_private_list_belongs_to_the_account_of_its_credential(name, setting):
    ann, bob = opened(name, **{setting: "ann"}), opened(name, **{setting: "bob"})

    assert ann.account == opened(name, **{setting: "ann"}).account
    assert len({"", ann.account, bob.account}) == 3
    assert "ann" not in ann.account


def test_a_list_of_whoever_logged_in_at_trakt_belongs_to_that_log_in():
    first, second = opened("trakt:me/watchlist", login="1"), opened("trakt:me/watchlist", login="2")

    assert first.account != second.account
    assert cache_key(first) != cache_key(second)


@pytest.mark.parametrize("name", ["imdb:top", "trakt:joe/horror", "tmdb:10", "mdblist:joe/horror"])
def test_a_list_that_is_the_same_for_everyone_belongs_to_no_account(name):
    assert opened(name, login="1", TRAKT_CLIENT_ID="x", TMDB_KEY="y").account == ""


def test_what_a_log_in_shows_of_a_list_is_reused_by_that_log_in_alone():
    alice, anyone = opened("trakt:alice/hidden", login="1"), opened("trakt:alice/hidden")

    assert cache_key(alice) != cache_key(anyone)


def test_a_list_that_failed_without_a_log_in_is_read_at_once_with_one():
    assert opened("trakt:alice/hidden", login="1").stamp != opened("trakt:alice/hidden").stamp
