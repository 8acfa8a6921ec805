"""The options and arguments of commands, with their help."""

from pathlib import Path
from typing import Annotated

import typer

from list_sync.model.access import Scope


class WholeHelp(typer.core.TyperCommand):
    """A command that is described in the list of commands by its whole first sentence."""

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002
        """Return the description of the command, of any length."""
        return " ".join((self.help or "").split())


class Commands(typer.core.TyperGroup):
    """A group of commands that is described as they are."""

    get_short_help_str = WholeHelp.get_short_help_str


MOST_RUNS = 1000


def _parse_limit(value: str | int) -> int:
    """Return a number of runs, given or by default; typer's own words for a wrong one are not plain."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= MOST_RUNS):
        raise typer.BadParameter(f"write a whole number from 1 to {MOST_RUNS}")
    return int(text)


DryRun = Annotated[bool, typer.Option("--dry-run", help="Decide and report everything, change nothing on the server.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and messages on stderr.")]
# Hidden, because most people have one household and never meet the word.
Household = Annotated[str, typer.Option("--household", metavar="NAME", hidden=True, help="Of which household.")]
Lists = Annotated[
    list[str] | None,
    typer.Option("--list", metavar="PROVIDER:ID", help="Only this list, or all of a provider; repeatable."),
]
PlanOutput = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Save the plan, as in plan.json.")
]
OtherPolicy = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="What this lists.yaml would have done with the titles of --since."),
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="With --config: how far back, as in 30d; 90d by default.")
]
InsteadOf = Annotated[
    Path | None,
    typer.Option("--lists-file", metavar="FILE", help="As if this were lists.yaml; a plan then leaves no trace."),
]
AsMarkdown = Annotated[
    bool,
    typer.Option("--markdown", help="Print the plan as Markdown on stdout, for a comment, and messages on stderr."),
]
CheckPlan = Annotated[bool, typer.Option("--check", help="Exit with 5 if a sync would do something.")]
UndoneRun = Annotated[
    int, typer.Argument(metavar="RUN", min=1, max=2**31 - 1, help="The number of a run, as in `history`.")
]
PlanFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="A file of `plan -o`; `apply: false` leaves a line out.")
]
Pending = Annotated[bool, typer.Option("--pending", help="Sync, and request what the brake held as well.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Read every list and the whole server anew.")]
ShowAll = Annotated[bool, typer.Option("--all", help="Show every title, also those that need no attention.")]
WholeLog = Annotated[bool, typer.Option("--all", help="All lines that are kept.")]
Offline = Annotated[bool, typer.Option("--offline", help="Check settings and folders only.")]
CheckSources = Annotated[
    bool, typer.Option("--sources", help="Read a few public lists of every source by every route, and keep nothing.")
]
PolicyFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Check this lists.yaml alone; no server is asked.")
]
Write = Annotated[bool, typer.Option("--write", help="Write it to CONFIG_DIR/lists.schema.json.")]
Limit = Annotated[
    int, typer.Option("--limit", parser=_parse_limit, metavar="NUMBER", help="How many runs to show, from 1 to 1000.")
]
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
Snooze = Annotated[str | None, typer.Argument(metavar="TIME", help="As in 12h, 30d, 2w or 2026-12-01.")]
SnoozeOff = Annotated[bool, typer.Option("--off", help="End the snooze.")]
Archive = Annotated[str, typer.Argument(metavar="FILE.tar.gz", help="As in data/list-sync.tar.gz.")]
BackupFile = Annotated[
    str | None, typer.Argument(metavar="FILE", help="An archive of `backup`, or a copy of what it holds.")
]
ListBackups = Annotated[bool, typer.Option("--list", help="Show the backups of the data folder, and restore nothing.")]
Trust = Annotated[
    bool, typer.Option("--trust", help="Accept addresses in its config.enc that differ from what is set.")
]
SyncNow = Annotated[bool, typer.Option("--sync-now", help="Ask the running daemon to sync now, and wait for the end.")]
Version = Annotated[bool, typer.Option("--version", help="Print the version.")]
Requester = Annotated[
    str, typer.Argument(metavar="REQUESTER", help="A user of the server: number, name, display name or e-mail address.")
]
ForgetDryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
WithoutServer = Annotated[
    bool, typer.Option("--offline", help="Ask no server who it is; the typed name and what is stored of it count.")
]
Source = Annotated[str, typer.Argument(metavar="SOURCE", help="As in imdb:top, or the address of a list's page.")]
TokenName = Annotated[str, typer.Argument(metavar="NAME", help="What the token is for, as in prometheus.")]
ResetPassword = Annotated[
    bool, typer.Option("--reset", help="The password is lost: forget it, log everybody out, and make a new code.")
]
TokenScope = Annotated[Scope, typer.Option("--scope", help="What it allows; each word includes the ones before it.")]
OldFolder = Annotated[
    Path | None, typer.Argument(metavar="DIR", help="The data folder of ListSync 0.6; DATA_DIR if none is named.")
]
ImportFrom = Annotated[
    str | None,
    typer.Option("--from", metavar="PROGRAM", help="Take the import lists of another program: radarr or sonarr."),
]
ImportExclusions = Annotated[
    bool, typer.Option("--exclusions", help="With --from: also write down what it excludes from import lists.")
]
ImportDryRun = Annotated[bool, typer.Option("--dry-run", help="Report everything, write nothing.")]
