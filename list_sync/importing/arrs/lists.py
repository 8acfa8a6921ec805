"""The import lists and exclusions of a Radarr or Sonarr, as its API states them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_positive_int
from list_sync.model.titles import MediaType

MOST_LETTERS = 100


@dataclass(frozen=True, slots=True)
class ImportList:
    """An import list: its name, its kind of source (`implementation`), the fields of that source, and its options.

    Names of fields are in small letters, without the name of the group in which a version puts them.
    """

    name: str
    implementation: str
    fields: Mapping[str, object] = field(default_factory=dict, repr=False)
    options: Mapping[str, object] = field(default_factory=dict, repr=False)

    def word(self, name: str) -> str:
        """Return a field as a text without spaces around it; empty if it is none."""
        value = self.fields.get(name)
        return value.strip() if isinstance(value, str) else str(value) if type(value) in (int, float) else ""

    def number(self, name: str) -> int | None:
        """Return a field as a whole number that is not negative, also where it is written as a text."""
        text = self.word(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a field that is on or off."""
        value = self.fields.get(name)
        return value if isinstance(value, bool) else default


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A title that import lists may not add: a film by its number at TMDB, a show by its number at TheTVDB."""

    media_type: MediaType
    number: int
    title: str = ""

    @property
    def name(self) -> str:
        """Return what people know it by."""
        return self.title or f"{'TMDB' if self.media_type is MediaType.MOVIE else 'TheTVDB'} {self.number}"


def parse_import_lists(document: object, *, service: str) -> tuple[ImportList, ...]:
    """Return the import lists of an answer; raise UnexpectedResponse if it is no list of objects."""
    rows = expect_list(document, service=service, what="the import lists")
    return tuple(_parse_list(row, service, number) for number, row in enumerate(rows, start=1))


def _parse_list(row: object, service: str, number: int) -> ImportList:
    options = expect_object(row, service=service, what="an import list")
    stated = options.get("fields")
    pairs = [one for one in stated if isinstance(one, Mapping)] if isinstance(stated, list) else []
    fields = {str(one.get("name") or "").rpartition(".")[2].lower(): one.get("value") for one in pairs}
    name = clean_title(options.get("name"))[:MOST_LETTERS].strip() or f"number {number}"
    implementation = clean_title(options.get("implementation"))[:MOST_LETTERS]
    rest = {key: value for key, value in options.items() if key != "fields"}
    return ImportList(name, implementation, fields, rest)


def parse_exclusions(rows: Sequence[object], media_type: MediaType) -> tuple[Exclusion, ...]:
    """Return the exclusions that state a number, each once."""
    number, title = ("tmdbId", "movieTitle") if media_type is MediaType.MOVIE else ("tvdbId", "title")
    found: dict[int, Exclusion] = {}
    for row in rows:
        if isinstance(row, Mapping) and (known := find_positive_int(row.get(number))):
            found.setdefault(known, Exclusion(media_type, known, clean_title(row.get(title))))
    return tuple(found.values())
