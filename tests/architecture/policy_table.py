"""The tables of docs/policy.md and docs/several-servers.md, made from the models: `make policy` writes them."""

import re
from pathlib import Path

from list_sync.config.policy.household_forms import HouseholdForm
from list_sync.config.policy.problems import show_value
from list_sync.config.policy.schema import build_schema
from list_sync.model.genres import GENRE_NAMES

PAGE, HOUSEHOLDS = (Path(__file__).parents[2] / "docs" / name for name in ("policy.md", "several-servers.md"))
BEGIN, END = "<!-- keys: written by `make policy` -->\n", "<!-- end of the keys -->"
HEAD = "| key | values | default | what it says | example |\n|---|---|---|---|---|\n"
# The map of a list says what that of defaults says, but for these two keys.
OF_A_LIST = ("source", "name")
OF_TMDB = f"The genres are {', '.join(GENRE_NAMES)}."
SECTIONS = (
    ("The file", "", ""),
    ("lists, defaults", "ListForm", "Every key but `source` and `name` may stand under `defaults`, too."),
    ("filters", "FiltersForm", "In the `filters` of a list or of `defaults`. `none` takes away a rule of `defaults`."),
    ("filters.year", "YearForm", "A range alone, as in `year: \">=1990\"`, or a map:"),
    ("filters.runtime", "RuntimeForm", "A range alone, as in `runtime: \"<=150\"`, or a map:"),
    ("filters.genres, exclude_genres", "GenresForm", f"A list alone, as in `genres: [Drama]`, or a map. {OF_TMDB}"),
    ("filters.languages, exclude_languages", "LanguagesForm", "A list alone, as in `languages: [en]`, or a map:"),
    ("filters.countries", "CountriesForm", "A list alone, as in `countries: [US]`, or a map:"),
    ("filters.rating", "RatingForm", ""),
    ("filters.released", "ReleasedForm", "A word alone, as in `released: digital`, or a map:"),
    ("filters.not_on", "NotOnForm", ""),
    ("server", "ServerForm", "In a list or in `defaults`."),
    ("server.anime", "AnimeForm", ""),
    ("exclusions", "ExclusionForm", "Each entry has one of these keys."),
    ("caps", "CapsForm", "0 or `none` is no cap."),
    ("pause_when", "PauseForm", ""),
)  # fmt: skip


FORMS = build_schema(HouseholdForm)["$defs"]
OF_HOUSEHOLDS = (("server", "AddressForm", ""), ("server.api_key, credentials", "SecretForm", "One of the two keys."))


def build_tables(page: Path) -> str:
    """Return a heading and a table for each map that a page describes."""
    schema = build_schema(HouseholdForm)
    plain = build_schema()["properties"]
    forms = schema["$defs"] | {"": {**schema, "properties": plain}}
    parts = []
    for name, model, text in SECTIONS if page == PAGE else OF_HOUSEHOLDS:
        form = _map_of(forms[model])
        rows = "".join(_row(key, one, form) for key, one in form["properties"].items())
        title = f"### {name}\n\n" if model else ""
        parts.append(f"{title}{text}{chr(10) * 2 if text else ''}{HEAD}{rows}")
    return "\n".join(parts)


def _map_of(schema):
    return schema["anyOf"][-1] if "anyOf" in schema else schema


def _row(key, schema, form):
    default = schema.get("default")
    shown = "needed" if key in form.get("required", ()) else "–" if default is None else f"`{_spoken(default)}`"
    example = schema["examples"][0]
    cells = (f"`{key}`", _values(schema), shown, schema["description"], f"`{key}: {show_value(_spoken(example))}`")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _spoken(value):
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _values(schema):
    if "$ref" in schema:
        # Some maps have a short form.
        short = FORMS[schema["$ref"].rpartition("/")[2]].get("anyOf", ())[:-1]
        return ", ".join([*map(_values, short), "a map"])
    if schema.get("additionalProperties"):
        return "a map"
    if "$comment" in schema:
        return schema["$comment"]
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"] if not isinstance(one, bool))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        return ", ".join(dict.fromkeys(map(_values, schema["anyOf"])))
    if schema["type"] == "array":
        return "a list"
    return f"{schema['minimum']} to {schema['maximum']:,}" if "minimum" in schema else "a text"


def replaced(page: Path) -> str:
    """Return the text of a page with the tables of today."""
    tables = f"{BEGIN}\n{build_tables(page)}\n{END}"
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: tables, page.read_text("utf-8"), flags=re.DOTALL)


if __name__ == "__main__":
    for path in (PAGE, HOUSEHOLDS):
        path.write_text(replaced(path), encoding="utf-8")
