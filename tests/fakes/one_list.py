"""Reading one list as a run does."""

from list_sync.fetching.pool import fetch_lists


def fetch_list(source, **more):
    return fetch_lists([source], workers=1, **more)[0]
