"""`plan --config` says what another policy would have done with the titles of the last time; nothing is asked."""

import json

import pytest

from list_sync.database.schema import titles
from list_sync.model.decisions import ItemStatus
from list_sync.model.facts import TitleFacts
from list_sync.model.titles import MediaType
from list_sync.storage.title_facts import save_facts
from tests.builders import NOON, a_list, a_match, an_item
from tests.unit.commands.records import record, requested, skipped

LIST = a_list("imdb", "top")


def a_title(tmdb_id, year, title=None, *, sources=(LIST,)):
    item = an_item(title or f"Film {tmdb_id}", MediaType.MOVIE, year, tmdb=tmdb_id)
    return a_match(tmdb_id, item=item, sources=sources)


@pytest.fixture
def house(cli, store, home, monkeypatch):
    monkeypatch.setenv("IMDB_LISTS", "top")
    record(
        store,
        requested(a_title(1, 1984)),
        requested(a_title(2, 1999)),
        skipped(a_title(3, 1990), ItemStatus.FILTERED, "year >=1995: 1990"),
        requested(a_title(4, 1999, sources=(a_list("imdb", "moviemeter"),))),
    )

    def look(text, *arguments, since="3650d"):
        (home / "new.yaml").write_text(text)
        return cli("plan", "--config", "new.yaml", "--since", since, "--json", *arguments)

    return look


def changes(answer):
    printed = json.loads(answer.out)
    return {line["tmdb_id"]: (line["change"], line["reason"]) for line in printed["lines"]}


def test_titles_that_the_policy_adds_and_leaves_out_are_named_with_its_rule(house):
    answer = house("lists: [{source: 'imdb:top', filters: {year: '>=1990'}}, {source: 'imdb:moviemeter'}]")

    found = changes(answer)
    assert answer.code == 0
    assert found[1][0] == "less"
    assert "1984" in found[1][1]
    assert found[2] == ("same", "")
    assert found[3] == ("more", "would be requested")
    assert found[4] == ("same", "")


def test_a_title_of_a_list_that_the_policy_does_not_have_is_left_out(house):
    found = changes(house("lists: [{source: 'imdb:top'}]"))

    assert found[4] == ("less", "none of its lists is in this policy")


def test_another_quality_is_a_title_more(house):
    answer = house("lists: [{source: 'imdb:top', quality: both}, {source: 'imdb:moviemeter'}]")

    printed = json.loads(answer.out)["lines"]
    assert {(line["tmdb_id"], line["quality"]) for line in printed if line["change"] == "more"} == {
        *((number, "4k") for number in (1, 2, 3)),
        (3, "hd"),
    }


def test_a_rule_whose_facts_were_never_read_is_not_known_and_one_that_was_counts(house, store):
    text = "lists: [{source: 'imdb:top', filters: {languages: [de]}}, {source: 'imdb:moviemeter'}]"
    assert changes(house(text))[1][0] == "unknown"

    with store.writing() as connection:
        values = {"media_type": "movie", "tmdb_id": 1, "title": "Film 1", "season_numbers": "", "checked_at": NOON}
        connection.execute(titles.insert(), values)
        save_facts(connection, {(MediaType.MOVIE, 1): TitleFacts(language="fr")}, at=NOON)

    assert changes(house(text))[1][0] == "less"


def test_exclusions_count(house):
    found = changes(house("exclusions: [{movie: 2}]\nlists: [{source: 'imdb:top'}, {source: 'imdb:moviemeter'}]"))

    assert found[2][0] == "less"
    assert found[1][0] == "same"


def test_a_ban_stays_a_ban(house, cli):
    cli("ban", "Film 3")

    assert 3 not in changes(house("lists: [{source: 'imdb:top'}, {source: 'imdb:moviemeter'}]"))


def test_only_titles_since_then_are_looked_at(house):
    assert changes(house("lists: [{source: 'imdb:top'}]", since="1m")) == {}


def test_it_is_told_in_a_table_and_one_sentence(house, cli):
    house("lists: [{source: 'imdb:top', filters: {year: '>=1990'}}, {source: 'imdb:moviemeter'}]")

    answer = cli("plan", "--config", "new.yaml", "--since", "3650d")

    assert "- Film 1 (1984)" in answer.out
    assert "this policy wants 1 more and 1 fewer, 0 not known, 2 as before" in answer.lines[-1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--since", "soon"), "is not a time"),
        (("--check",), "--config looks back"),
        (("-o", "plan.json"), "--config looks back"),
    ],
)
def test_what_does_not_go_together_is_refused(cli, home, arguments, words):
    (home / "new.yaml").write_text("lists: []")

    answer = cli("plan", "--config", "new.yaml", *arguments)

    assert answer.code == 2
    assert words in answer.err


def test_how_far_back_belongs_to_another_policy(cli):
    answer = cli("plan", "--since", "3d")

    assert (answer.code, "use it with --config" in answer.err) == (2, True)


def test_a_wrong_file_is_refused_with_line_and_column(house):
    answer = house("lists: [{source: 'imdb:top', seasens: all}]")

    assert answer.code == 2
    assert "seasons" in answer.err
