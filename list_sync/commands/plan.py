"""`plan`: a dry run whose result is shown by list, and saved for `apply`."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from list_sync.carrying import make_plan
from list_sync.commands.json_output import print_json
from list_sync.commands.notes import shown_note
from list_sync.commands.printing import complain, say
from list_sync.commands.sync import choose_lists, shown_session
from list_sync.commands.tables import print_table
from list_sync.correcting.plan_files import build_document, require_place, write_plan
from list_sync.errors import SyncCancelled
from list_sync.main import prepare_settings
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.plans import LineKind, PlanLine, SavedPlan
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.shown import shown_kind, shown_reason, shown_seasons, shown_time, shown_user
from list_sync.model.sources import FetchState
from list_sync.storage.server_options import find_requester_names

COLUMNS = ("title", "kind", "why")
_VERBS = {LineKind.REQUEST: "to request", LineKind.WAIT: "waiting", LineKind.WITHDRAW: "to withdraw"}


def plan(*, file: Path | None, check: bool, lists: Sequence[str], as_json: bool, household: str = HOME) -> int:
    """Show what a sync would do, and save it in a file if one is given; with `check`, the exit code says whether."""
    settings = prepare_settings(household)
    only = choose_lists(lists, settings)
    if file is not None:
        require_place(file, settings.process.data_dir)
    with shown_session(settings, as_json=as_json) as (stopping, session, on_progress):
        try:
            report = session.sync(mode=SyncMode.MANUAL, dry_run=True, only=only, on_progress=on_progress)
        except SyncCancelled:
            return stopping.exit_code(ExitCode.FAILURES)
        made = make_plan(session, report, is_partial=bool(only), tell=complain)
        users = find_requester_names(session.store, session.client.url)
    if file is not None and report.error is None:
        write_plan(made, file)
    if as_json:
        print_json(build_document(made))
    else:
        _print(made, report, file, settings.process.zone, users)
    code = report.exit_code
    if check and code is ExitCode.OK and made.does_something:
        code = ExitCode.SOMETHING_TO_DO
    return stopping.exit_code(code)


def _print(made: SavedPlan, report: SyncReport, file: Path | None, zone: tzinfo, users: Mapping[int, str]) -> None:
    for result in report.fetched:
        if result.state is not FetchState.COMPLETE:
            say(f"{result.source} is {result.state.value}: {shown_note(result, now=report.finished_at)}")
    by_list = defaultdict(list)
    for line in made.lines:
        by_list[line.listed_by].append(replace(line, reason=shown_reason(line.reason, zone)))
    for name, lines in by_list.items():
        _print_lines(name, lines, users)
    if report.error is not None:
        complain(made.summary)
        return
    if file is not None:
        say(f"saved as {file}: `list-sync apply {file}` does what it says until {shown_time(made.expires_at, zone)}")
    say(made.summary)


def _print_lines(name: str, lines: Sequence[PlanLine], users: Mapping[int, str]) -> None:
    """Print the lines of one list: + requested, ~ waits, - withdrawn."""
    counts = Counter(line.kind for line in lines)
    say(f"{name}: {', '.join(f'{counts[kind]} {words}' for kind, words in _VERBS.items() if counts[kind])}")
    ordered = sorted(lines, key=lambda line: list(_VERBS).index(line.kind))
    print_table(COLUMNS, list(_build_rows(ordered, users)))
    say()


def _build_rows(lines: Iterable[PlanLine], users: Mapping[int, str]) -> Iterable[tuple[str, str, str]]:
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
