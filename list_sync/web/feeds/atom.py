"""Writes entries as an Atom feed (RFC 4287)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID
from xml.etree import ElementTree as ET

from list_sync.web.feeds.entries import FeedEntry

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
# What XML 1.0 cannot hold, not even as a reference.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_atom(title: str, number: UUID, entries: Sequence[FeedEntry], *, base_url: str, empty_at: datetime) -> bytes:
    """Return a feed, newest entries first; without entries it is as old as `empty_at`.

    Links lead to our pages if their address is known, else to those of TMDB.
    """
    feed = ET.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "en"})
    _add(feed, "id", number.urn)
    _add(feed, "title", title)
    _add(feed, "updated", _moment(max((one.changed_at for one in entries), default=empty_at)))
    _add(_add(feed, "author"), "name", "ListSync")
    if base_url:
        _add(feed, "link", rel="alternate", href=f"{base_url}/runs")
    for one in entries:
        entry = _add(feed, "entry")
        _add(entry, "id", one.number.urn)
        _add(entry, "title", one.title)
        _add(entry, "published", _moment(one.at))
        _add(entry, "updated", _moment(one.changed_at))
        _add(entry, "category", term=one.kind)
        if address := f"{base_url}{one.path}" if base_url else one.address:
            _add(entry, "link", rel="alternate", href=address)
        _add(entry, "content", one.text, type="text")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, encoding="unicode")}\n'.encode()


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, {key: _clean(value) for key, value in attributes.items()})
    element.text = _clean(text) or None
    return element


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub(" ", text)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
