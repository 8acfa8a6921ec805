import io
import sys

import pytest

from list_sync.correcting.pins import find_reviews
from list_sync.correcting.reviewing import Review
from list_sync.model.matches import Candidate, Pin
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaType
from list_sync.storage.memory import load_pins
from tests.builders import NOON
from tests.unit.commands.records import for_review, record

ANNA = (Candidate(MediaType.MOVIE, 80000009, "Anna", year=2019), Candidate(MediaType.TV, 80000010, "Anna", year=2019))


@pytest.fixture
def waiting(store):
    record(store, for_review("Heat", 1995), for_review("Anna", 2019, candidates=ANNA), for_review("Crash", 2004))
    return store


def pins_of(store):
    with store.reading() as connection:
        return load_pins(connection, HOME)


@pytest.fixture
def terminal(cli, monkeypatch):
    def carry_out(*answers):
        typed = io.StringIO("".join(f"{answer}\n" for answer in answers))
        typed.isatty = lambda: True
        monkeypatch.setattr(sys, "stdin", typed)
        monkeypatch.setattr("list_sync.commands.review.is_terminal", lambda: True)
        return cli("review")

    return carry_out


def test_a_terminal_is_asked_title_by_title(terminal, waiting):
    answer = terminal("2", "b", "s")

    assert answer.code == 0
    assert "3 titles to review" in answer.lines
    assert "  2  Heat [movie 11636], https://www.themoviedb.org/movie/11636" in answer.lines
    assert answer.lines[-1] == "2 titles decided, which the next sync uses; 1 still open"
    pins = pins_of(waiting)
    assert pins["title:movie:heat:1995"] == Pin("title:movie:heat:1995", MediaType.MOVIE, 11636)
    assert pins["title:movie:anna:2019"].tmdb_id is None
    assert not any("crash" in key for key in pins)


def test_the_last_decision_can_be_taken_back(terminal, waiting):
    answer = terminal("1", "u", "s", "1", "u", "u", "b")

    assert [key for key in pins_of(waiting) if key.startswith("title:movie")] == ["title:movie:heat:1995"]
    assert pins_of(waiting)["title:movie:heat:1995"].tmdb_id is None
    assert answer.lines[-1] == "1 title decided, which the next sync uses; 2 still open"


@pytest.mark.parametrize("wrong", ["0", "3", "x", "", "u", "-1", "²"])
def test_another_answer_changes_nothing_and_is_asked_for_again(terminal, waiting, wrong):
    answer = terminal(wrong, "q")

    assert "please type one of these" in answer.out
    assert pins_of(waiting) == {}
    assert answer.lines[-1].endswith("3 still open")


def test_without_a_terminal_commands_are_printed_and_only_open_titles_counted(cli, waiting):
    cli("ban", "Heat")

    answer = cli("review")

    assert answer.lines[-1] == "2 titles to review; 1 title settled by you, which the next sync uses"
    for title in ("Anna", "Crash"):
        cli("ban", title)
    assert cli("review").lines[-1] == "nothing to review; 3 titles settled by you, which the next sync uses"


def test_a_decision_is_kept_under_every_key_of_its_title_and_undone_under_all(waiting):
    review = Review(waiting, [one for one, _ in find_reviews(waiting)])

    assert review.choose(1, at=NOON)
    assert [settled for _, settled in find_reviews(waiting)] == [True, False, False]
    assert review.undo()

    assert not review.undo()
    assert pins_of(waiting) == {}


@pytest.mark.parametrize("second", ["1", "b"])
def test_taking_back_the_second_decision_about_the_same_keys_leaves_the_first(waiting, second):
    twin = find_reviews(waiting)[0][0]
    review = Review(waiting, [twin, twin])
    assert review.choose(2, at=NOON)
    first = pins_of(waiting)

    review.choose(1, at=NOON) if second == "1" else review.ban(at=NOON)
    assert pins_of(waiting) != first
    assert review.undo()

    assert pins_of(waiting) == first
    assert review.still_open == 1
