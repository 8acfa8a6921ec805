"""The settings of ListSync 0.6: of its database, in part encrypted, and of its config.enc.

What is set already counts; what is set nowhere goes into config.enc.
"""

import base64
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from list_sync.config.environment import Environment
from list_sync.config.names import check_value, is_hidden
from list_sync.config.secrets import describe_owner
from list_sync.database.old_database import OldDatabase
from list_sync.errors import ConfigError
from list_sync.files.opening import is_closed, read_file
from list_sync.importing.cells import find_text
from list_sync.importing.report import Fate, Report, Thing
from list_sync.model.masking import mask_address
from list_sync.model.sources import ProviderInfo

KEY_FILE = ".encryption_key"
KEY_SETTING = "ENCRYPTION_KEY"
_LARGEST_KEY = 4096
_NAMES = {
    "overseerr_url": "OVERSEERR_URL",
    "overseerr_api_key": "OVERSEERR_API_KEY",
    "overseerr_user_id": "OVERSEERR_USER_ID",
    "overseerr_4k": "OVERSEERR_4K",
    "sync_interval": "SYNC_INTERVAL",
    "auto_sync": "AUTOMATED_MODE",
    "automated_mode": "AUTOMATED_MODE",
    "timezone": "TZ",
    "trakt_client_id": "TRAKT_CLIENT_ID",
    "trakt_special_items_limit": "TRAKT_SPECIAL_ITEMS_LIMIT",
    "discord_webhook": "DISCORD_WEBHOOK_URL",
    "discord_webhook_url": "DISCORD_WEBHOOK_URL",
    "tmdb_key": "TMDB_KEY",
    "tvdb_key": "TVDB_KEY",
    "simkl_client_id": "SIMKL_CLIENT_ID",
    "simkl_user_token": "SIMKL_USER_TOKEN",
}
_USUAL = {
    "OVERSEERR_USER_ID": "1",
    "OVERSEERR_4K": "false",
    "AUTOMATED_MODE": "true",
    "SYNC_INTERVAL": "24",
    "TZ": "UTC",
    "TRAKT_SPECIAL_ITEMS_LIMIT": "20",
}
_WITHOUT_EFFECT = {
    "frontend_domain": "the dashboard is at the port of the service now (WEB_PORT)",
    "backend_domain": "the dashboard is at the port of the service now (WEB_PORT)",
    "nuxt_public_api_url": "the dashboard is at the port of the service now (WEB_PORT)",
    "discord_enabled": "messages are on as soon as DISCORD_WEBHOOK_URL is set",
}
# The address would be given our key.
_OTHER_KEY = (
    "OVERSEERR_API_KEY is set here already, and may be that of another server: set OVERSEERR_URL as well, if it is for"
    " this one"
)
# 0.6 asked for every title as the user of its list.
NOTE_ON_USER = (
    "OVERSEERR_USER_ID had no effect in ListSync 0.6, which requested as the user of each list. It has one now: titles"
    " of lists without a requester are requested as user {user}"
)


@dataclass(slots=True)
class OldSettings:
    """The settings of 0.6 by their names here, and what is known of those that could not be read."""

    values: dict[str, str] = field(default_factory=dict)
    is_discord_off: bool = False


def read_settings(old: OldDatabase, folder: Path, environment: Environment, report: Report) -> OldSettings:
    """Return the settings of the tables; report those that cannot be read, and those without a counterpart."""
    found, keys = OldSettings(), None
    for key, value, is_encrypted in old.rows("app_settings", "key", "value", "is_encrypted"):
        name, text = find_text(key).lower(), find_text(value)
        if name == "discord_enabled":
            found.is_discord_off = text.lower() in ("false", "0")
        if name.endswith("_lists") or not text:
            continue
        if name in _WITHOUT_EFFECT:
            report.add(Fate.LEFT, Thing.SETTING, _WITHOUT_EFFECT[name], name)
        elif name not in _NAMES:
            report.add(Fate.LEFT, Thing.SETTING, "this version has no such setting", name)
        elif not is_encrypted:
            found.values[_NAMES[name]] = _plain(name, text)
        else:
            keys = list(_find_keys(folder, environment)) if keys is None else keys
            plain = _decrypt(text, keys)
            if plain is not None:
                found.values[_NAMES[name]] = plain
            elif environment.find(_NAMES[name]) is not None:
                report.add(Fate.KNOWN, Thing.SETTING, _describe_present(_NAMES[name], environment), _NAMES[name])
            else:
                report.add(Fate.OPEN, Thing.SETTING, _describe_lost(folder, keys), _NAMES[name])
    for (hours,) in old.rows("sync_interval", "interval_hours"):
        interval = _find_interval(hours)
        # Once it was stored, this table counted, and the setting did not.
        found.values |= {"SYNC_INTERVAL": interval} if interval else {}
    return found


