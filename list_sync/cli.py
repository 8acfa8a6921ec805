"""The command line: arguments become one command, and its result an exit code."""

from functools import partial
from typing import Annotated

import typer

from list_sync.commands.failing import complain_of, run_reported


class WholeHelp(typer.core.TyperCommand):
    """A command that is described in the list of commands by its whole first sentence."""

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002
        """Return the description of the command, of any length."""
        return " ".join((self.help or "").split())


class Commands(typer.core.TyperGroup):
    """A group of commands that is described as they are."""

    get_short_help_str = WholeHelp.get_short_help_str


app = typer.Typer(
    cls=Commands,
    help="Keep film and TV lists in step with Overseerr, Jellyseerr and Seerr.",
    epilog="Settings come from the environment, NAME_FILE secrets and .env; `list-sync check` looks at all of them.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 140},
)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Decide and report everything, change nothing on the server.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and messages on stderr.")]
Lists = Annotated[
    list[str] | None,
    typer.Option("--list", metavar="PROVIDER:ID", help="Only this list, or all of a provider; repeatable."),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Read every list and the whole server anew.")]
ShowAll = Annotated[bool, typer.Option("--all", help="Show every title, also those that need no attention.")]
Offline = Annotated[bool, typer.Option("--offline", help="Check settings and folders only.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many runs to show.")]
Once = Annotated[bool, typer.Option("--once", help="One sync, then exit.")]
OtherKind = Annotated[bool, typer.Option("--other-kind", help="The list says film, and it is a show, or the reverse.")]
Remove = Annotated[bool, typer.Option("--remove", help="Remove the pin or ban.")]
AskAgain = Annotated[bool, typer.Option("--ask-again", help="The server lost its data: request these titles again.")]
KeepAway = Annotated[bool, typer.Option("--keep-away", help="People deleted them: do not request them again.")]
Forget = Annotated[bool, typer.Option("--remove", help="Forget it.")]
Service = Annotated[str, typer.Argument(metavar="SOURCE", help="trakt, plex or simkl.")]
Setting = Annotated[str, typer.Argument(metavar="NAME", help="The setting, as in OVERSEERR_API_KEY.")]
Yes = Annotated[bool, typer.Option("--yes", help="Answer yes to every question.")]
Title = Annotated[str, typer.Argument(metavar="TITLE|ID", help='As in "Heat (1995)", tt0113277 or movie:949.')]
Target = Annotated[str | None, typer.Argument(metavar="TMDB", help="As in tmdb:movie:949 or tmdb:tv:1399.")]
Pause = Annotated[
    str | None, typer.Argument(metavar="TIME|off", help="As in 30m, 12h, 3d, 2w or 2026-12-01; off ends the pause.")
]
Archive = Annotated[str, typer.Argument(metavar="FILE.tar.gz", help="As in data/list-sync.tar.gz.")]
BackupFile = Annotated[str, typer.Argument(metavar="FILE", help="An archive of `backup`, or a copy of what it holds.")]
Trust = Annotated[
    bool, typer.Option("--trust", help="Accept addresses in its config.enc that differ from what is set.")
]
SyncNow = Annotated[bool, typer.Option("--sync-now", help="Ask the running daemon to sync now, and wait for the end.")]
Version = Annotated[bool, typer.Option("--version", help="Print the version.")]


Source = Annotated[str, typer.Argument(metavar="SOURCE", help="As in imdb:top, or the address of a list's page.")]
lists_app = typer.Typer(cls=Commands, invoke_without_command=True)
app.add_typer(lists_app, name="lists")
config_app = typer.Typer(
    cls=Commands, help="Keep secrets in the encrypted store DATA_DIR/config.enc.", no_args_is_help=True
)
app.add_typer(config_app, name="config")


@app.callback(invoke_without_command=True)
def root(context: typer.Context, sync_now: SyncNow = False, version: Version = False) -> int:
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
    dry_run: DryRun = False,
    only: Lists = None,
    fresh: Fresh = False,
    show_all: ShowAll = False,
    as_json: AsJson = False,
) -> int:
    """Sync once, now."""
    from list_sync.commands.sync import sync as sync_once

    return sync_once(dry_run=dry_run, lists=only or (), fresh=fresh, as_json=as_json, everything=show_all)


@app.command(cls=WholeHelp)
def check(offline: Offline = False, as_json: AsJson = False) -> int:
    """Check settings, folders, server and sources, and say what to fix."""
    from list_sync.commands.check import check as look

    return look(offline=offline, as_json=as_json)


@app.command(cls=WholeHelp)
def status(as_json: AsJson = False) -> int:
    """Show server, daemon, last run, lists and titles."""
    from list_sync.commands.status import show_status

    return show_status(as_json=as_json)


