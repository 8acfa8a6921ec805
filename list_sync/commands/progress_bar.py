"""A run's progress as bars on a terminal."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

from list_sync.commands.printing import one_line, say
from list_sync.model.runs import Progress, ProgressListener, Stage

NOTE_WIDTH = 40


@contextmanager
def bars_shown() -> Iterator[ProgressListener]:
    """Yield a listener that draws a bar for each stage."""
    columns = (TextColumn("{task.description:<11}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, NoteColumn(), console=Console(highlight=False), transient=True) as bars:
        yield Drawing(bars)


class NoteColumn(TextColumn):
    """The note of a bar, never read as markup."""

    def __init__(self) -> None:
        super().__init__("{task.fields[note]}", markup=False)

    def render(self, task: object) -> Text:
        """Return the note, cut to a width that leaves room for the bar."""
        note = getattr(task, "fields", {}).get("note", "")
        return Text(one_line(str(note))[:NOTE_WIDTH], no_wrap=True)


class Drawing:
    """Turns Progress values into bars, one for each stage."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[Stage, TaskID] = {}

    def __call__(self, progress: Progress) -> None:
        """Draw the progress of the stage."""
        if progress.stage not in self._tasks:
            self._tasks[progress.stage] = self._bars.add_task(progress.stage.value, total=progress.total, note="")
        task = self._tasks[progress.stage]
        self._bars.update(task, completed=progress.done, total=progress.total, note=progress.note)


class AboveBars(io.TextIOBase):
    """A stream for the log on a terminal: while bars are drawn, Rich puts what is written there above them."""

    def write(self, text: str) -> int:
        """Write lines that fit the terminal."""
        say(*text.splitlines())
        return len(text)
