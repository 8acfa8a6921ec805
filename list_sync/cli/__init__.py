"""The command line: arguments become one command, and its result an exit code."""

from functools import partial

import typer

from list_sync import options
from list_sync.cli.audited import Audited
from list_sync.cli.groups import audit, config_app, notify_app, web_app
from list_sync.cli.persons import forget
from list_sync.cli.plans import apply, plan, undo
from list_sync.commands.failing import complain_of, run_reported
from list_sync.model.households import HOME
from list_sync.options import Commands, WholeHelp

app = typer.Typer(
    cls=Commands,
    help="Keep film and TV lists in step with Overseerr, Jellyseerr and Seerr.",
    epilog="Settings come from the environment, NAME_FILE secrets and .env; `list-sync check` looks at all of them.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 140},
)

lists_app = typer.Typer(cls=Commands, invoke_without_command=True)
app.add_typer(lists_app, name="lists")
app.add_typer(config_app, name="config")
app.add_typer(web_app, name="web")
app.add_typer(notify_app, name="notify")


@app.callback(invoke_without_command=True)
def root(context: typer.Context, sync_now: options.SyncNow = False, version: options.Version = False) -> int:
    """Handle a call without a command; without options that is `run`."""
    if context.invoked_subcommand is not None:
        if sync_now:
            raise typer.BadParameter("--sync-now is used alone, without a command")
        return 0
    if version:
        from list_sync.version import __version__

        typer.echo(f"list-sync {__version__}")
        return 0
    if sync_now:
        from list_sync.commands.sync import sync_now as ask_daemon

        return ask_daemon()
    return run()


@app.command(cls=WholeHelp)
def run() -> int:
    """Sync again and again, as SYNC_INTERVAL or SYNC_SCHEDULE says; once with AUTOMATED_MODE=false."""
    from list_sync.commands.run import run as stay

    return stay()


@app.command(cls=WholeHelp)
def sync(
    dry_run: options.DryRun = False,
    only: options.Lists = None,
    fresh: options.Fresh = False,
    show_all: options.ShowAll = False,
    as_json: options.AsJson = False,
    household: options.Household = HOME,
) -> int:
    """Sync once, now."""
    from list_sync.commands.sync import sync as sync_once

    return sync_once(
        dry_run=dry_run, lists=only or (), fresh=fresh, as_json=as_json, everything=show_all, household=household
    )


app.command(cls=WholeHelp)(plan)
app.command(cls=Audited)(apply)
app.command(cls=Audited)(undo)


@app.command(cls=WholeHelp)
def check(
    offline: options.Offline = False,
    sources: options.CheckSources = False,
    file: options.PolicyFile = None,
    as_json: options.AsJson = False,
    household: options.Household = HOME,
) -> int:
    """Check settings, folders, server and sources, and say what to fix; with --config, a lists.yaml alone."""
    if sources and (offline or file is not None):
        raise typer.BadParameter("--sources is used without --offline and without --config")
    if sources:
        from list_sync.commands.check_sources import check_sources

        return check_sources(as_json=as_json, household=household)
    if file is not None:
        from list_sync.commands.lists_file import check_file

        return check_file(file, as_json=as_json)
    from list_sync.commands.check import check as look

    return look(offline=offline, as_json=as_json, household=household)


@app.command(cls=WholeHelp)
def status(as_json: options.AsJson = False, household: options.Household = HOME) -> int:
    """Show server, daemon, last run, lists and titles."""
    from list_sync.commands.status import show_status

    return show_status(as_json=as_json, household=household)


@app.command(cls=WholeHelp)
def history(limit: options.Limit = 20, as_json: options.AsJson = False, household: options.Household = HOME) -> int:
    """Show the latest runs."""
    from list_sync.commands.status import show_history

    return show_history(limit=limit, as_json=as_json, household=household)


@app.command(cls=WholeHelp)
def why(title: options.Title, as_json: options.AsJson = False, household: options.Household = HOME) -> int:
    """Show all that is known about a title: how it was matched, what was decided, and why."""
    from list_sync.commands.why import show_why

    return show_why(title, as_json=as_json, household=household)


@lists_app.callback()
def lists(context: typer.Context, as_json: options.AsJson = False, household: options.Household = HOME) -> int:
    """Show every list and how it was read the last time; `lists test SOURCE` reads one now, route by route."""
    if context.invoked_subcommand is not None:
        return 0
    from list_sync.commands.lists import show_lists

    return show_lists(as_json=as_json, household=household)


@lists_app.command("test", cls=WholeHelp)
def lists_test(source: options.Source, as_json: options.AsJson = False, household: options.Household = HOME) -> int:
    """Read a list by each of its routes and show the results; nothing is requested."""
    from list_sync.commands.lists_test import test_list

    return test_list(source, as_json=as_json, household=household)