@app.command(cls=WholeHelp)
def history(limit: Limit = 20, as_json: AsJson = False) -> int:
    """Show the latest runs."""
    from list_sync.commands.status import show_history

    return show_history(limit=limit, as_json=as_json)


@app.command(cls=WholeHelp)
def why(title: Title, as_json: AsJson = False) -> int:
    """Show all that is known about a title: how it was matched, what was decided, and why."""
    from list_sync.commands.why import show_why

    return show_why(title, as_json=as_json)


@lists_app.callback()
def lists(context: typer.Context, as_json: AsJson = False) -> int:
    """Show every list and how it was read the last time; `lists test SOURCE` reads one now, route by route."""
    if context.invoked_subcommand is not None:
        return 0
    from list_sync.commands.lists import show_lists

    return show_lists(as_json=as_json)


@lists_app.command("test", cls=WholeHelp)
def lists_test(source: Source, as_json: AsJson = False) -> int:
    """Read a list by each of its routes and show the results; nothing is requested."""
    from list_sync.commands.lists_test import test_list

    return test_list(source, as_json=as_json)


@app.command(cls=WholeHelp)
def review(as_json: AsJson = False) -> int:
    """Decide about titles that may be several, one by one; without a terminal, show them with commands to copy."""
    from list_sync.commands.review import show_review

    return show_review(as_json=as_json)


@app.command(cls=WholeHelp)
def pin(title: Title, target: Target = None, remove: Remove = False, other_kind: OtherKind = False) -> int:
    """Set permanently which TMDB title an entry is; TMDB must have it."""
    if remove:
        from list_sync.commands.correcting import remove_correction

        return remove_correction(title)
    from list_sync.commands.pin import pin_title

    return pin_title(title, target, other_kind=other_kind)


@app.command(cls=WholeHelp)
def ban(title: Title, remove: Remove = False) -> int:
    """Never request a title."""
    if remove:
        from list_sync.commands.correcting import remove_correction

        return remove_correction(title)
    from list_sync.commands.correcting import ban_title

    return ban_title(title)


@app.command("accept-reset", cls=WholeHelp)
def accept_reset(ask_again: AskAgain = False, keep_away: KeepAway = False) -> int:
    """Decide about requests that vanished from the server at once: request again, or not."""
    from list_sync.commands.correcting import accept_reset as settle

    return settle(ask_again=ask_again, keep_away=keep_away)


@app.command(cls=WholeHelp)
def pause(length: Pause = None) -> int:
    """Start no sync for a time; without an argument, say whether there is a pause."""
    from list_sync.commands.pause import set_pause

    return set_pause(length)


@app.command(cls=WholeHelp)
def login(source: Service, remove: Forget = False) -> int:
    """Log in to a source with a code that you approve in the browser, for private lists and your own watchlist."""
    from list_sync.commands.login import login as log_in

    return log_in(source, remove=remove)


@config_app.command("set", cls=WholeHelp)
def config_set(name: Setting, remove: Forget = False) -> int:
    """Store a setting in config.enc; its value is typed, or read from stdin."""
    from list_sync.commands.config import set_value

    return set_value(name, remove=remove)


@config_app.command("show", cls=WholeHelp)
def config_show(as_json: AsJson = False) -> int:
    """Show which settings are set and where each comes from, without their values."""
    from list_sync.commands.config import show_places

    return show_places(as_json=as_json)


@config_app.command("encrypt", cls=WholeHelp)
def config_encrypt(yes: Yes = False) -> int:
    """Move the secrets of .env into config.enc; convert a config.enc of 0.6.x."""
    from list_sync.commands.config import encrypt

    return encrypt(yes=yes)


@app.command(cls=WholeHelp)
def backup(file: Archive) -> int:
    """Write database, config.enc and .env into one archive; ListSync may run meanwhile."""
    from list_sync.commands.backup import back_up

    return back_up(file)


@app.command(cls=WholeHelp)
def restore(file: BackupFile, trust: Trust = False) -> int:
    """Check a backup and replace the present data by it; the replaced files are kept. ListSync must be stopped."""
    from list_sync.commands.backup import restore as put_back

    return put_back(file, trust=trust)


@app.command(cls=WholeHelp)
def health(as_json: AsJson = False) -> int:
    """Show by the exit code whether database and daemon are healthy (the container's health check)."""
    from list_sync.commands.health import check_health

    return check_health(as_json=as_json)


@app.command(cls=WholeHelp)
def demo(once: Once = False, as_json: AsJson = False) -> int:
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
        complain_of(f"{error.format_message()} (list-sync --help shows what there is)")
        return 2
