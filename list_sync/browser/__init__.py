"""Pages that a source hands out only to a browser, rendered in Chromium through SeleniumBase.

A provider's route asks `context.browser` and parses what comes with its own parser:

    read_page(url, *, service, wait_for, accept=None, pause_seconds=2.0) -> str
    read_pages(url, *, service, wait_for, then_click, accept=None, pause_seconds=2.0) -> Iterator[str]

The HTML is that of the moment at which `wait_for`, a CSS selector, first matches something and has come to rest.
`accept` is clicked where it is seen before that: the button of a page about cookies. `then_click` is the link or button
of the next page; paging ends where there is none that can be clicked. Each page waits its turn: one at a time per host,
with a pause between them. Read a list to its end before you ask for another page: the browser is yours until then.

Raised are Blocked for a challenge that stays, ResourceNotFound, NotOffered where there is no browser to be had,
ServiceUnavailable, UnexpectedResponse where `wait_for` never matched, and SyncCancelled.
"""

from list_sync.browser.pool import BrowserPool

__all__ = ["BrowserPool"]
