"""`web` and `audit`: the password and the tokens of the service, and its audit log."""

from list_sync.commands.json_output import print_json
from list_sync.commands.loading import load_for_command
from list_sync.commands.opening import find_own_store, open_own_store
from list_sync.commands.printing import complain, say
from list_sync.commands.tables import print_table
from list_sync.errors import ConfigError
from list_sync.model.access import ApiToken, Deed, Scope, parse_token_name
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.moments import utc_now
from list_sync.model.shown import shown_time
from list_sync.storage.audit import MOST_LINES, find_deeds, note_deed
from list_sync.storage.sessions import find_password, forget_password
from list_sync.storage.tokens import add_token, load_tokens, revoke_token
from list_sync.web.entrance.claiming import drop_code, get_code

# The audit log says that a person at the command line did it.
ACTOR = "list-sync web"
SHOWN_LINES = 100
DEED_COLUMNS = ("when", "who", "from", "what", "of", "outcome")


def new_token(name: str, scope: Scope) -> ExitCode:
    """Make a token, and print it alone on stdout; raise ConfigError if the name cannot be used."""
    name, now = parse_token_name(name), utc_now()
    with open_own_store(load_for_command()) as store, store.writing() as connection:
        token = add_token(connection, name, scope, at=now)
        if token is None:
            raise ConfigError(f"there is a token {name}: choose another name, or `list-sync web token revoke` it first")
        note_deed(connection, HOME, Deed(now, ACTOR, "", "token new", f"{name} ({scope})", "done"))
    complain(f"the token {name} has the scope {scope}; it is not shown again")
    print(token)
    return ExitCode.OK


def show_tokens(*, as_json: bool) -> ExitCode:
    """Print the tokens, without the tokens themselves."""
    settings = load_for_command()
    store = find_own_store(settings, as_json=as_json)
    tokens: tuple[ApiToken, ...] = ()
    if store is not None:
        with store, store.reading() as connection:
            tokens = load_tokens(connection)
    if as_json:
        print_json({"tokens": tokens})
    elif tokens:
        times = [
            (shown_time(one.created_at, settings.process.zone), shown_time(one.last_used_at, settings.process.zone))
            for one in tokens
        ]
        rows = [(one.name, one.scope, *both) for one, both in zip(tokens, times, strict=True)]
        print_table(("name", "scope", "made", "last used"), rows)
    elif store is not None:
        say("there are no tokens but the one of the owner; list-sync web token new NAME makes one")
    return ExitCode.OK


def revoke(name: str) -> ExitCode:
    """Delete a token; raise ConfigError if there is none of that name."""
    now = utc_now()
    with open_own_store(load_for_command()) as store, store.writing() as connection:
        if not revoke_token(connection, name.strip()):
            raise ConfigError(f"there is no token {name}: list-sync web token list shows them")
        note_deed(connection, HOME, Deed(now, ACTOR, "", "token revoke", name.strip(), "done"))
    say(f"the token {name.strip()} is revoked")
    return ExitCode.OK


def show_code(*, reset: bool) -> ExitCode:
    """Print the code of the first claim alone on stdout; with `reset`, forget the password and end every session first.

    Raise ConfigError if there is nothing to claim.
    """
    settings = load_for_command()
    if settings.web.web_password is not None:
        raise ConfigError("the password is WEB_PASSWORD: change it there, then restart ListSync; its log-ins end")
    if not settings.web.web_password_login:
        raise ConfigError("WEB_PASSWORD_LOGIN is false: no password opens the dashboard, so there is none to choose")
    now = utc_now()
    with open_own_store(settings) as store:
        folder = store.path.parent
        with store.writing() as connection:
            if reset:
                forget_password(connection)
                note_deed(connection, HOME, Deed(now, ACTOR, "", "claim reset", "", "done"))
            elif find_password(connection) is not None:
                raise ConfigError("the password was chosen already; if it is lost: list-sync web claim --reset")
        if reset:
            drop_code(folder)
        code = get_code(folder)
    complain("open /claim of the service, give this code, and choose the password; the code works once")
    print(code)
    return ExitCode.OK


def show_audit(*, everything: bool, as_json: bool) -> ExitCode:
    """Print the last lines of the audit log, or `everything`, the newest first."""
    settings = load_for_command()
    store = find_own_store(settings, as_json=as_json)
    deeds: tuple[Deed, ...] = ()
    if store is not None:
        with store, store.reading() as connection:
            deeds = find_deeds(connection, HOME, limit=MOST_LINES if everything else SHOWN_LINES)
    if as_json:
        print_json({"audit": deeds})
    elif deeds:
        rows = [
            (
                shown_time(one.at, settings.process.zone),
                one.actor,
                one.address or "-",
                one.action,
                one.target or "-",
                one.outcome,
            )
            for one in deeds
        ]
        print_table(DEED_COLUMNS, rows, extras=("from",))
    elif store is not None:
        say("nothing was changed so far, through the service or by a command")
    return ExitCode.OK
