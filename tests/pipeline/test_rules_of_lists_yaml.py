"""The rules of lists.yaml from the file to the requests: filters, priorities, seasons and exclusions."""

import pytest

from list_sync.config.policy.joining import read_joined
from list_sync.correcting.advice import advise
from list_sync.model.one_time import OneTimeList
from list_sync.model.report import SyncMode
from list_sync.model.servers import HOME
from list_sync.providers import available_providers
from list_sync.storage.title_search import find_titles

LISTS_YAML = """
defaults: {seasons: first}
lists:
  - source: file:all.csv
    filters: {year: ">=1990", exclude_genres: [Horror]}
  - source: file:best.csv
    name: The best
    priority: 5
    seasons: [2]
    exclude_lists: [file:seen.csv]
exclusions:
  - movie: 278
  - title: /^Inter/
"""
ALL = "title,type,tmdb_id,year\nThe Matrix,movie,603,1999\nInterstellar,movie,157336,2014\nBreaking Bad,tv,1396,2008\n"
ALL += "The Shawshank Redemption,movie,278,1994\nThe Godfather,movie,238,1972\nInception,movie,27205,2010\n"
BEST = "title,type,tmdb_id\nBreaking Bad,tv,1396\nInception,movie,27205\nThe Godfather,movie,238\n"
SEEN = "title,type,tmdb_id\nThe Godfather,movie,238\n"


@pytest.fixture
def session(open_session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "lists.yaml").write_text(LISTS_YAML)
    (tmp_path / "drop").mkdir(exist_ok=True)
    for name, text in {"all.csv": ALL, "best.csv": BEST, "seen.csv": SEEN}.items():
        (tmp_path / "drop" / name).write_text(text)
    session = open_session()
    session.use(read_joined(session.settings, available_providers()))
    return session


def reasons(report):
    return {outcome.result.label: outcome.reason for outcome in report.outcomes}


def test_a_run_does_what_lists_yaml_says(session, demo):
    demo.change_title("movie", 603, genres=((27, "Horror"),))

    report = session.sync(mode=SyncMode.MANUAL)

    said = reasons(report)
    assert said["The Matrix (1999)"] == "genre not Horror: Horror"
    assert said["Interstellar (2014)"] == "excluded: title /^Inter/"
    assert said["The Shawshank Redemption (1994)"] == "excluded: movie 278"
    assert said["The Godfather (1972)"] == "year ≥1990: 1972"
    assert {row["tmdb_id"]: row["seasons"] for row in demo.requests()} == {1396: [1, 2], 27205: []}
    assert len(report.fetched) == 2
    assert session.sync(mode=SyncMode.MANUAL).calls.writes == 0


def test_a_list_that_is_synced_once_keeps_to_the_exclusions_of_the_household(session, demo):
    items = '[{"title": "The Shawshank Redemption", "media_type": "movie", "tmdb_id": 278}]'
    (session.folder.path / "config" / "lists.yaml").write_text(LISTS_YAML + "  - list: file:seen.csv\n")
    session.use(read_joined(session.settings, available_providers()))

    report = session.sync(mode=SyncMode.API, one_time=OneTimeList(entries=items))

    assert [outcome.status for outcome in report.outcomes] == ["excluded"]
    assert demo.writes == 0


def test_why_names_the_rule_and_says_what_would_change_the_state(session, demo):
    session.sync(mode=SyncMode.MANUAL)

    with session.store.reading() as connection:
        (godfather,) = find_titles(connection, HOME, "The Godfather")

    failed = [(rule.rule, rule.source) for rule in godfather.explanation.rules if not rule.passed]
    assert failed == [("not on file:seen.csv", "The best"), ("year ≥1990", "file:all.csv")]
    assert advise(godfather) == "change or remove that rule in lists.yaml; the next sync decides anew"
