"""The facts of docs/sources.md, which are what the providers say of themselves: `make sources` writes them."""

import re
from pathlib import Path

from list_sync.providers import Provider, available_providers, get_provider

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"


def own_providers() -> list[Provider]:
    providers = [get_provider(name) for name in available_providers()]
    return [provider for provider in providers if provider.routes[0].fetch.__module__.startswith("list_sync.")]


def marks_of(name: str) -> tuple[str, str]:
    """Return the lines around what is written of a source."""
    return f"<!-- {name}: written by `make sources` -->\n", f"<!-- end of {name} -->"


def describe(provider: Provider) -> str:
    """Return the facts of a source, one a line."""
    facts = {
        "Setting": f"`{provider.info.lists_setting}`",
        "Spellings": ", ".join(f"`{spelling}`" for spelling in provider.spellings),
        "Routes": " → ".join(_way(provider, number) for number in range(len(provider.routes))),
        "Needs": ", ".join(_setting(provider, name) for name in provider.info.credentials) or "nothing",
        "Limits": provider.limits,
        "Terms": provider.terms,
    }
    return "".join(f"* **{name}**: {fact}\n" for name, fact in facts.items())


def _way(provider: Provider, number: int) -> str:
    route = provider.routes[number]
    needs = f" (needs {', '.join(f'`{name}`' for name in route.needs)})" if route.needs else ""
    return f"{route.name}{needs}"


def _setting(provider: Provider, name: str) -> str:
    return f"`{name}`" if name in provider.required_credentials else f"`{name}` (optional)"


def replaced(page: str) -> str:
    """Return the page with the facts of today."""
    for provider in own_providers():
        begin, end = marks_of(provider.info.name)
        facts = f"{begin}\n{describe(provider)}\n{end}"
        page = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _, facts=facts: facts, page, flags=re.DOTALL)
    return page


if __name__ == "__main__":
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
