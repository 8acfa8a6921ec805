import io
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from rich.progress import Progress as Bars

from list_sync.commands.notes import shown_note
from list_sync.commands.printing import one_line, say, width_of
from list_sync.commands.progress_bar import AboveBars, Drawing, NoteColumn
from list_sync.commands.tables import print_table
from list_sync.model.moments import shown_age
from list_sync.model.runs import Progress, Stage
from list_sync.model.shown import shown_reason
from list_sync.model.sources import Attempt, AttemptOutcome
from list_sync.model.titles import counted
from tests.builders import NOON, a_result


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_off_a_terminal_a_table_is_aligned_lines(capsys):
    print_table(("list", "titles"), [("imdb:top", 250), ("a", None)])

    assert capsys.readouterr().out == "LIST      TITLES\nimdb:top  250\na\n"


def test_on_a_terminal_a_title_is_not_read_as_markup(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")

    print_table(("title",), [("[bold]REC[/bold] \x1b[2J",)])

    assert "[bold]REC[/bold]  [2J" in terminal.getvalue()


def test_control_characters_do_not_reach_the_terminal():
    assert one_line("a\x1b[2Jb\nc\x07") == "a [2Jb c"


def test_invisible_characters_are_shown_on_the_terminal(capsys):
    assert one_line("Mat\u200brix \u202efdp.\U000e0041 ש") == r"Mat\u200brix \u202efdp.\U000e0041 ש"

    print_table(("title",), [("\u2066Alien",)])
    assert capsys.readouterr().out == "TITLE\n\\u2066Alien\n"


def test_numbers_agree_with_their_nouns():
    assert [counted(number, "title") for number in (0, 1, 2)] == ["0 titles", "1 title", "2 titles"]


def test_the_note_of_a_list_says_how_old_a_copy_is_when_it_is_shown():
    copied = (Attempt("cache", AttemptOutcome.SERVED, "read at 2026-11-22 12:00 UTC by api"),)
    other = (Attempt("api", AttemptOutcome.UNPROVEN, "no total"), Attempt("export", AttemptOutcome.SKIPPED, "none"))
    reused = a_result(attempts=copied)

    def note(result, minutes=5):
        return shown_note(result, now=NOON + timedelta(minutes=minutes))

    assert note(replace(reused, reason="no total")) == "read 5 minutes ago by api; no total"
    assert note(reused, minutes=180) == "read 3 hours ago by api"
    assert note(a_result(reason="no total", attempts=other)) == "no total"
    assert note(a_result()) == ""
    assert (
        note(a_result(reason="down; the copy stands in", copied_at=NOON)) == "down; the copy stands in, 5 minutes old"
    )


@pytest.mark.parametrize(
    ("age", "words"),
    [({"seconds": 5}, "0 minutes"), ({"seconds": 61}, "1 minute"), ({"hours": 5}, "5 hours"), ({"days": 3}, "3 days")],
)
def test_ages_are_told_in_the_largest_unit_that_says_something(age, words):
    assert shown_age(timedelta(**age)) == words


def test_each_stage_has_one_bar_and_notes_are_not_markup():
    output = io.StringIO()
    with Bars("{task.description}", NoteColumn(), console=Console(file=output, width=80), auto_refresh=False) as bars:
        draw = Drawing(bars)
        draw(Progress(Stage.FETCHING, 0, 2))
        draw(Progress(Stage.FETCHING, 2, 2, "[red]imdb:top"))
        draw(Progress(Stage.MATCHING, 1, 3))

    assert output.getvalue().count("fetching") == 1
    assert "[red]imdb:top" in output.getvalue()
    assert "matching" in output.getvalue()


def test_a_line_of_the_log_is_never_on_the_line_of_a_bar(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=60, highlight=False)
    with Bars("{task.description}", NoteColumn(), console=console, auto_refresh=False) as bars:
        Drawing(bars)(Progress(Stage.FETCHING, 1, 2, "imdb:top"))
        bars.refresh()
        AboveBars().write("WARNING imdb: the list could not be read because the server is down today\n")

    shown = [line for part in screen.getvalue().split("\n") for line in part.split("\r")]
    assert not [line for line in shown if "WARNING" in line and "fetching" in line]
    assert "WARNING imdb: the list could not be read because the" in screen.getvalue()
    assert "\n  is down today\n" in screen.getvalue()


LISTS = [
    ("imdb:top", "complete", 250, "graphql", ""),
    (
        "trakt:https://trakt.tv/users/somebody/lists/the-best-films-of-all-years",
        "failed",
        0,
        "-",
        "; ".join(["not found"] * 14),
    ),
]


@pytest.mark.parametrize("width", [60, 72, 80, 140])
def test_a_table_is_as_wide_as_the_terminal_and_cuts_no_name(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))

    print_table(("list", "state", "titles", "route", "note"), LISTS, extras=("route",))

    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines if LISTS[1][0] not in line) <= width
    assert any(line.startswith(LISTS[1][0]) for line in lines)
    assert lines[0].split() == ["LIST", "STATE", "TITLES", "ROUTE"]
    assert lines[-1] == "    not found"


def test_columns_of_less_weight_are_left_out_where_room_is_short(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")

    print_table(("list", "state", "titles", "route", "note"), LISTS[:1], extras=("route",))

    assert capsys.readouterr().out == "LIST      STATE     TITLES\nimdb:top  complete  250\n"


def test_on_a_narrow_terminal_each_row_is_a_block(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "24")

    print_table(("run", "started", "status", "note"), [("1", "2026-11-22 12:00:00", "completed", "")])

    assert capsys.readouterr().out == "1\n  started: 2026-11-22\n    12:00:00\n  status: completed\n"


def test_wide_letters_take_two_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    print_table(("title", "state", "why"), [("千と千尋の神隠し", "requested", ""), ("Heat", "requested", "")])

    lines = capsys.readouterr().out.splitlines()
    assert len({width_of(line.partition("requested")[0]) for line in lines[1:]}) == 1


def test_a_command_to_copy_stays_on_one_line_apart_from_its_comment(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "64")

    say("  settle   list-sync pin title:movie:heat:1995 tmdb:movie:949  # Heat (1995) [movie 949]")

    assert capsys.readouterr().out.splitlines()[0].endswith("list-sync pin title:movie:heat:1995 tmdb:movie:949")


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("full; its turn comes at 2026-11-22 23:30 UTC", "full; its turn comes at 2026-11-23 00:30"),
        (
            "new on top: it rests until 2026-07-01 12:00 UTC (hold)",
            "new on top: it rests until 2026-07-01 14:00 (hold)",
        ),
        ("snoozed by you until 2026-11-22 23:30 UTC; more", "snoozed by you until 2026-11-23 00:30; more"),
        (
            "FAIL you did not snooze it: until 2026-07-01 12:00 UTC",
            "FAIL you did not snooze it: until 2026-07-01 14:00",
        ),
        ("its list failed at 2026-11-22 23:30 UTC", "its list failed at 2026-11-22 23:30 UTC"),
    ],
)
def test_the_moment_at_which_a_title_goes_is_shown_in_the_time_zone_of_its_user(reason, shown):
    assert shown_reason(reason, ZoneInfo("Europe/Berlin")) == shown
