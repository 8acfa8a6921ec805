"""What filters and seasons need of a title, read from its page and from the ratings beside it, and remembered."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from list_sync.api.mediaserver.facts import parse_facts, parse_ratings
from list_sync.api.overseerr import OverseerrClient
from list_sync.database.store import open_store
from list_sync.model.facts import Ratings, TitleFacts
from list_sync.model.titles import MediaType
from list_sync.storage.server_memory import save_details
from list_sync.storage.title_facts import load_facts, save_facts
from tests.builders import NOON, a_show

SHOW = (MediaType.TV, 1399)


def release(country, kind, day):
    return {"iso_3166_1": country, "release_dates": [{"type": kind, "release_date": f"{day}T00:00:00.000Z"}]}


def facts_of(kind=MediaType.MOVIE, **page):
    return parse_facts(kind, page)


def test_the_first_day_in_any_country_counts_and_a_premiere_is_no_release():
    results = [release("FR", 1, "2026-05-01"), release("US", 3, "2026-06-02"), release("DE", 2, "2026-06-01")]
    results += [release("US", 5, "2026-10-01"), release("GB", 4, "2026-09-01")]

    facts = facts_of(releaseDate="2026-05-01", releases={"results": results})

    assert (facts.cinema_on, facts.digital_on) == (date(2026, 6, 1), date(2026, 9, 1))


def test_a_film_that_was_never_in_cinemas_is_past_them_once_it_is_released_at_home():
    facts = facts_of(releaseDate="", releases={"results": [release("US", 6, "2026-03-01")]})

    assert facts.cinema_on == facts.digital_on == date(2026, 3, 1)
    assert facts_of(releaseDate="1999-03-30", releases={"results": []}).cinema_on == date(1999, 3, 30)


def test_genres_are_in_english_in_any_language_of_the_server():
    assert facts_of(genres=[{"id": 27, "name": "Terror"}, {"id": 1, "name": "Neu"}]).genres == ("Horror", "Neu")


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"genres": None, "originalLanguage": 3, "runtime": "x", "voteAverage": "NaN", "voteCount": -1},
        {"genres": [3], "releases": {"results": [{"release_dates": [{"release_date": 7}]}]}, "watchProviders": {}},
        {"runtime": 0, "voteAverage": 0, "voteCount": 0, "releases": [], "releaseDate": "soon"},
        {"releases": {"results": [{"release_dates": [{"type": [], "release_date": "2020-01-01"}]}]}},
        {"seasons": [{"seasonNumber": None, "airDate": "2020-01-01"}, {"seasonNumber": 1, "airDate": "?"}]},
    ],
)
def test_a_value_that_cannot_be_right_is_not_known(page):
    assert replace(facts_of(**page), votes=None) == TitleFacts()
    assert replace(facts_of(MediaType.TV, **page), votes=None) == TitleFacts()


def test_countries_of_production_and_of_origin_count():
    page = {"originCountry": ["US"], "productionCountries": [{"iso_3166_1": "AU"}, {"iso_3166_1": "US"}]}

    assert facts_of(**page).countries == ("AU", "US")


def test_a_page_that_names_no_services_at_all_says_nothing_of_them():
    assert facts_of(watchProviders=[]).only_in({"DE"}).services == {"DE": ()}
    assert facts_of().only_in({"DE"}).services is None


def test_an_answer_with_very_many_or_very_long_names_is_cut():
    facts = facts_of(genres=[{"name": f"{number} {'x' * 1_000}"} for number in range(1_000)])

    assert (len(facts.genres), max(map(len, facts.genres))) == (50, 100)


def test_a_title_without_votes_has_no_rating():
    assert facts_of(voteAverage=10.0, voteCount=0).rating is None
    assert facts_of(voteAverage=6.1, voteCount=7).rating == 6.1


@pytest.mark.parametrize("body", [{}, {"imdb": None, "rt": []}, {"imdb": {"criticsScore": "8"}}])
def test_odd_ratings_are_no_ratings(body):
    assert parse_ratings(MediaType.MOVIE, body) == Ratings()


@pytest.fixture
def client(demo):
    client = OverseerrClient(demo.url, demo.api_key, 1)
    yield client
    client.close()


def test_the_page_states_the_facts_and_ratings_are_asked_for_apart(demo, client):
    demo.change_title("movie", 603, services=(("DE", "Netflix"), ("DE", "Max")), genres=((28, "Action"),))
    demo.change_title("movie", 603, imdb_rating=(8.7, 100), rt_rating=83)

    facts = client.find_details(MediaType.MOVIE, 603).facts

    assert (facts.year, facts.language, facts.runtime, facts.rating) == (1999, "en", 136, 8.2)
    assert facts.only_in({"FR"}).services == {"FR": ()}
    assert client.fetch_ratings(MediaType.MOVIE, 603) == Ratings(8.7, 100, 83)
    assert client.fetch_ratings(MediaType.TV, 1396) == Ratings()
    demo.faults.ratings_down = True
    assert not client.fetch_ratings(MediaType.MOVIE, 603).is_read


def test_facts_are_remembered_as_they_were_except_ratings_that_were_not_read(tmp_path):
    full = TitleFacts(
        *(1999, ("Action",), "en", ("US",), 136, 8.2, 20_000, date(1999, 3, 30), date(2000, 1, 1)),
        air_dates={1: date(2011, 4, 17), 2: date(2012, 4, 1)},
        services={"DE": ("Netflix",), "FR": ()},
        ratings=Ratings(8.7, 100, 83.0),
    )
    with open_store(tmp_path / "facts.db") as store, store.writing() as connection:
        assert load_facts(connection, [SHOW]) == {}
        save_details(connection, [a_show()], at=NOON)
        assert load_facts(connection, [SHOW]) == {}
        for facts in (full, TitleFacts()):
            save_facts(connection, {SHOW: facts}, at=NOON)
            assert load_facts(connection, [SHOW, (MediaType.MOVIE, 1)]) == {SHOW: (facts, NOON)}
        save_facts(connection, {SHOW: replace(full, ratings=Ratings(is_read=False))}, at=NOON + timedelta(days=1))
        assert load_facts(connection, [SHOW])[SHOW] == (replace(full, ratings=None), NOON + timedelta(days=1))
