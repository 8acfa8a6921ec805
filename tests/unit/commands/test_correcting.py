import shlex

import pytest

from list_sync.matching.memory import KnownTitles, recall
from list_sync.model.matches import Match, MatchMethod, NoMatch, NoMatchReason, Pin, Resolution
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaType
from list_sync.storage.memory import load_pins, load_resolutions, remember
from tests.builders import NOON, a_wanted, an_item
from tests.unit.commands.records import available, for_review, matched, record, requested


def pins_in(store):
    with store.reading() as connection:
        return load_pins(connection, HOME)


def result_for(store, item):
    with store.reading() as connection:
        return recall(a_wanted(item), KnownTitles(load_pins(connection, HOME), load_resolutions(connection, item.keys)))


def test_a_pin_settles_an_entry_for_ever(cli, store):
    record(store, for_review("Heat", 1995))

    answer = cli("pin", "Heat (1995)", "tmdb:movie:949")

    assert answer.code == 0
    assert answer.out.startswith("Heat (1995) is movie 949 from the next sync on")
    result = result_for(store, an_item("Heat", year=1995))
    assert isinstance(result, Match)
    assert (result.tmdb_id, result.method) == (949, MatchMethod.PIN)
    assert "  settled by you; the next sync uses it" in cli("review").lines


def test_the_commands_that_review_prints_can_be_copied(cli, store):
    record(store, for_review("Schindler's $List; 100%", 1993))
    line = next(line for line in cli("review").lines if "list-sync pin" in line)

    _, *arguments = shlex.split(line, comments=True)

    assert cli(*arguments).code == 0
    assert result_for(store, an_item("Schindler's $List; 100%", year=1993)).tmdb_id == 949


def test_a_pin_by_key_covers_every_id_of_a_known_entry(cli, store):
    item = an_item("Heat", year=1995, imdb="tt0113277", tvdb=12)
    record(store, requested(matched(item, 1, MatchMethod.IMDB_ID)))

    answer = cli("pin", "tt0113277", "movie:949")

    assert pins_in(store) == {key: Pin(key, MediaType.MOVIE, 949) for key in ("imdb:tt0113277", "tvdb:12")}
    assert "movie 1 was requested for it before: delete that request on the server yourself" in answer.lines


def test_a_pin_may_be_set_before_a_list_brings_the_title(cli, home):
    assert cli("pin", "tt0113277", "movie:949").code == 0
    assert cli("pin", "Heat", "movie:949").code == 2


def test_a_ban_holds_however_a_list_names_the_title(cli, store):
    item = an_item("Heat", year=1995, imdb="tt0113277")
    record(store, requested(matched(item, 949, MatchMethod.IMDB_ID)))

    assert cli("ban", "heat").code == 0

    spellings = (
        an_item("Heat", year=1995),
        an_item("Heat", None, 1995),
        an_item("", MediaType.MOVIE, None, tmdb=949),
        an_item("Other", None, None, imdb="tt0113277"),
    )
    for spelling in spellings:
        result = result_for(store, spelling)
        assert isinstance(result, NoMatch)
        assert result.reason is NoMatchReason.BANNED


@pytest.mark.parametrize("command", ["pin", "ban"])
def test_a_pin_or_ban_can_be_taken_back_whole(cli, store, command):
    record(store, for_review("Heat", 1995))
    cli(command, "Heat", *(["movie:949"] if command == "pin" else []))

    answer = cli(command, "Heat", "--remove")

    assert answer.out.startswith("taken back: ")
    assert pins_in(store) == {}
    assert cli(command, "Heat", "--remove").code == 2


def test_what_was_looked_up_under_a_pinned_key_does_not_come_back(cli, store):
    record(store, for_review("Heat", 1995, imdb="tt0113277"))
    with store.writing() as connection:
        remember(connection, [Resolution("imdb:tt0113277", MediaType.MOVIE, 1, MatchMethod.IMDB_ID)], at=NOON)

    cli("pin", "Heat", "movie:949")

    with store.reading() as connection:
        assert load_resolutions(connection, ["imdb:tt0113277"]) == {}


def test_a_name_of_several_titles_is_not_guessed_at(cli, store):
    record(store, available("Crash", 884, year=1996), available("Crash", 1640, year=2004))

    answer = cli("ban", "Crash")

    assert answer.code == 2
    assert '"Crash" is the name of 2 titles' in answer.err
    assert "  tmdb:movie:884  Crash (1996), from imdb:ls000000001" in answer.err.splitlines()
    assert pins_in(store) == {}
    assert cli("ban", "Crash (2004)").code == 0


def test_an_unknown_title_gets_suggestions_and_no_pin(cli, store):
    record(store, requested())

    answer = cli("pin", "Matrx", "movie:603")

    assert answer.code == 2
    assert "The Matrix (1999)  (tmdb:movie:603)" in answer.err
    assert pins_in(store) == {}


@pytest.mark.parametrize("arguments", [("pin", "Heat"), ("pin", "Heat", "949"), ("pin",), ("ban",)])
def test_half_a_correction_is_refused_in_one_line(cli, store, arguments):
    answer = cli(*arguments)

    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1


def test_a_title_is_snoozed_for_a_time(cli, store):
    record(store, requested())

    snoozed = cli("snooze", "The Matrix", "30d")
    why = cli("why", "The Matrix").out
    ended = cli("snooze", "The Matrix", "--off")

    assert (snoozed.code, ended.code) == (0, 0)
    assert snoozed.out.startswith("The Matrix (1999) is not requested until 20")
    assert "  snoozed  until 20" in why
    assert ended.out == "The Matrix (1999) is not snoozed any more\n"
    assert "snoozed" not in cli("why", "The Matrix").out


def test_a_snooze_needs_a_time(cli, store):
    record(store, requested())

    assert [
        cli("snooze", "The Matrix").code,
        cli("snooze", "The Matrix", "soon").code,
        cli("snooze", "Cold", "1d").code,
    ] == [
        2,
        2,
        2,
    ]
