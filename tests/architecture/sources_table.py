"""The table of docs/sources.md, made from what the providers say of themselves: `make sources` writes it."""

import re
from pathlib import Path

from list_sync.providers import Provider, available_providers, get_provider

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
BEGIN, END = "<!-- table: written by `make sources` -->\n", "<!-- end of the table -->"
HEAD = (
    "| provider | spellings | routes, in order | settings | limits | what its terms say |\n|---|---|---|---|---|---|\n"
)


def own_providers() -> list[Provider]:
    providers = [get_provider(name) for name in available_providers()]
    return [provider for provider in providers if provider.routes[0].fetch.__module__.startswith("list_sync.")]


def build_table() -> str:
    """Return the whole table, one row a provider."""
    return HEAD + "".join(_row(provider) for provider in own_providers())


def _row(provider: Provider) -> str:
    cells = (
        f"**{provider.info.name}**",
        ", ".join(f"`{spelling}`" for spelling in provider.spellings),
        " → ".join(_way(provider, number) for number in range(len(provider.routes))),
        ", ".join(_setting(provider, name) for name in provider.info.credentials) or "none",
        provider.limits,
        provider.terms,
    )
    return f"| {' | '.join(cells)} |\n"


def _way(provider: Provider, number: int) -> str:
    route = provider.routes[number]
    needs = f" (needs {', '.join(f'`{name}`' for name in route.needs)})" if route.needs else ""
    return f"{route.name}{needs}"


def _setting(provider: Provider, name: str) -> str:
    return f"`{name}`" if name in provider.required_credentials else f"`{name}` (optional)"


def replaced(page: str) -> str:
    """Return the page with the table of today."""
    return re.sub(
        f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{BEGIN}{build_table()}{END}", page, flags=re.DOTALL
    )


if __name__ == "__main__":
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
