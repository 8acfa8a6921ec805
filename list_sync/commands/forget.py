"""`forget`: remove what is stored of a person, after a question; and say what still names the person elsewhere."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from list_sync.clients import build_client
from list_sync.commands.asking import require_yes
from list_sync.commands.json_output import print_json
from list_sync.commands.loading import introduce
from list_sync.commands.opening import find_own_store
from list_sync.commands.printing import complain, say
from list_sync.commands.tables import print_table
from list_sync.config import Settings, find_state_folder, has_secrets
from list_sync.config.folders import CACHE_NAME, StateFolder
from list_sync.config.household_files import find_files
from list_sync.daemon.heartbeat import has_daemon
from list_sync.daemon.stopping import Stopping, stopped_by_signals
from list_sync.database.file_cache import FileCache
from list_sync.database.known_backups import find_backups
from list_sync.database.rewriting import rewrite_file
from list_sync.database.store import Store
from list_sync.errors import ConfigError, ServiceError, StorageError, StorageUnavailable
from list_sync.files.lock import holding_run_lock
from list_sync.forgetting.persons import Forgotten, forget_person
from list_sync.forgetting.remains import find_in_files, find_stating
from list_sync.main import find_further, prepare_settings
from list_sync.model.access import Deed
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.moments import utc_now
from list_sync.model.users import ServerUser
from list_sync.sources import open_cache_of
from list_sync.storage.audit import note_deed

ACTOR = "list-sync forget"
MOST_SHOWN = 20
# What becomes of the records of each kind.
FATES = {
    "requests": "kept without the user, so that none is made twice",
    "titles": "kept; their reasons do not name the person",
    "events": "kept; their reasons do not name the person",
    "runs": "kept; they do not name the person",
    "words": "other texts, kept without the name",
    "audit lines": "kept without name and address",
    "lists": "of the person's accounts: deleted, with copies and links to titles",
    "names": "that were remembered: deleted",
    "log-ins": "deleted",
    "tokens": "of this name: deleted",
    "messages": "that were told or wait: deleted",
    "plans": "deleted",
}


@dataclass(frozen=True, slots=True)
class _Report:
    """What was found and done, what names the person still, and what the program does not change."""

    stated: str
    found: Forgotten
    is_trial: bool
    remains: Sequence[str]
    notes: Sequence[str]


def forget(requester: str, *, is_trial: bool, offline: bool, yes: bool, as_json: bool, household: str = HOME) -> int:
    """Show what is stored of a person, and remove it after a question; raise NotTrusted if the answer is no."""
    stated = requester.strip()
    if not stated:
        raise ConfigError("forget needs a user of the server: a number, a name, a display name or an e-mail address")
    settings = introduce(prepare_settings())
    homes = {HOME: settings, **_load_further(settings)}
    if household not in homes:
        raise ConfigError(f"there is no household {household}: households are {', '.join(homes)}")
    store = find_own_store(settings, as_json=as_json)
    if store is None:
        return ExitCode.OK
    with stopped_by_signals() as stopping, store:
        users = {} if offline else {name: _fetch_users(one, stated, stopping) for name, one in homes.items()}
        found = forget_person(store, stated, users, numbers_count_in=household, is_trial=True)
        report = _build_report(stated, found, homes, users, is_trial=is_trial)
        if not as_json:
            _print(report)
        if not is_trial:
            if not yes:
                may_ask = not as_json and sys.stdin.isatty()
                require_yes(f"Forget {stated}? This cannot be undone.", what="forget", may_ask=may_ask)
            with holding_run_lock(store.path.parent, stop=stopping.event):
                forget_person(store, stated, users, numbers_count_in=household, is_trial=False)
                _clean_files(settings, store, stopping)
    if as_json:
        print_json(_build_object(report))
    elif not is_trial:
        say(f"{stated} is forgotten; the database and the cache were written anew without the deleted bytes")
    return ExitCode.OK


def _load_further(settings: Settings) -> dict[str, Settings]:
    """Return the settings of the further households; one whose file is wrong is left out, and named."""
    found = {}
    for name in find_files(settings.process.config_dir):
        try:
            found[name] = find_further(settings, name)
        except ConfigError as error:
            complain(*(f"warning: household {name}: its server is not asked: {one}" for one in error.problems))
    return found


def _fetch_users(settings: Settings, stated: str, stopping: Stopping) -> tuple[ServerUser, ...]:
    try:
        with closing(build_client(settings, stop=stopping.event)) as client:
            return client.fetch_users()
    except (ServiceError, ConfigError):
        complain(
            f"household {settings.household.name}: its server knows the other names of the person and the e-mail"
            f" address; without it, `list-sync forget {stated} --offline` goes by what is stored here"
        )
        raise


def _clean_files(settings: Settings, store: Store, stopping: Stopping) -> None:
    """Leave no bytes of what was deleted in the cache and in the database, whose log is emptied last."""
    path = store.path.with_name(CACHE_NAME)
    # The file may be from the time before REDIS_URL was set.
    with closing(FileCache(path, now=utc_now)) as file:
        left = [] if file.clear() else [str(path)]
    with closing(open_cache_of(settings, path, now=utc_now, stop=stopping.event)) as cache:
        left += [] if cache.clear() else ["the cache in Redis (REDIS_URL)"]
    try:
        with store.writing() as connection:
            note_deed(connection, HOME, Deed(utc_now(), ACTOR, "", "forget", "a person", "done"))
        rewrite_file(store.path)
        if left:
            raise StorageUnavailable(f"{left[0]} cannot be emptied now")
    except StorageError as error:
        told = "the records do not name the person any more, but bytes of what was deleted may be left"
        raise type(error)(f"{error}; {told}: then run the command again") from error


def _build_report(
    stated: str,
    found: Forgotten,
    homes: Mapping[str, Settings],
    users: Mapping[str, Sequence[ServerUser]],
    *,
    is_trial: bool,
) -> _Report:
    settings, identity = homes[HOME], found.identities.get(HOME, found.names)
    folder = find_state_folder(settings.process.data_dir)
    backups = [backup.path for backup in find_backups(folder.path)]
    in_files = find_in_files(settings, identity, apart_from=backups)
    return _Report(
        stated,
        found,
        is_trial,
        tuple(dict.fromkeys([*find_stating(homes, found.identities), *map(str, in_files)])),
        tuple(_note_limits(settings, folder, found, users, backups)),
    )


def _note_limits(
    settings: Settings,
    folder: StateFolder,
    found: Forgotten,
    users: Mapping[str, Sequence[ServerUser]],
    backups: Sequence[Path],
) -> Iterator[str]:
    """Yield what this command does not change."""
    for name, known in users.items():
        number = found.identities[name].number if name in found.identities else None
        if any(user.user_id == number for user in known):
            yield f"household {name}: user {number} and the requests are still on the server: delete them there"
    if backups:
        shown = ", ".join(path.name for path in backups[:3])
        more = f" and {len(backups) - 3} more" if len(backups) > 3 else ""
        yield f"backups keep everything as it was, until you delete them: {shown}{more}"
    if has_secrets(settings.process):
        yield "config.enc may hold log-ins of the person: list-sync login SOURCE --remove deletes one"
    if has_daemon(folder):
        yield "the running ListSync keeps the last lines of its log in memory until it is started again"
    yield "what was printed before is in the log of the container or of the system, and not changed"


def _print(report: _Report) -> None:
    users = [
        f"user {one.number} of household {name}"
        for name, one in report.found.identities.items()
        if one.number is not None
    ]
    say(f"{report.stated}: {', '.join(users) or 'no user of a server; the name counts'}")
    rows = [(str(number), kind, FATES[kind]) for kind, number in report.found.counts.items() if number]
    if rows:
        print_table(("records", "of", "what happens"), rows)
    else:
        say("the records do not name this person")
    if report.remains:
        say("", "this still names the person, and is yours to change:")
        say(*(f"  {one}" for one in report.remains[:MOST_SHOWN]))
        if len(report.remains) > MOST_SHOWN:
            say(f"  and {len(report.remains) - MOST_SHOWN} more (--json shows all)")
    say("", "not changed by this command:", *(f"  {one}" for one in report.notes))
    say("")


def _build_object(report: _Report) -> dict[str, object]:
    return {
        "requester": report.stated,
        "users": {name: one.number for name, one in report.found.identities.items()},
        "dry_run": report.is_trial,
        "records": {kind: number for kind, number in report.found.counts.items() if number},
        "still_names": list(report.remains),
        "not_changed": list(report.notes),
    }
