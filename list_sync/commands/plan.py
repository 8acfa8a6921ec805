"""`plan`: a dry run whose result is shown by list, and saved for `apply`."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import tzinfo
from enum import Enum, auto
from pathlib import Path
from threading import Event

from list_sync.carrying import make_plan
from list_sync.commands.json_output import print_json
from list_sync.commands.notes import shown_note
from list_sync.commands.plan_markdown import build_markdown
from list_sync.commands.printing import complain, say
from list_sync.commands.sync import choose_lists, shown_session
from list_sync.commands.tables import print_table
from list_sync.config import Settings, find_state_folder
from list_sync.correcting.plan_files import build_document, require_place, write_plan
from list_sync.database.copying import backup_file
from list_sync.errors import SyncCancelled
from list_sync.files.lock import claimed_folder, discard_abandoned, holding_run_lock
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.plans import LineKind, PlanLine, SavedPlan
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.shown import shown_kind, shown_reason, shown_seasons, shown_time, shown_user
from list_sync.model.sources import FetchState
from list_sync.preparation import prepare_with
from list_sync.storage.server_options import find_requester_names

COLUMNS = ("title", "kind", "why")
WORK_FOLDER = ".planning"
_VERBS = {LineKind.REQUEST: "to request", LineKind.WAIT: "waiting", LineKind.WITHDRAW: "to withdraw"}
Row = tuple[str, str, str]


class Form(Enum):
    """How a plan is printed."""

    TEXT = auto()
    JSON = auto()
    MARKDOWN = auto()


def plan(
    *,
    file: Path | None,
    check: bool,
    lists: Sequence[str],
    form: Form = Form.TEXT,
    lists_file: Path | None = None,
    household: str = HOME,
) -> int:
    """Show what a sync would do, and save it in a file if one is given; with `check`, the exit code says whether.

    With `lists_file`, that is what a sync would do if this were lists.yaml.
    """
    settings = prepare_with(lists_file, household)
    only = choose_lists(lists, settings)
    if file is not None:
        require_place(file, settings.process.data_dir)
    with (
        _database_for(settings, is_copy=lists_file is not None) as database,
        shown_session(settings, as_json=form is not Form.TEXT, database=database) as (stopping, session, on_progress),
    ):
        try:
            report = session.sync(mode=SyncMode.MANUAL, dry_run=True, only=only, on_progress=on_progress)
        except SyncCancelled:
            return stopping.exit_code(ExitCode.FAILURES)
        made = make_plan(session, report, is_partial=bool(only), tell=complain)
        users = find_requester_names(session.store)
    saved = file if report.error is None else None
    if saved is not None:
        write_plan(made, saved)
    if form is Form.JSON:
        print_json(build_document(made))
    else:
        show = _print if form is Form.TEXT else _print_markdown
        show(made, report, saved, settings.process.zone, users)
    code = report.exit_code
    if check and code is ExitCode.OK and made.does_something:
        code = ExitCode.SOMETHING_TO_DO
    return stopping.exit_code(code)


@contextmanager
def _database_for(settings: Settings, *, is_copy: bool) -> Iterator[Path | None]:
    """Give a copy of the database, so that a plan of a policy that does not count leaves nothing; None for no copy."""
    if not is_copy:
        yield None
        return
    folder = find_state_folder(settings.process.data_dir)
    place = folder.path / WORK_FOLDER
    discard_abandoned(place)
    with claimed_folder(place):
        if folder.database.exists():
            with holding_run_lock(folder.path, stop=Event()):
                backup_file(folder.database, place / folder.database.name)
        yield place / folder.database.name


def _print(made: SavedPlan, report: SyncReport, file: Path | None, zone: tzinfo, users: Mapping[int, str]) -> None:
    say(*_describe_lists(report))
    for head, rows in _group(made, zone, users):
        say(head)
        print_table(COLUMNS, rows)
        say()
    if report.error is not None:
        complain(made.summary)
        return
    if file is not None:
        say(f"saved as {file}: `list-sync apply {file}` does what it says until {shown_time(made.expires_at, zone)}")
    say(made.summary)


def _print_markdown(
    made: SavedPlan, report: SyncReport, file: Path | None, zone: tzinfo, users: Mapping[int, str]
) -> None:
    notes = [*_describe_lists(report), *([report.error] if report.error else [])]
    until = shown_time(made.expires_at, zone) if file else None
    say(*build_markdown(made, notes=notes, groups=_group(made, zone, users), until=until))


def _describe_lists(report: SyncReport) -> list[str]:
    """Return a line for each list that was not read in full."""
    return [
        f"{result.source} is {result.state.value}: {shown_note(result, now=report.finished_at)}"
        for result in report.fetched
        if result.state is not FetchState.COMPLETE
    ]


def _group(made: SavedPlan, zone: tzinfo, users: Mapping[int, str]) -> Iterator[tuple[str, list[Row]]]:
    """Yield each list with its counts, and a row for each of its titles: + requested, ~ waits, - withdrawn."""
    by_list = defaultdict(list)
    for line in made.lines:
        by_list[line.listed_by].append(replace(line, reason=shown_reason(line.reason, zone)))
    for name, lines in by_list.items():
        counts = Counter(line.kind for line in lines)
        head = f"{name}: {', '.join(f'{counts[kind]} {words}' for kind, words in _VERBS.items() if counts[kind])}"
        ordered = sorted(lines, key=lambda line: list(_VERBS).index(line.kind))
        yield head, list(_build_rows(ordered, users))


def _build_rows(lines: Iterable[PlanLine], users: Mapping[int, str]) -> Iterator[Row]:
    told = ""
    for line in lines:
        why = "as above" if line.kind is LineKind.WAIT and line.reason == told else _describe(line, users)
        told = line.reason
        yield f"{line.kind.sign} {line.title}", shown_kind(line.media_type, line.quality), why


def _describe(line: PlanLine, users: Mapping[int, str]) -> str:
    if line.kind is LineKind.WAIT:
        return line.reason
    seasons = shown_seasons(line.seasons) if line.seasons else ""
    user = f"as {shown_user(line.requester_id, users)}" if line.requester_id not in (None, 1) else ""
    return ", ".join(filter(None, [seasons, user, line.reason]))