@app.command(cls=Audited)
def review(as_json: options.AsJson = False, household: options.Household = HOME) -> int:
    """Decide about titles that may be several, one by one; without a terminal, show them with commands to copy."""
    from list_sync.commands.review import show_review

    return show_review(as_json=as_json, household=household)


@app.command(cls=Audited)
def pin(
    title: options.Title,
    target: options.Target = None,
    remove: options.Remove = False,
    other_kind: options.OtherKind = False,
    household: options.Household = HOME,
) -> int:
    """Set permanently which TMDB title an entry is; TMDB must have it."""
    if remove:
        from list_sync.commands.correcting import remove_correction

        return remove_correction(title, household=household)
    from list_sync.commands.pin import pin_title

    return pin_title(title, target, other_kind=other_kind, household=household)


@app.command(cls=Audited)
def ban(title: options.Title, remove: options.Remove = False, household: options.Household = HOME) -> int:
    """Never request a title."""
    if remove:
        from list_sync.commands.correcting import remove_correction

        return remove_correction(title, household=household)
    from list_sync.commands.correcting import ban_title

    return ban_title(title, household=household)


@app.command(cls=Audited)
def snooze(
    title: options.Title,
    length: options.Snooze = None,
    off: options.SnoozeOff = False,
    household: options.Household = HOME,
) -> int:
    """Do not request a title for a time."""
    from list_sync.commands.snooze import snooze_title

    return snooze_title(title, length, off=off, household=household)


@app.command("accept-reset", cls=Audited)
def accept_reset(
    ask_again: options.AskAgain = False, keep_away: options.KeepAway = False, household: options.Household = HOME
) -> int:
    """Decide about requests that vanished from the server at once: request again, or not."""
    from list_sync.commands.correcting import accept_reset as settle

    return settle(ask_again=ask_again, keep_away=keep_away, household=household)


@app.command(cls=Audited)
def pause(length: options.Pause = None) -> int:
    """Start no sync for a time; without an argument, say whether there is a pause."""
    from list_sync.commands.pause import set_pause

    return set_pause(length)


@app.command(cls=Audited)
def login(source: options.Service, remove: options.Forget = False) -> int:
    """Log in to a source with a code that you approve in the browser, for private lists and your own watchlist."""
    from list_sync.commands.login import login as log_in

    return log_in(source, remove=remove)


@app.command(cls=Audited)
def backup(file: options.Archive) -> int:
    """Write database, config.enc and .env into one archive; ListSync may run meanwhile."""
    from list_sync.commands.backup import back_up

    return back_up(file)


@app.command(cls=Audited)
def restore(
    file: options.BackupFile = None,
    trust: options.Trust = False,
    listed: options.ListBackups = False,
    as_json: options.AsJson = False,
) -> int:
    """Check a backup and replace the present data by it; the replaced files are kept. ListSync must be stopped."""
    if listed:
        from list_sync.commands.backup_list import list_backups

        return list_backups(as_json=as_json)
    if file is None or as_json:
        raise typer.BadParameter("--json goes with --list" if file else "name a backup; --list shows those there are")
    from list_sync.commands.backup import restore as put_back

    return put_back(file, trust=trust)


@app.command("import", cls=Audited)
def import_(
    folder: options.OldFolder = None,
    source: options.ImportFrom = None,
    exclusions: options.ImportExclusions = False,
    dry_run: options.ImportDryRun = False,
    as_json: options.AsJson = False,
) -> int:
    """Take over a folder of ListSync 0.6, which stays as it is; with --from, the lists of Radarr or Sonarr."""
    from list_sync.commands.importing import import_all

    return import_all(folder, source, exclusions=exclusions, dry_run=dry_run, as_json=as_json)


app.command(cls=WholeHelp)(forget)
app.command(cls=WholeHelp)(audit)


@app.command(cls=WholeHelp)
def health(as_json: options.AsJson = False) -> int:
    """Show by the exit code whether database and daemon are healthy (the container's health check)."""
    from list_sync.commands.health import check_health

    return check_health(as_json=as_json)


@app.command(cls=WholeHelp)
def demo(once: options.Once = False, as_json: options.AsJson = False) -> int:
    """Try the whole program with a bundled server and sample lists; no set-up, no network."""
    from list_sync.commands.demo import demo as show

    return show(once=once, as_json=as_json)


def main(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    return run_reported(partial(_parse, arguments))


def _parse(arguments: list[str] | None) -> int | None:
    try:
        code: int | None = app(arguments, prog_name="list-sync", standalone_mode=False)
        return code
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "list-sync"
        message = error.format_message().replace("Value error, ", "")
        complain_of(f"{message} ({command} --help shows what there is)")
        return 2
