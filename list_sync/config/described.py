"""What each setting is, for people: one text for docs/settings.md and for the page of the settings."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from list_sync.config.settings import FIELDS, setting_names
from list_sync.model.sources import ProviderInfo

# The groups in their order: the title of each, and what is in it.
GROUPS: Mapping[str, tuple[str, str]] = {
    "server": ("Server", "what requests go to"),
    "caps": ("Never too much", "how much is requested"),
    "sources": ("Sources", "keys and accounts"),
    "when": ("When", "schedule and cache"),
    "access": ("Notifications and access", "who is told, who may come in"),
    "lists": ("Lists", "those that are not in lists.yaml"),
    "other": ("Everything else", "network, folders, log, addresses of sources"),
}
OF_EACH_PROVIDER = ("*_LISTS", "*_BASE_URL")
NO_DEFAULT = "–"
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Description:
    """A setting for people; the keys are those of settings.toml. An empty `not_here` lets the page change it."""

    name: str
    group: str
    text: str
    default: str = ""
    choices: tuple[str, ...] = ()
    example: str = ""
    key: str = ""
    not_here: str = ""
    test: str = ""

    @property
    def plain_text(self) -> str:
        """Return the text without the addresses of its links."""
        return _LINK.sub(r"\1", self.text)

    @property
    def summary(self) -> str:
        """Return the first part of the text."""
        return re.split(r"(?<=[^.;:])[.;](?: |$)", self.plain_text, maxsplit=1)[0]


@cache
def load_descriptions() -> Mapping[str, Description]:
    """Return what settings.toml says, in its order; OF_EACH_PROVIDER stand for the settings of all providers."""
    document = tomllib.loads((files("list_sync.config") / "settings.toml").read_text(encoding="utf-8"))
    return {
        name: Description(name, **values | {"choices": tuple(values.get("choices", ()))})
        for name, values in document.items()
    }


def describe_settings(providers: Iterable[ProviderInfo]) -> dict[str, Description]:
    """Return the description of every setting, each once: those of settings.toml in its order, then all others."""
    known, infos = load_descriptions(), tuple(providers)
    described = dict(_expand(known, infos))
    of_custom = (name for name in setting_names(infos) if name not in described)
    return described | {name: Description(name, "sources", "a setting of a provider of yours") for name in of_custom}


def _expand(known: Mapping[str, Description], providers: tuple[ProviderInfo, ...]) -> Iterator[tuple[str, Description]]:
    for name, description in known.items():
        if name not in OF_EACH_PROVIDER:
            choices = ("true", "false") if _is_boolean(name) else description.choices
            yield name, replace(description, default=find_default(name), choices=choices)
            continue
        for provider in providers:
            stem = provider.lists_setting.removesuffix("_LISTS")
            own = f"{stem}{name.removeprefix('*')}"
            text = f"lists of {provider.name}" if name == "*_LISTS" else f"{description.text} (of {provider.name})"
            yield own, replace(description, name=own, text=text)


def _is_boolean(name: str) -> bool:
    field = FIELDS.get(name.lower())
    return field is not None and field.annotation is bool


def find_default(name: str) -> str:
    """Return the default of a setting as people write it; "" for none."""
    field = FIELDS.get(name.lower())
    value = field.default if field is not None else None
    if value in (None, (), ""):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
