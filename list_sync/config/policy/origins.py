"""Where each term of a list comes from: a line of lists.yaml, a setting, or nowhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from list_sync.config.policy.documents import Node, Unreadable, parse_document
from list_sync.config.policy.naming import find_sources
from list_sync.config.policy.reading import LISTS_NAME, MARK, load_text
from list_sync.config.settings import Settings
from list_sync.errors import ConfigError
from list_sync.model.sources import ListKey, ProviderInfo

# The settings that a key of lists.yaml replaces, the first that is set.
_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "requester": ("overseerr_user_id",),
    "quality": ("overseerr_4k",),
    "schedule": ("sync_schedule", "sync_interval"),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value is stated: `file` and `line`, or a `setting`; neither is the default."""

    line: int = 0
    is_default_of_file: bool = False
    setting: str = ""

    def __str__(self) -> str:
        if self.line:
            return f"{LISTS_NAME}, line {self.line}{', defaults' if self.is_default_of_file else ''}"
        return self.setting or "default"


def find_origins(
    settings: Settings, key: ListKey, keys: Iterable[str], providers: Mapping[str, ProviderInfo]
) -> dict[str, Origin]:
    """Return where each of these keys of a list is stated; a file that cannot be read just now has no lines."""
    root = _load_root(settings)
    refs = find_sources(root, providers)[0].entries if root else ()
    place = next((number for number, ref in enumerate(refs) if ref is not None and ref.key == key), None)
    return {name: _find_origin(settings, root, place, name) for name in keys}


def find_lines(settings: Settings, keys: Iterable[str]) -> dict[str, int]:
    """Return the line of each key of lists.yaml such as `caps.per_day`, of those that it states now."""
    root = _load_root(settings)
    found = {key: _line_of(root, tuple(key.split("."))) for key in keys} if root else {}
    return {key: line for key, line in found.items() if line}


def find_exclusions(settings: Settings) -> dict[str, Origin]:
    """Return where each title or name of `exclusions` is stated, by the words in the reason of an excluded title."""
    root = _load_root(settings)
    stated = root.find(("exclusions",)).node.content if root else ()
    found: dict[str, Origin] = {}
    for entry in stated if isinstance(stated, tuple) else ():
        for kind, (place, node) in entry.content.items() if isinstance(entry.content, Mapping) else ():
            words = f"{'on' if kind == 'list' else kind} {node.plain()}"
            found.setdefault(f"excluded: {words}", Origin(place.line))
    return found


def _load_root(settings: Settings) -> Node | None:
    if settings.policy_file is None:
        return None
    try:
        return parse_document(load_text(settings.policy_file.path).removeprefix(MARK))[0]
    except (ConfigError, Unreadable):
        return None


def _find_origin(settings: Settings, root: Node | None, place: int | None, name: str) -> Origin:
    if root is not None and place is not None and (line := _line_of(root, ("lists", place, name))):
        return Origin(line)
    if root is not None and (line := _line_of(root, ("defaults", name))):
        return Origin(line, is_default_of_file=True)
    alone = settings.environment or settings.household
    for field in _SETTINGS.get(name, ()):
        if getattr(alone, field) != type(alone).model_fields[field].get_default():
            return Origin(setting=field.upper())
    return Origin()


def _line_of(root: Node, path: tuple[int | str, ...]) -> int:
    found = root.find(path)
    is_short = found.path == path[:-1] and path[-1] == "source" and isinstance(found.node.content, str)
    return found.place.line if found.path == path or is_short else 0
