"""Says in plain words what is wrong in lists.yaml: each fault in one line with its place, in the order of the lines."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from list_sync.config.policy.documents import Fault, Node
from list_sync.config.policy.filter_forms import Form
from list_sync.config.policy.forms import DefaultsForm, ListForm, SourceForm
from list_sync.config.policy.leaves import find_nearest
from list_sync.model.names import find_near, lists_setting_of

_SECRET = re.compile(r"(api_?)?key|.*(token|password|passwd|passphrase|secret|api_?key)", re.IGNORECASE)
MOST_TOLD = 100
LONGEST = 600
# Words of other programs for keys of ours.
_OTHER_WORDS = {
    "list": "source",
    "url": "source",
    "id": "source",
    "address": "source",
    "title": "name",
    "user": "requester",
    "user_id": "requester",
    "4k": "quality",
    "is_4k": "quality",
    "season": "seasons",
    "monitor": "seasons",
    "interval": "schedule",
    "cron": "schedule",
    "exclude": "exclude_lists",
}


def describe_faults(path: Path, faults: Iterable[Fault]) -> tuple[str, ...]:
    """Return one line for each fault, in the order of the lines of the file; of very many, the first ones."""
    unique = list(dict.fromkeys(sorted(faults)))
    told = [f"{path}:{line}:{column}: {_fit(text)}" for (line, column), text in unique[:MOST_TOLD]]
    more = len(unique) - MOST_TOLD
    return (*told, f"{path}: {more} more faults; mend these first") if more > 0 else tuple(told)


def _fit(text: str) -> str:
    """Return a text of one line that is not too long; it may repeat any key of the file."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def find_faults(error: ValidationError, root: Node, model: type[Form], settings: Collection[str]) -> list[Fault]:
    """Return the faults that a model found in a document; `settings` are the names of all settings."""
    found = (_describe(problem, root, model, settings) for problem in error.errors(include_url=False))
    return [fault for fault in found if fault is not None]


def _describe(problem: Mapping[str, Any], root: Node, model: type[Form], settings: Collection[str]) -> Fault | None:
    path: tuple[int | str, ...] = problem["loc"]
    place, node, there = root.find(path)
    match problem["type"]:
        case "extra_forbidden":
            return Fault(place, _describe_unknown(str(path[-1]), path[:-1], root, model, settings))
        case "missing":
            # A key without a value is a fault of its own.
            if node.content is None or _find_provider(node, settings):
                return None
            return Fault(place, _say(there, f"{path[-1]} is missing; {_advise(path, model)}"))
        case "model_type" | "model_attributes_type" | "dict_type":
            return Fault(place, _say(there, f"a map belongs here; {_advise(there, model)}"))
        case "tuple_type" | "list_type":
            return Fault(place, _say(there, f"a list belongs here; {_advise(there, model)}"))
        case "too_short":
            # A list whose entries are wrong is empty, too.
            is_empty = not node.content
            return Fault(place, _say(there, f"the list is empty; {_advise(there, model)}")) if is_empty else None
        case "one_value":
            found = "map" if isinstance(node.content, Mapping) else "list"
            return Fault(node.place, _say(there, f"one value belongs here, not a {found}; {_advise(there, model)}"))
        case _:
            return Fault(node.place, _say(there, problem["msg"].removeprefix("Value error, ")))


def _say(path: Sequence[int | str], text: str) -> str:
    name = _name_of(path)
    return f"{name}: {text}" if name else text


def _name_of(path: Sequence[int | str]) -> str:
    """Return a path as people read it, without the list that its line shows: `filters.year`."""
    words = [step for step in path if isinstance(step, str)]
    if len(words) > 1 and words[0] in ("lists", "exclusions"):
        words = words[1:]
    return ".".join(words)


