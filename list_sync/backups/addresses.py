"""The addresses in a backup's config.enc: keys of the present settings would be sent there."""

from collections.abc import Callable, Sequence
from pathlib import Path

from list_sync.config.encrypted import open_encrypted
from list_sync.config.environment import PASSPHRASE, Environment
from list_sync.errors import ConfigError, NotTrusted
from list_sync.model.masking import mask_address

_SEALED = f"without the {PASSPHRASE} with which it was made it cannot be opened, so its addresses are not known"
# Told what is not known to be the user's own, it returns whether the user accepts it.
Trust = Callable[[Sequence[str]], bool]


def require_trust(path: Path, environment: Environment, *, source: Path, is_trusted: Trust) -> None:
    """Raise NotTrusted if config.enc at `path` may have addresses that differ from what is set, unless it is accepted.

    A file that cannot be opened may have any addresses.
    """
    try:
        stored = sorted(open_encrypted(path, environment.find(PASSPHRASE)).load().items())
    except ConfigError:
        if not is_trusted([f"config.enc of the backup: {_SEALED}"]):
            advice = f"Set that {PASSPHRASE}; or, if the backup is yours, restore it with --trust"
            raise NotTrusted(f"{source} is not restored because of its config.enc: {_SEALED}. {advice}") from None
        return
    foreign = [_describe(name, text, environment) for name, text in stored if _is_foreign(name, text, environment)]
    if foreign and not is_trusted([f"config.enc of the backup sets {one}" for one in foreign]):
        named = "; ".join(foreign)
        raise NotTrusted(
            f"{source} is not restored: its config.enc has addresses that differ from what is set: {named}."
            " If they are yours, restore it with --trust"
        )


def _is_foreign(name: str, text: str, environment: Environment) -> bool:
    is_address = "://" in text or name.endswith(("_URL", "_PROXY"))
    return is_address and text.strip() != environment.find(name)


def _describe(name: str, text: str, environment: Environment) -> str:
    present = environment.find(name)
    return f"{name} {_shown(text)} ({f'now {_shown(present)}' if present else 'not set now'})"


def _shown(text: str) -> str:
    return ", ".join(mask_address(part.strip()) for part in text.split(","))
