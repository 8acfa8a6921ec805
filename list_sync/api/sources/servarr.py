"""Radarr's and Sonarr's API v3: the libraries that providers read, and the names of profiles, folders and tags."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.client import HttpClient
from list_sync.api.http.payloads import clean_title, expect_list, expect_object, find_count, find_positive_int
from list_sync.api.mediaserver.services import build_names
from list_sync.errors import AuthenticationFailed, InvalidListId, ServiceError, UnexpectedResponse
from list_sync.model.arrs import ArrNames

PAGE_SIZE = 1000
# Far above the largest library. A server that sends more pages has an error in its paging.
MAX_PAGES = 1000
_WANTED = frozenset({"wanted", "missing", "wanted/missing"})

# The fields that are read, of some hundred that a large library states of each title.
_FIELDS = frozenset({"id", "imdbId", "records", "series", "title", "tmdbId", "totalRecords", "tvdbId", "year"})

# Where each of them keeps what import lists may not add, and by which number.
_EXCLUSIONS = {"RADARR": ("exclusions", "tmdbId"), "SONARR": ("importlistexclusion", "tvdbId")}

Entries = Sequence[object]


@dataclass(frozen=True, slots=True)
class Server:
    """One Radarr or Sonarr: `title` is its name for people, `setting` the beginning of its settings' names."""

    http: HttpClient
    title: str
    setting: str
    address: str = field(repr=False)
    key: str = field(repr=False)

    def fetch_library(self, path: str) -> Entries:
        """Return the entries of the whole library, in one call."""
        return parse_library(self._ask(path, {}), service=self.http.service)

    def fetch_wanted(self, params: Mapping[str, str | int]) -> Iterator[tuple[Entries, int]]:
        """Yield the records of each page of missing titles, with their total number.

        Raise UnexpectedResponse if the pages do not add up to that number.
        """
        seen: set[int | None] = set()
        count = 0
        for number in range(1, MAX_PAGES + 1):
            document = self._ask("wanted/missing", {**params, "page": number, "pageSize": PAGE_SIZE})
            records, total = parse_records(document, service=self.http.service)
            ids = {find_positive_int(record.get("id")) for record in records if isinstance(record, Mapping)}
            if ids and ids <= seen:
                raise UnexpectedResponse(self.http.service, f"page {number} repeats earlier entries")
            seen |= ids
            count += len(records)
            yield records, total
            if count >= total:
                return
            if not records:
                break
        raise UnexpectedResponse(self.http.service, f"{count} of {total} records were given")

    def fetch_version(self) -> str:
        """Return its name and version."""
        status = expect_object(self._ask("system/status", {}, None), service=self.http.service, what="its status")
        return f"{status.get('appName') or self.title} {clean_title(status.get('version'))}".rstrip()

    def fetch_names(self) -> ArrNames:
        """Return the names of its quality profiles, root folders and tags."""
        return build_names(*(self.fetch_list(path) for path in ("qualityprofile", "rootfolder", "tag")))

    def fetch_exclusions(self) -> frozenset[int]:
        """Return what import lists may not add: the TMDB numbers of films, or the TVDB numbers of shows."""
        _, key = _EXCLUSIONS[self.setting]
        rows = self.fetch_exclusion_rows()
        numbers = (find_positive_int(row.get(key)) for row in rows if isinstance(row, Mapping))
        return frozenset(number for number in numbers if number is not None)

    def fetch_exclusion_rows(self) -> Entries:
        """Return what import lists may not add, with all that is stated of it."""
        return self.fetch_list(_EXCLUSIONS[self.setting][0])

    def fetch_list(self, path: str) -> Entries:
        """Return a short list with all that is stated in it, for example `diskspace`."""
        return expect_list(self._ask(path, {}, fields=None), service=self.http.service, what=f"the list {path}")

    def fetch_rows(self, path: str, params: Mapping[str, str | int], fields: Set[str]) -> Entries:
        """Return some fields of the titles of a library, for example those of one number."""
        return expect_list(self._ask(path, params, fields), service=self.http.service, what="the library")

    def _ask(self, path: str, params: Mapping[str, str | int], fields: Set[str] | None = _FIELDS) -> object:
        url = f"{self.address.rstrip('/')}/api/v3/{path}"
        headers = {"X-Api-Key": self.key}
        return self.http.get_json(url, params=params, headers=headers, explain=self.explain, fields=fields)

    def explain(self, answer: HttpAnswer) -> ServiceError | None:
        """Return the meaning of a status, with the setting to correct; None if it means the same at every service."""
        if answer.status in (401, 403) and not answer.is_html:
            advice = f"{self.setting}_API_KEY was refused, copy it again from {self.title}: Settings, General"
            return AuthenticationFailed(answer.service, f"{advice} (HTTP {answer.status})")
        if answer.status == 404:
            advice = f"there is no {self.title} of version 3 or newer, check {self.setting}_URL and the path in it"
            return UnexpectedResponse(answer.service, f"not found: {advice} (HTTP 404)")
        return None


def parse_kind(list_id: str, *, whole_library: Sequence[str], setting: str) -> str:
    """Return `wanted` or `all`; raise InvalidListId with the allowed values."""
    word = list_id.strip().lower().strip("/")
    if word in _WANTED:
        return "wanted"
    if word in whole_library:
        return "all"
    advice = f"; the address of the server goes into {setting}_URL" if "://" in word else ""
    raise InvalidListId(f"write wanted (monitored and missing) or all (the whole library){advice}")


def parse_library(document: object, *, service: str) -> Entries:
    """Return the entries of a library; raise UnexpectedResponse for another shape."""
    return expect_list(document, service=service, what="the library")


def parse_records(document: object, *, service: str) -> tuple[Entries, int]:
    """Return the records of one page and the total number; raise UnexpectedResponse for another shape."""
    page = expect_object(document, service=service, what="a page of records")
    records = expect_list(page.get("records"), service=service, what="the records")
    total = find_count(page.get("totalRecords"))
    if total is None:
        raise UnexpectedResponse(service, "a page of records that does not state their total number")
    return records, total
