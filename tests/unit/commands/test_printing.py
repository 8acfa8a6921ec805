import io

from rich.console import Console
from rich.progress import Progress as Bars

from list_sync.commands.notes import shown_note
from list_sync.commands.printing import one_line, print_table
from list_sync.commands.progress_bar import Drawing, NoteColumn, progress_shown
from list_sync.model.runs import Progress, Stage, ignore_progress
from list_sync.model.sources import Attempt, AttemptOutcome
from list_sync.model.titles import counted


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


def test_the_note_of_a_list_says_how_old_a_copy_is_beside_why_it_is_not_whole():
    copied = [Attempt("cache", AttemptOutcome.SERVED, "read 5 minutes ago by api")]
    other = [Attempt("api", AttemptOutcome.UNPROVEN, "no total"), Attempt("export", AttemptOutcome.SKIPPED, "none")]

    assert shown_note("no total", copied, 0, {}) == "read 5 minutes ago by api; no total"
    assert shown_note(None, copied, 0, {}) == "read 5 minutes ago by api"
    assert shown_note("no total", other, 0, {}) == "no total"
    assert shown_note(None, [], 0, {}) == ""


def test_off_a_terminal_progress_is_silent(capsys):
    with progress_shown(wanted=True) as listener:
        assert listener is ignore_progress


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
