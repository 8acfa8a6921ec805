"""Every setting as people see it: its value without secrets, where it comes from, and why it cannot be changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from pydantic import SecretStr

from list_sync.config.described import GROUPS, Description, describe_settings
from list_sync.config.environment import SECRETS_NAME, Environment
from list_sync.config.list_settings import read_lists
from list_sync.config.names import is_hidden
from list_sync.config.policy.joining import FOLLOWED, POLICY_NAMES, find_replaced
from list_sync.config.settings import COMPOSED_FIELDS, FIELDS, FORMER_NAMES, Settings
from list_sync.model.masking import mask_address
from list_sync.model.sources import ProviderInfo

NEXT_SYNC, NEXT_START = "the next sync", "the next restart"


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting for people.

    `value` is None for a secret, and where nothing is set, so that the default counts. `origin` is where it comes
    from, "" for the default. `lock` says why config.enc cannot hold it, "" if it can. `is_pending` is set if the daemon
    goes by another value, which is `in_use` if it may be shown. `problem` is what is wrong with the value.
    """

    description: Description
    value: str | None
    origin: str
    lock: str
    is_hidden: bool
    is_stored: bool
    is_pending: bool = False
    in_use: str | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """Return the name of the setting."""
        return self.description.name

    @property
    def counts_from(self) -> str:
        """Return from when a new value counts."""
        return find_start(self.name)


def find_start(name: str) -> str:
    """Return from when a new value of a setting counts: a daemon follows some, and reads others at its start."""
    field = name.lower()
    is_followed = field in FOLLOWED if field in FIELDS else not name.endswith("_BASE_URL")
    return NEXT_SYNC if is_followed else NEXT_START


def show_settings(
    environment: Environment,
    saved: Settings | None,
    present: Settings,
    providers: Mapping[str, ProviderInfo],
    problems: tuple[str, ...] = (),
) -> tuple[Shown, ...]:
    """Return every setting once, group by group; `saved` is what the environment says, None if that is wrong."""
    replaced = _find_replaced(present)
    show = partial(_show, environment, saved, present, providers, problems, replaced)
    described = describe_settings(providers.values()).values()
    order = {group: place for place, group in enumerate(GROUPS)}
    return tuple(map(show, sorted(described, key=lambda one: order[one.group])))


def _show(
    environment: Environment,
    saved: Settings | None,
    present: Settings,
    providers: Mapping[str, ProviderInfo],
    problems: tuple[str, ...],
    replaced: Mapping[str, tuple[str, str]],
    description: Description,
) -> Shown:
    name = description.name
    place = find_place(environment, name)
    hidden = is_hidden(name)
    problem = next((one for one in problems if one.startswith((f"{name}:", f"{name} ("))), "")
    found = Shown(
        description,
        value=None if hidden or problem else _find_text(environment, name, providers),
        origin=place,
        lock=_find_lock(description, place),
        is_hidden=hidden,
        is_stored=SECRETS_NAME in environment.places and name in environment.layers[-1],
        problem=problem,
    )
    if name in replaced:
        origin, counted = replaced[name]
        return replace(found, value=counted, origin=origin, lock=f"stated in {origin}: change it there")
    if saved is None or (used := value_in(present, name, providers)) == value_in(saved, name, providers):
        return found
    return replace(found, is_pending=True, in_use=None if hidden else _as_text(used))


def _find_replaced(present: Settings) -> dict[str, tuple[str, str]]:
    """Return by the name of a setting which line of lists.yaml replaces it, and what counts."""
    replaced = find_replaced(present)
    if not replaced:
        return {}
    # Imported here, because without a lists.yaml no YAML is needed.
    from list_sync.config.policy.origins import find_lines

    lines, file = find_lines(present, [key for key, _ in replaced.values()]), POLICY_NAMES[0]
    places = {key: f"{file}, line {lines[key]}" if key in lines else f"{file}, {key}" for key, _ in replaced.values()}
    return {name: (places[key], counted) for name, (key, counted) in replaced.items()}


def find_place(environment: Environment, name: str) -> str:
    """Return where a setting comes from, "" if it is not set."""
    former = FORMER_NAMES.get(name, name)
    place = environment.place_of(name)
    return place or (f"{former} ({environment.place_of(former)})" if environment.place_of(former) else "")


def _find_lock(description: Description, place: str) -> str:
    if place not in ("", SECRETS_NAME):
        return f"set in {place}, which wins over {SECRETS_NAME}: change it there, then restart"
    return f"not changed on a page, because {description.not_here}" if description.not_here else ""


def _find_text(environment: Environment, name: str, providers: Mapping[str, ProviderInfo]) -> str | None:
    """Return the text of a setting without secrets."""
    provider = next((one for one in providers.values() if one.lists_setting == name), None)
    if provider is not None:
        lists = read_lists(environment, [provider])[provider.name].lists
        return ", ".join(ref.shown_id for ref in lists) or None
    text = environment.find(name) or environment.find(FORMER_NAMES.get(name, name))
    return mask_address(text) if text else None


def value_in(settings: Settings, name: str, providers: Mapping[str, ProviderInfo]) -> object:
    """Return the value of a setting, as far as the environment states it."""
    alone, field = settings.environment or settings.household, name.lower()
    if field in FIELDS and field not in COMPOSED_FIELDS:
        models = (alone, settings.process, settings.web)
        return next(getattr(model, field) for model in models if field in type(model).model_fields)
    for provider in providers.values():
        if provider.lists_setting == name:
            return tuple(ref.shown_id for ref in alone.lists if ref.provider == provider.name)
        if name == f"{provider.lists_setting.removesuffix('_LISTS')}_BASE_URL":
            return settings.process.base_urls.get(provider.name)
    return alone.credentials.get(name)


def _as_text(value: object) -> str:
    """Return a value in use without secrets."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if value is None:
        return ""
    text = (
        value.get_secret_value()
        if isinstance(value, SecretStr)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
    return mask_address(text)
