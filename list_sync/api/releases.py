"""The releases of ListSync at GitHub, and which routes to sources each says to mend."""

from collections.abc import Iterator

from list_sync.api.http.client import HttpClient
from list_sync.api.http.payloads import expect_list, find_moment
from list_sync.model.releases import Release, parse_mends, parse_version

SERVICE = "UPDATE_CHECK"
# The newest ones are enough: a set-up that is further behind needs an update in any case.
_PER_PAGE = 30
LARGEST_ANSWER = 4 * 1024 * 1024
# Notes are longer than this only by mistake, or to harm.
_LONGEST_NOTES = 100_000


def fetch_releases(http: HttpClient, url: str) -> tuple[Release, ...]:
    """Return the newest releases, in one request; raise a ServiceError. Entries that are none are left out."""
    document = http.get_json(url, params={"per_page": _PER_PAGE}, headers={"Accept": "application/vnd.github+json"})
    return tuple(_find_all(expect_list(document, service=SERVICE, what="the releases")[:_PER_PAGE]))


def _find_all(entries: object) -> Iterator[Release]:
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("draft") or entry.get("prerelease"):
            continue
        tag, notes = entry.get("tag_name"), entry.get("body")
        if isinstance(tag, str) and parse_version(tag):
            mends = parse_mends(notes[:_LONGEST_NOTES]) if isinstance(notes, str) else ()
            yield Release(tag.strip().removeprefix("v"), find_moment(entry.get("published_at")), mends)
