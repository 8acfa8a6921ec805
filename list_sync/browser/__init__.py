"""Pages that a source gives only to a browser, rendered in Chromium through SeleniumBase.

A provider's route asks `context.browser` for HTML and parses it:

    read_page(url, *, service, wait_for, accept=None, pause_seconds=2.0) -> str
    read_pages(url, *, service, wait_for, then_click, accept=None, pause_seconds=2.0) -> Iterator[str]

The HTML is taken when `wait_for`, a CSS selector, matches and the page no longer changes. Before that, `accept` is
clicked if it is there: the button of a page about cookies. `then_click` is the link or button of the next page; paging
ends when it cannot be clicked. Each host gets one page at a time, with a pause between pages. Read a list to its end
before you ask for another page: the browser is reserved for it until then.

Both raise Blocked for a challenge that does not end, ResourceNotFound, NotOffered if there is no browser,
ServiceUnavailable, UnexpectedResponse if `wait_for` never matches, and SyncCancelled.
"""

from list_sync.browser.pool import BrowserPool

__all__ = ["BrowserPool"]
