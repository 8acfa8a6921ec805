"""The groups of commands: settings, and the service of the daemon."""

import typer

from list_sync import options
from list_sync.cli.audited import Audited
from list_sync.model.access import Scope
from list_sync.options import Commands, WholeHelp

config_app = typer.Typer(cls=Commands, help="The file lists.yaml, and secrets in the encrypted store config.enc.")
web_app = typer.Typer(cls=Commands, help="The service of the daemon: its password, tokens and audit log.")
token_app = typer.Typer(cls=Commands, help="Make, list and revoke tokens of the service.")
web_app.add_typer(token_app, name="token")
notify_app = typer.Typer(cls=Commands, help="The messages that tell people what happened.")


@notify_app.command("test", cls=WholeHelp)
def notify_test(as_json: options.AsJson = False) -> int:
    """Send a test message to each service of NOTIFY_URLS and DISCORD_WEBHOOK_URL, and say which took it."""
    from list_sync.commands.notify import send_test

    return send_test(as_json=as_json)


@config_app.command("set", cls=Audited)
def config_set(name: options.Setting, remove: options.Forget = False) -> int:
    """Store a setting in config.enc; its value is typed, or read from stdin."""
    from list_sync.commands.config import set_value

    return set_value(name, remove=remove)


@config_app.command("show", cls=WholeHelp)
def config_show(as_json: options.AsJson = False) -> int:
    """Show which settings are set and where each comes from, without their values."""
    from list_sync.commands.config import show_places

    return show_places(as_json=as_json)


@config_app.command("encrypt", cls=Audited)
def config_encrypt(yes: options.Yes = False) -> int:
    """Move the secrets of .env into config.enc; convert a config.enc of 0.6.x."""
    from list_sync.commands.config import encrypt

    return encrypt(yes=yes)


@config_app.command("init", cls=Audited)
def config_init() -> int:
    """Write CONFIG_DIR/lists.yaml from the lists and caps that are set today, with comments that explain."""
    from list_sync.commands.lists_file import init_file

    return init_file()


@config_app.command("schema", cls=WholeHelp)
def config_schema(write: options.Write = False) -> int:
    """Print the JSON Schema of lists.yaml, by which editors complete and check it."""
    from list_sync.commands.lists_file import print_schema

    return print_schema(write=write)


@token_app.command("new", cls=WholeHelp)
def token_new(name: options.TokenName, scope: options.TokenScope = Scope.READ) -> int:
    """Make a token and print it, this once; ListSync may run meanwhile."""
    from list_sync.commands.web import new_token

    return new_token(name, scope)


@token_app.command("list", cls=WholeHelp)
def token_list(as_json: options.AsJson = False) -> int:
    """Show the tokens: name, scope, when made and last used."""
    from list_sync.commands.web import show_tokens

    return show_tokens(as_json=as_json)


@token_app.command("revoke", cls=WholeHelp)
def token_revoke(name: options.TokenName) -> int:
    """Delete a token; its next request is refused."""
    from list_sync.commands.web import revoke

    return revoke(name)


@web_app.command("claim", cls=WholeHelp)
def web_claim(reset: options.ResetPassword = False) -> int:
    """Print the code with which the first person chooses the password of the dashboard at /claim."""
    from list_sync.commands.web import show_code

    return show_code(reset=reset)


@web_app.command(cls=WholeHelp)
def audit(everything: options.WholeLog = False, as_json: options.AsJson = False) -> int:
    """Show the last 100 log-ins and changes, by the service and by commands: who, from where, what, and the outcome."""
    from list_sync.commands.web import show_audit

    return show_audit(everything=everything, as_json=as_json)