def _describe_unknown(
    key: str, path: Sequence[int | str], root: Node, model: type[Form], settings: Collection[str]
) -> str:
    form = find_form(path, model)
    known = [field.alias or name for name, field in form.model_fields.items()] if form else []
    if form is ListForm and _find_provider(root.find(path).node, settings) == key:
        return f"{key} is no key of a list; write source: {key}:ID, without a blank after {key}:"
    if setting := _find_setting(key, settings):
        file = f", or {setting}_FILE" if _SECRET.fullmatch(key) else ""
        return f"{key} is no key of this file: set {setting} in the environment{file}"
    where = f" of {_name_of(path).replace('lists', 'a list').replace('exclusions', 'an exclusion')}" if path else ""
    other = _OTHER_WORDS.get(key.lower(), "")
    stated = root.find(path).node.content
    misspelt = find_near(key.lower(), known)
    if other in known and isinstance(stated, Mapping) and other not in stated:
        advice = f"is it {other}?"
    elif not misspelt and form and (home := _find_home(key, form)):
        advice = f"write it under {home}"
    elif near := next(iter(misspelt), "") or find_nearest(key, known):
        advice = f"is it {near}?"
    else:
        advice = f"keys are {', '.join(known)}"
    return f"{key} is no key{where}; {advice}{_describe_odd(key)}"


def _describe_odd(key: str) -> str:
    """Name the characters of a key that cannot be seen, or that look like others: keys have plain letters only."""
    odd = ", ".join(dict.fromkeys(f"U+{ord(one):04X}" for one in key if not one.isascii()))
    return f" It holds {odd}: write plain letters" if odd else ""


def _find_provider(entry: Node, settings: Collection[str]) -> str:
    """Return the key of an entry that is the name of a provider: `imdb: top` is a map, and means imdb:top."""
    keys = entry.content if isinstance(entry.content, Mapping) else ()
    return next((key for key in keys if lists_setting_of(key) in settings), "")


def _find_home(key: str, form: type[Form]) -> str:
    """Return the key whose map may hold another key; empty if there is none."""
    if form is DefaultsForm and key in SourceForm.model_fields:
        return "lists, in an entry"
    inner = ((name, form_in(field.annotation)) for name, field in form.model_fields.items())
    return next((name for name, model in inner if model is not None and _find_field(model, key)), "")


def _find_setting(key: str, settings: Collection[str]) -> str:
    """Return the setting that a key of a secret, or the name of a setting, is meant for; empty if it is another key."""
    name = key.upper()
    if name in settings:
        return name
    if not _SECRET.fullmatch(key):
        return ""
    # A list has no secrets of the dashboard.
    of_lists = (setting for setting in settings if setting.endswith(f"_{name}") and not setting.startswith("WEB_"))
    return next(of_lists, "OVERSEERR_API_KEY")


def find_form(path: Sequence[int | str], model: type[Form]) -> type[Form] | None:
    """Return the model of the map at a path."""
    form: type[Form] | None = model
    for step in path:
        if isinstance(step, str) and form is not None:
            field = _find_field(form, step)
            # The keys of `credentials` are names, and each of them has the same model.
            form = form_in(field.annotation) if field else form
    return form


def _find_field(form: type[Form], key: str) -> FieldInfo | None:
    return next((field for name, field in form.model_fields.items() if key in (name, field.alias)), None)


def form_in(annotation: Any) -> type[Form] | None:
    """Return the model in an annotation such as `tuple[Model, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, Form):
        return annotation
    return next(filter(None, map(form_in, getattr(annotation, "__args__", ()))), None)


def _advise(path: Sequence[int | str], model: type[Form]) -> str:
    """Return an example of the value at a path."""
    keys = [step for step in path if isinstance(step, str)] or ["lists"]
    form = find_form(path[: path.index(keys[-1])], model) if path else model
    field = _find_field(form, keys[-1]) if form else None
    example = field.examples[0] if field and field.examples else ""
    is_entry = path and isinstance(path[-1], int) and isinstance(example, list)
    return f"for example {show_value(example[0]) if is_entry else f'{keys[-1]}: {show_value(example)}'}"


def show_value(value: object) -> str:
    """Return a value as it is written in one line of YAML."""
    if isinstance(value, dict):
        pairs = (f"{key}: {show_value(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(show_value, value))}]"
    text = str(value)
    return f'"{text}"' if re.search(r"""^[-?:,\[\]{}#&*!|>'"%@`=<]|: | #|^$""", text) else text
