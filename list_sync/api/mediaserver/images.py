"""Posters by way of the media-request server's proxy for images, which needs no key and is outside of its API."""

import re

from list_sync.api.http.client import HttpClient
from list_sync.api.mediaserver.address import check_address
from list_sync.api.mediaserver.rows import SERVICE
from list_sync.errors import UnexpectedResponse

MOST_BYTES = 1024 * 1024
SECONDS = 5.0
# Seerr's proxy knows several services; that of Overseerr and Jellyseerr knows TMDB alone.
_FORMS = ("/imageproxy/tmdb/t/p/w{width}{path}", "/imageproxy/t/p/w{width}{path}")
_PATH = re.compile(r"/[A-Za-z0-9]{1,64}\.(?:jpg|jpeg|png|webp|avif)")
# SVG is none of them: it could hold a script.
_BEGINNINGS = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), "image/avif"),
)


class ImageProxy:
    """The images that one server passes on; the form of the address that worked last is tried first."""

    def __init__(self, url: str, *, timeout_seconds: float = SECONDS) -> None:
        """Raise ConfigError if `url` is no address of a server."""
        # The key is not sent, so any will do.
        address = check_address(url, "none", 1)
        self._url = address.url
        headers = {"Accept": "image/*"} | ({"Authorization": address.authorization} if address.authorization else {})
        self._http = HttpClient(
            SERVICE, timeout_seconds=timeout_seconds, retry_attempts=1, headers=headers, max_bytes=MOST_BYTES
        )
        self._forms: tuple[str, ...] = _FORMS

    def fetch(self, path: str, width: int) -> bytes | None:
        """Return a poster by the path that TMDB states; None if there is no such image. Raise ServiceUnavailable."""
        if not _PATH.fullmatch(path):
            return None
        for form in self._forms:
            address = self._url + form.format(width=width, path=path)
            try:
                answer = self._http.send("GET", address, allow_redirects=False)
            except UnexpectedResponse:
                continue
            is_image = answer.headers.get("Content-Type", "").strip().lower().startswith("image/")
            if answer.status == 200 and is_image and find_image_type(answer.content):
                self._forms = (form, *(other for other in _FORMS if other != form))
                return answer.content
        return None


def find_image_type(content: bytes) -> str:
    """Return the type of an image by its first bytes; "" for anything that is not shown as an image."""
    return next((kind for beginning, kind in _BEGINNINGS if beginning.match(content)), "")
