"""The demo's own lists: titles of the catalogue in the form of each source and file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from list_sync.demo.catalogue.catalogue import Catalogue, CatalogueTitle
from list_sync.demo.sources.lists import SourceEntry, SourceList

# The columns of IMDb's export as of 2024, read by CrossWatch's test suite.
IMDB_COLUMNS = (
    *("Position", "Const", "Created", "Modified", "Description", "Title", "Original Title", "URL", "Title Type"),
    *("IMDb Rating", "Runtime (mins)", "Year", "Genres", "Num Votes", "Release Date", "Directors"),
    *("Your Rating", "Date Rated"),
)
_IMDB_TYPES = {"movie": "Movie", "tv": "TV Series"}
_REFERENCE = re.compile(r"(?P<imdb>tt\d+)|(?P<kind>movie|tv|tvdb)/(?P<number>\d+)")


@dataclass(frozen=True, slots=True)
class DemoLists:
    """The lists of the sources, and the files by name."""

    lists: tuple[SourceList, ...]
    files: dict[str, str]

    def settings(self, *, with_files: bool) -> dict[str, str]:
        """Return the <NAME>_LISTS settings that name all of them."""
        ids: dict[str, list[str]] = {}
        for content in self.lists:
            ids.setdefault(content.source, []).append(content.list_id)
        if with_files:
            ids["file"] = list(self.files)
        return {f"{source.upper()}_LISTS": ",".join(names) for source, names in ids.items()}

    def write_files(self, folder: Path) -> None:
        """Write the files into the drop folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")


def build_demo_lists(catalogue: Catalogue) -> DemoLists:
    """Return the demo's lists; raise LookupError naming a title that the catalogue does not have."""
    document = json.loads(files("list_sync.demo.sources").joinpath("demo_lists.json").read_text(encoding="utf-8"))
    finder = _Finder(catalogue)
    lists = [
        SourceList(part["source"], part["id"], tuple(map(finder.entry, part["entries"])), name=part["name"])
        for part in document["lists"]
    ]
    return DemoLists(tuple(lists), {part["name"]: _file_text(part, finder) for part in document["files"]})


class _Finder:
    """Finds titles by "id title"; the title is for readers, and must be the same as in the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._titles: dict[str, CatalogueTitle] = {}
        for title in catalogue.titles:
            self._titles[f"{title.kind}/{title.tmdb}"] = title
            if title.imdb:
                self._titles[title.imdb] = title
            if title.tvdb and title.kind == "tv":
                self._titles.setdefault(f"tvdb/{title.tvdb}", title)
        self._cases = {case.name: case for case in catalogue.cases}

    def title(self, reference: str) -> CatalogueTitle:
        spelling, _, name = reference.partition(" ")
        found = _REFERENCE.search(spelling)
        title = self._titles.get(found.group()) if found else None
        if title is None or title.title != name:
            raise LookupError(f"demo_lists.json: the catalogue has no {reference}")
        return title

    def entry(self, item: str | dict[str, Any]) -> SourceEntry:
        if isinstance(item, str):
            return _entry_of(self.title(item))
        if "entry" in item:
            return SourceEntry(**item["entry"])
        return replace(_entry_of(self.title(item["title"])), source_type=item["source_type"], season=item.get("season"))

    def case(self, name: str) -> dict[str, object]:
        if name not in self._cases:
            raise LookupError(f"demo_lists.json: the catalogue has no case {name}")
        item = self._cases[name].item
        stated = {"title": item.title, "year": item.year, "type": item.media_type}
        return {key: value for key, value in stated.items() if value is not None}


def _entry_of(title: CatalogueTitle) -> SourceEntry:
    year = int(title.date[:4]) if title.date else None
    return SourceEntry(title.title, title.kind, year, title.imdb, title.tmdb, title.tvdb)


def _file_text(part: dict[str, Any], finder: _Finder) -> str:
    if part["form"] == "imdb_csv":
        return _imdb_csv([finder.title(reference) for reference in part["entries"]])
    if part["form"] == "ids":
        for reference in part["entries"]:
            finder.title(reference)
        return _plain_ids(part["entries"])
    return json.dumps([finder.case(name) for name in part["cases"]], ensure_ascii=False, indent=2) + "\n"


def _imdb_csv(titles: Sequence[CatalogueTitle]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, IMDB_COLUMNS, restval="")
    writer.writeheader()
    for position, title in enumerate(titles, start=1):
        writer.writerow(
            {
                "Position": position,
                "Const": title.imdb,
                "Created": "2026-08-01",
                "Modified": "2026-08-01",
                "Title": title.title,
                "Original Title": title.original_title,
                "URL": f"https://www.imdb.com/title/{title.imdb}/",
                "Title Type": _IMDB_TYPES[title.kind],
                "Year": title.date[:4],
                "Num Votes": title.votes,
                "Release Date": title.date,
            }
        )
    return text.getvalue()


def _plain_ids(references: Iterable[str]) -> str:
    lines = ["# One title per line, by any of its ids."]
    for reference in references:
        spelling, _, name = reference.partition(" ")
        kind, _, number = spelling.partition("/")
        word = {"movie": f"tmdb:movie:{number}", "tv": f"tmdb:tv:{number}", "tvdb": f"tvdb:{number}"}.get(
            kind, spelling
        )
        lines.append(f"{word}  # {name}")
    return "\n".join(lines) + "\n"