def _describe_present(name: str, environment: Environment) -> str:
    place = environment.place_of(name) or "environment"
    return f"set in {'the environment' if place == 'environment' else place}"


def _plain(name: str, text: str) -> str:
    """Return a setting in our spelling; of all that can mean true, 0.6 took only that word for 4K."""
    if name == "overseerr_4k":
        return "true" if text.lower() == "true" else "false"
    return text.lower() if text in ("True", "False") else text


def _find_interval(hours: object) -> str:
    try:
        number = float(find_text(hours))
    except ValueError:
        return ""
    return f"{number:g}" if number > 0 else ""


def _find_keys(folder: Path, environment: Environment) -> Iterator[Fernet]:
    """Yield the keys that can be one: that of the file, which 0.6 preferred, and that of the environment."""
    texts = [environment.find(KEY_SETTING)]
    try:
        texts.insert(0, read_file(folder / KEY_FILE, _LARGEST_KEY).decode("ascii").strip())
    except (OSError, ValueError):
        texts.insert(0, None)
    for text in filter(None, texts):
        try:
            yield Fernet(text)
        except ValueError:
            continue


def _decrypt(text: str, keys: Collection[Fernet]) -> str | None:
    """Return the value of an encrypted setting; 0.6 stored the token as it is, or as base64 of it."""
    for token in (text.encode(), _decode(text)):
        for key in keys:
            try:
                return find_text(key.decrypt(token))
            except (InvalidToken, TypeError):
                continue
    return None


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text)
    except ValueError:
        return b""


def _describe_lost(folder: Path, keys: Collection[Fernet]) -> str:
    place = folder / KEY_FILE
    if is_closed(place):
        return f"the key is in {place}, which may not be read: {describe_owner(str(place))}; then import again"
    fault = f"{place} is not the key that it was encrypted with" if keys else f"its key {place} is missing or damaged"
    advice = f"put the right one there (or set {KEY_SETTING}) and import again, or type it: list-sync config set NAME"
    return f"{fault}: {advice}"


def plan_settings(
    old: OldSettings,
    environment: Environment,
    providers: Mapping[str, ProviderInfo],
    *,
    imported: Collection[str],
    report: Report,
) -> dict[str, str]:
    """Return what config.enc is to get; `imported` are the names of an earlier import."""
    new: dict[str, str] = {}
    for name, text in old.values.items():
        fate, reason = _judge(name, text, old, environment, providers, imported)
        if fate is Fate.TAKEN:
            new[name] = text
        else:
            report.add(fate, Thing.SETTING, reason, show_setting(name, text))
    return new


def show_setting(name: str, text: str) -> str:
    """Return a setting as it may be shown."""
    return name if is_hidden(name) else f"{name}={mask_address(text)}"


def _judge(
    name: str,
    text: str,
    old: OldSettings,
    environment: Environment,
    providers: Mapping[str, ProviderInfo],
    imported: Collection[str],
) -> tuple[Fate, str]:
    present = environment.find(name)
    if present is not None:
        is_same = present == text if is_hidden(name) else _is_same(present, text)
        return (
            Fate.KNOWN,
            f"{_describe_present(name, environment)}{'' if is_same else ' to another value, which counts'}",
        )
    key = environment.find("OVERSEERR_API_KEY")
    if name == "OVERSEERR_URL" and key is not None and key != old.values.get("OVERSEERR_API_KEY"):
        return Fate.OPEN, _OTHER_KEY
    if _is_same(_USUAL.get(name, ""), text):
        return Fate.KNOWN, "the same without being set"
    if name in imported:
        return Fate.LEFT, "imported before, and removed since"
    if name == "DISCORD_WEBHOOK_URL" and old.is_discord_off:
        return Fate.LEFT, "messages to Discord were switched off"
    if name == "AUTOMATED_MODE":
        advice = "set AUTOMATED_MODE=false for one sync at each start, or list-sync pause"
        return Fate.OPEN, f"syncs began by hand only, and begin by themselves now: {advice}"
    try:
        check_value(name, text, providers)
    except ConfigError as error:
        return Fate.OPEN, f"{error.problems[0].removeprefix(f'{name}: ')}; list-sync config set {name} stores another"
    return Fate.TAKEN, ""


def _is_same(one: str, other: str) -> bool:
    return one.strip().rstrip("/").casefold() == other.strip().rstrip("/").casefold()
