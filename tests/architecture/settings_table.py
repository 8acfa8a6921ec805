"""The table of docs/settings.md, made from list_sync/config/settings.toml: `make settings` writes it."""

import re
from pathlib import Path

from list_sync.config.described import NO_DEFAULT, OF_EACH_PROVIDER, Description, find_default, load_descriptions
from tests.architecture.sources_table import own_providers

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
BEGIN, END = "<!-- table: written by `make settings` -->\n", "<!-- end of the table -->"
HEAD = "| setting | default | form and meaning |\n|---|---|---|\n"


def build_table() -> str:
    """Return the whole table, one row a setting; the settings that each provider has share a row."""
    return HEAD + "".join(map(_row, load_descriptions().values()))


def _row(description: Description) -> str:
    default = find_default(description.name)
    shown = description.default or (f"`{default}`" if default else NO_DEFAULT)
    return f"| {_names(description)} | {shown} | {description.text} |\n"


def _names(description: Description) -> str:
    if description.name not in OF_EACH_PROVIDER:
        return f"`{description.name}`"
    stems = (provider.info.lists_setting.removesuffix("_LISTS") for provider in own_providers())
    shown = {f"`{stem}{description.name.removeprefix('*')}`": None for stem in stems}
    return ", ".join(shown)


def replaced(page: str) -> str:
    """Return the page with the table of today."""
    return re.sub(
        f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{BEGIN}{build_table()}{END}", page, flags=re.DOTALL
    )


if __name__ == "__main__":
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
