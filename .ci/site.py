"""What the documentation site has beyond the pages of docs: a hook of MkDocs.

Pages and files of the repository outside of docs become pages of the site when a page links to them. The description of
the API is written from the code. A page that would load something from another host ends the build.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from unittest.mock import MagicMock

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pymdownx.slugs import slugify

from list_sync.web.app import build_api
from list_sync.web.documentation import render
from list_sync.web.openapi import build_document
from list_sync.web.parts import Parts

ROOT = Path(__file__).parents[1]
NAMES = {
    "README.md": "readme.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "benchmarks/README.md": "benchmarks.md",
    "docs/decisions": "decisions/index.md",
    "docs/screens": "screens/index.md",
}
# A block of code, code in a line, or a link with its path and anchor.
LINK = re.compile(r"^ *```.*?^ *```$|`[^`]+`|\]\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r'<picture>.*?<img alt="([^"]*)" src="([^"]*)"></picture>')
OUTSIDE = re.compile(r'<(?:script|img|iframe|link)\b[^>]* (?:src|href)="(?:https?:)?//[^"]*"')


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Give headings the anchors that they have in the repository's pages."""
    config.mdx_configs["toc"]["slugify"] = slugify(case="lower")
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that come from elsewhere, which links lead to."""
    waiting = [*NAMES, *(f"docs/{file.src_uri}" for file in files.documentation_pages())]
    while waiting:
        path = waiting.pop()
        name = _name_in_site(path)
        if (ROOT / path).exists() and name not in files.src_uris:
            files.append(File.generated(config, name, content=_read_page(path)))
        waiting += [target for target in _find_targets(path) if _name_in_site(target) not in files.src_uris]
    # Without single sign-on, which adds no route to the description.
    parts = MagicMock(spec=Parts, **{"settings.web.oidc_issuer": None})
    document = build_document(build_api(parts))
    files.append(File.generated(config, "openapi.json", content=json.dumps(document)))
    files.append(File.generated(config, "openapi.html", content=render(document)))
    files.append(File.generated(config, "site.css", abs_src_path=str(ROOT / ".ci/site.css")))
    files.append(File.generated(config, "icon.svg", abs_src_path=str(ROOT / "list_sync/web/static/icon.svg")))
    return files


def on_page_markdown(markdown: str, page: Page, **_given: object) -> str:
    """Let links lead to where their targets are in the site, and show pictures in the colours of the page."""
    place = page.file.src_uri
    if place.startswith(("decisions/", "changelog", "files/")):
        # Those who search mostly want to do something.
        page.meta["search"] = {"boost": 0.2, **page.meta.get("search", {})}
    source = next((path for path, name in NAMES.items() if name == place), f"docs/{place}")

    def lead(found: re.Match[str]) -> str:
        path, anchor = found[1], found[2] or ""
        if path is None:
            return found[0]
        target = normpath(join(dirname(source) if "." in source else source, path))
        return f"]({relpath(_name_in_site(target), dirname(place) or '.')}{anchor})"

    return _with_dark_pictures(LINK.sub(lead, PICTURE.sub(r"![\1](\2)", markdown)))


def on_post_page(output: str, page: Page, **_given: object) -> str:
    """End the build if a page would load something from another host."""
    if found := OUTSIDE.search(output):
        raise PluginError(f"{page.file.src_uri} loads from another host: {found[0]}")
    return output


def _name_in_site(path: str) -> str:
    if path in NAMES:
        return NAMES[path]
    return path.removeprefix("docs/") if path.startswith("docs/") else f"files/{path.lstrip('.')}.md"


def _find_targets(path: str) -> Iterator[str]:
    """Yield what a page of the repository links to."""
    place = ROOT / path
    text = PICTURE.sub("", place.read_text(encoding="utf-8")) if place.suffix == ".md" and place.exists() else ""
    yield from (normpath(join(dirname(path), found[1])) for found in LINK.finditer(text) if found[1])


def _read_page(path: str) -> str:
    """Return a page about something in the repository: itself, an index of a folder, or the text of a file."""
    place = ROOT / path
    if place.suffix == ".md":
        return place.read_text(encoding="utf-8")
    if path == "docs/decisions":
        return f"# Decisions\n\nWhy it is so. Each page has the options that there were.\n\n{_list_decisions(place)}"
    if path == "docs/screens":
        return f"# Pictures\n\nThe pages of the [dashboard](../dashboard.md) with the demo.\n\n{_list_screens(place)}"
    kind = place.suffix.lstrip(".") or "text"
    return f"---\nsearch:\n  exclude: true\n---\n# {path}\n\n````{kind}\n{place.read_text(encoding='utf-8')}\n````\n"


def _list_decisions(folder: Path) -> str:
    titles = {page.name: page.read_text(encoding="utf-8").partition("\n")[0] for page in sorted(folder.glob("*.md"))}
    return "\n".join(f"* [{title.removeprefix('# ')}]({name})" for name, title in titles.items())


def _list_screens(folder: Path) -> str:
    names = sorted(page.name.removesuffix("-wide-light.png") for page in folder.glob("*-wide-light.png"))
    return "\n\n".join(_show_screen(folder, name, name.replace("-", " ").capitalize()) for name in names)


def _show_screen(folder: Path, name: str, title: str) -> str:
    pictures = {f"{name}-wide-light.png": title, f"{name}-phone-light.png": f"{title}, on a phone"}
    shown = [f"![{alt}]({path})" for path, alt in pictures.items() if (folder / path).exists()]
    return "\n\n".join([f"## {title}", *shown])


def _with_dark_pictures(markdown: str) -> str:
    """Show the dark picture to readers of dark pages, where there is one."""

    def pair(found: re.Match[str]) -> str:
        alt, path = found[1], found[2]
        dark = path.replace("-light.png", "-dark.png")
        is_there = (ROOT / "docs" / "screens" / Path(dark).name).exists()
        return f"![{alt}]({path}#only-light)![{alt}]({dark}#only-dark)" if is_there else found[0]

    return re.sub(r"!\[([^\]]*)\]\(([^)]*-light\.png)\)", pair, markdown)
