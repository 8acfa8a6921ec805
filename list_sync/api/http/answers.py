"""The answer of one HTTP exchange: status, headers, body, and what kind of document it is."""

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message

from list_sync.api.http.json_documents import parse_bytes
from list_sync.errors import UnexpectedResponse

# Codecs of Python that are no alphabet; decoding a large text by some of them takes hours.
NO_ALPHABETS = frozenset({"utf-7", "idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,200})", re.IGNORECASE)
_PAGE_STARTS = ("<!doctype html", "<html", "<head", "<body")


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer, read completely; `url` is its final address after redirects, without query and credentials.

    `headers` ignores the case of its keys. If `document` is set, it is the value of the JSON, and `content` only the
    beginning of the body.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    url: str
    service: str
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    document: object = field(default=None, repr=False)

    @property
    def charset(self) -> str:
        """Return the encoding that the answer states, or nothing if that is no alphabet."""
        message = Message()
        message["Content-Type"] = self.headers.get("Content-Type", "")
        stated = message.get_content_charset() or ""
        try:
            return "" if codecs.lookup(stated).name in NO_ALPHABETS else stated
        except LookupError:
            return stated
        except ValueError:
            return ""

    @property
    def text(self) -> str:
        """Return the body as text in the stated encoding, or UTF-8; unreadable bytes are replaced."""
        return self._decode(self.content)

    def _decode(self, content: bytes) -> str:
        try:
            return content.decode(self.charset or "utf-8", errors="replace")
        except LookupError:
            return content.decode("utf-8", errors="replace")

    @property
    def is_html(self) -> bool:
        """Return whether the answer is a web page, by its type or its first bytes."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        start = self.content[:200].decode("utf-8-sig", errors="replace").lstrip().lower()
        # PHP calls everything text/html unless told otherwise, JSON included.
        is_called_html = kind in {"text/html", "application/xhtml+xml"} and not start.startswith(("{", "["))
        return is_called_html or start.startswith(_PAGE_STARTS)

    @property
    def page_title(self) -> str:
        """Return the title of the web page, or nothing."""
        found = _TITLE.search(self._decode(self.content[:40_000]))
        return " ".join(found.group(1).split()) if found else ""

    def json(self) -> object:
        """Return the body as JSON; raise UnexpectedResponse that names what arrived instead."""
        if self.document is not None:
            return self.document
        if not self.content.strip():
            raise UnexpectedResponse(self.service, f"an empty answer (HTTP {self.status}), expected JSON")
        try:
            document = parse_bytes(self.content)
        except (ValueError, RecursionError) as error:
            raise UnexpectedResponse(self.service, self._what_came_instead(error)) from error
        return document

    def _what_came_instead(self, error: Exception) -> str:
        if self.is_html:
            title = f' "{self.page_title}"' if self.page_title else ""
            return f"a web page{title} (HTTP {self.status}), expected JSON"
        if isinstance(error, json.JSONDecodeError) and (
            error.pos >= len(error.doc.rstrip()) - 1 or error.msg.startswith("Unterminated string")
        ):
            return f"JSON that breaks off after {len(self.content)} bytes"
        return f"{len(self.content)} bytes that are not JSON (HTTP {self.status})"
