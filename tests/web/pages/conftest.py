"""Pages of a service on loopback, read as a browser without script reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import Engine, event

HTML = {"Accept": "text/html,application/xhtml+xml"}


@dataclass
class Page:
    """A page that was loaded."""

    status: int
    tree: LexborHTMLParser
    headers: Mapping
    address: str

    @property
    def text(self):
        """Return its words, with single spaces."""
        return " ".join(self.tree.body.text(separator=" ").split())

    def find(self, selector):
        """Return the words of each element that fits."""
        return [" ".join(node.text(separator=" ").split()) for node in self.tree.css(selector)]


@pytest.fixture
def open_page(service):
    """Load a page of the service."""

    def load(path, *, running=service, **options):
        answer = running.get(path, headers=HTML | options.pop("headers", {}), **options)
        return Page(answer.status_code, LexborHTMLParser(answer.text), answer.headers, answer.url)

    return load


@pytest.fixture
def count_statements():
    """Return a function that says how many statements something sends to the database."""

    def count(function):
        sent = []

        def note(_connection, _cursor, statement, *_rest):
            sent.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            function()
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len(sent)

    return count
