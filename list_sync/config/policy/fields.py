"""What lists.yaml states as fields of a form: of one list, or for all of them; and what changed texts mean for it.

A field that was not touched changes nothing, however its value is written in the file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from pydantic.fields import FieldInfo

from list_sync.config.policy.documents import Plain
from list_sync.config.policy.editing import Stated, Wanted
from list_sync.config.policy.filter_forms import Form, ShortForm
from list_sync.config.policy.forms import ListForm
from list_sync.config.policy.leaves import NONE, Leaf
from list_sync.config.policy.problems import find_form, form_in

EXCLUSIONS = "exclusions"
# The list itself is not changed by its terms, and switching it off has a button of its own.
_LEFT_OUT = ("source", "enabled", "lists", EXCLUSIONS)
_BOUNDS = ("min", "max")
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its path in an entry, what it says, and how it is typed: a text, a word of `options`, or lines."""

    path: Path
    hint: str
    example: str
    options: tuple[str, ...] = ()
    has_lines: bool = False

    @property
    def name(self) -> str:
        """Return the path as one name: `filters.year.range`."""
        return ".".join(self.path)


@cache
def find_fields(root: type[Form] = ListForm) -> tuple[Field, ...]:
    """Return every field of a list, or with ListsForm those for all lists, in the order of the documents."""
    found = [field for field in _walk(root, ()) if field.path[0] not in _LEFT_OUT]
    if info := root.model_fields.get(EXCLUSIONS):
        hint = (
            f"{info.description} movie: a number at TMDB, tv: a number, title: a name or /an expression/, list: a list."
        )
        found.append(Field((EXCLUSIONS,), hint, "movie: 603", has_lines=True))
    return tuple(found)


def show_stated(stated: Stated, root: type[Form] = ListForm) -> dict[str, str]:
    """Return what an entry, or the whole file, states, as texts of the fields."""
    values = {field: _find_value(stated, root, field.path) for field in find_fields(root)}
    return {field.name: _tidy(_show(value, "\n" if field.has_lines else ", ")) for field, value in values.items()}


def read_changes(stated: Stated, typed: Mapping[str, str], root: type[Form] = ListForm) -> dict[str, Wanted]:
    """Return what typed texts change in what is stated."""
    shown = show_stated(stated, root)
    texts = shown | {name: _tidy(text) for name, text in typed.items() if name in shown}
    changed = [field for field in find_fields(root) if texts[field.name] != shown[field.name]]
    wanted: dict[str, Wanted] = {}
    for field in changed:
        _put(wanted, field, texts, root)
    return wanted


def _walk(form: type[Form], path: Path) -> Iterator[Field]:
    fields = ((info.alias or name, info) for name, info in form.model_fields.items())
    for name, info in fields:
        inner = form_in(info.annotation)
        if inner is not None:
            yield from _walk(inner, (*path, name))
        # A range says the same as these two.
        elif not (name in _BOUNDS and "range" in form.model_fields):
            yield _build((*path, name), info)


def _build(path: Path, info: FieldInfo) -> Field:
    leaf = next((one for one in info.metadata if isinstance(one, Leaf)), None)
    # Values in a list have a form of their own.
    each = None if leaf else _find_leaf(info.annotation)
    has_lines = leaf is None and "tuple[" in str(info.annotation)
    example = info.examples[0] if info.examples else ""
    hint = info.description or ""
    if has_lines and (words := _find_options(each)):
        hint = f"{hint} They are {', '.join(words)}."
    return Field(path, hint, _show(example), () if has_lines else _find_options(leaf or each), has_lines)


def _find_options(leaf: Leaf | None) -> tuple[str, ...]:
    schema = leaf.schema if leaf else {}
    options = schema.get("enum") or next((one["enum"] for one in schema.get("anyOf", ()) if "enum" in one), ())
    return tuple(one for one in options if isinstance(one, str))


def _find_leaf(annotation: object) -> Leaf | None:
    """Return the form of the values in an annotation such as `tuple[Genre, ...] | None`."""
    found = next((one for one in getattr(annotation, "__metadata__", ()) if isinstance(one, Leaf)), None)
    return found or next(filter(None, map(_find_leaf, getattr(annotation, "__args__", ()))), None)


def _find_value(stated: Plain, form: type[Form] | None, path: Path) -> Plain:
    """Return the value at a path; "" for none. A map may be written as the value of its main key alone."""
    for step in path:
        if form is not None and issubclass(form, ShortForm) and not isinstance(stated, dict):
            stated = {form.main_key: stated} if stated else {}
        if not isinstance(stated, dict):
            return ""
        if step == "range" and step not in stated:
            return _join_bounds(stated)
        stated = stated.get(step, "")
        info = (
            next((one for name, one in form.model_fields.items() if step in (name, one.alias)), None) if form else None
        )
        form = form_in(info.annotation) if info else None
    return stated


def _join_bounds(stated: Stated) -> str:
    least, most = (str(stated.get(bound, "")) for bound in _BOUNDS)
    if least and most:
        return f"{least}-{most}"
    return f">={least}" if least else f"<={most}" if most else ""


def _show(value: object, between: str = ", ") -> str:
    if isinstance(value, dict):
        return between.join(f"{key}: {one}" for key, one in value.items())
    if isinstance(value, list):
        return between.join(_show(one, between) for one in value)
    return str(value)


def _tidy(text: str) -> str:
    return "\n".join(filter(None, (line.strip() for line in text.splitlines())))


def _put(wanted: dict[str, Wanted], field: Field, texts: Mapping[str, str], root: type[Form]) -> None:
    form = find_form(field.path[:-1], root)
    if form and issubclass(form, ShortForm) and form is not root:
        fields = [one for one in find_fields(root) if one.path[:-1] == field.path[:-1]]
        _put_at(wanted, field.path[:-1], _read_short(form, fields, texts))
    else:
        _put_at(wanted, field.path, _read(field, texts[field.name]))


def _read_short(form: type[ShortForm], fields: Sequence[Field], texts: Mapping[str, str]) -> Wanted:
    """Return a map that needs its main key: as the value of this key alone if nothing else is stated."""
    values = {field.path[-1]: _read(field, texts[field.name]) for field in fields}
    main = values.pop(form.main_key)
    if main is None or not any(values.values()):
        return main
    return {form.main_key: main, **values} | (dict.fromkeys(_BOUNDS) if form.main_key == "range" else {})


def _read(field: Field, text: str) -> "Plain | None":
    if not text:
        return None
    if field.path == (EXCLUSIONS,):
        pairs = [line.partition(":") for line in text.split("\n")]
        return [{key.strip(): value.strip()} for key, _, value in pairs]
    if field.has_lines and text != NONE:
        return list(text.split("\n"))
    if field.path[-1] == "seasons" and re.fullmatch(r"\d+(\s*,\s*\d+)+|\[\s*\d+(\s*,\s*\d+)*\s*\]", text):
        return re.findall(r"\d+", text)
    return text


def _put_at(wanted: dict[str, Wanted], path: Path, value: Wanted) -> None:
    for step in path[:-1]:
        wanted = cast("dict[str, Wanted]", wanted.setdefault(step, {}))
    wanted[path[-1]] = value
