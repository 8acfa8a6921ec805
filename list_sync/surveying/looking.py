"""What every run reads of the server: a page of titles, failed requests, and the requests that were sent last."""

from collections.abc import Collection, Mapping

from list_sync.model.servers import Fingerprint, Glance, MediaState, TitleDetails
from list_sync.model.titles import TitleKey
from list_sync.surveying.reading import Reading, StateReader, read_page

States = Mapping[TitleKey, MediaState]


def look(
    server: StateReader,
    glance: Glance,
    known: States,
    *,
    before: Fingerprint,
    sent: Collection[TitleKey],
    workers: int,
) -> Reading:
    """Return the states of a glance, what was sent last, and all requests if the number of failed ones changed.

    Otherwise requests are not read, because the server asks every Radarr and Sonarr for them.
    """
    states = dict(take_in_rows(known, glance.states))
    if glance.fingerprint.failed != before.failed:
        asked_for = server.fetch_requests(workers=workers)
        states.update(_with_requests({**known, **states}, asked_for))
    details = _read_sent([key for key in sent if key not in glance.states], server)
    if isinstance(details, TitleDetails):
        key = (details.media_type, details.tmdb_id)
        return Reading({**states, key: details.state}, {key: details})
    return Reading({**states, **take_in_rows({**known, **states}, details)})


def take_in_rows(known: States, rows: States) -> States:
    """Return the states in some rows, with the requests that are known already.

    A title with several rows is left out, because one row does not show its whole state.
    """
    return {
        key: row.with_requests(known[key].requests) if key in known else row
        for key, row in rows.items()
        if key not in known or known[key].media_rows <= row.media_rows
    }


def _with_requests(known: States, asked_for: States) -> States:
    """Return the titles whose requests changed."""
    read = {key: state.requests for key, state in asked_for.items()}
    changed = {key: state for key, state in known.items() if state.requests != read.get(key, ())}
    new = {key: state for key, state in asked_for.items() if key not in known}
    return {**new, **{key: state.with_requests(read.get(key, ())) for key, state in changed.items()}}


def _read_sent(unseen: Collection[TitleKey], server: StateReader) -> TitleDetails | States:
    """Read what was sent last and is not on the page already read: one title by its page, more by the newest page."""
    if not unseen:
        return {}
    if len(unseen) > 1:
        return server.fetch_newest_states()
    (key,) = unseen
    page = read_page(key, server)
    return page if isinstance(page, TitleDetails) else {}
