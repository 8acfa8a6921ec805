from datetime import UTC, datetime

from list_sync.model.journal import KNOWN_BEFORE, REQUESTED_BEFORE, JournalEntry, RequestState
from list_sync.model.servers import Availability, MediaState, RequestStatus, ServerRequest
from list_sync.model.titles import MediaType, Quality
from list_sync.surveying.imported import compare_imported

THEN = datetime(2025, 12, 1, tzinfo=UTC)
MOVIE, TV = MediaType.MOVIE, MediaType.TV


def entry(number, kind=MOVIE, *, answer=KNOWN_BEFORE, entry_id=None):
    facts = (0, kind, number, Quality.HD, (), None, THEN, RequestState.IMPORTED)
    return JournalEntry(entry_id or number, *facts, answer=answer)


def available(number, kind=MOVIE):
    return {(kind, number): MediaState(kind, number, Availability.AVAILABLE)}


def test_a_title_that_the_server_has_stands_and_one_that_it_has_not_is_taken_back():
    declined = ServerRequest(1, MOVIE, 2, Quality.HD, RequestStatus.DECLINED)
    states = available(1) | {(MOVIE, 2): MediaState(MOVIE, 2, requests=(declined,))}

    settled = compare_imported([entry(1), entry(2), entry(3)], states)

    assert (settled.standing, settled.gone) == ((1, 2), (3,))


def test_what_was_only_known_proves_nothing_if_the_server_has_the_other_kind_with_that_number():
    settled = compare_imported([entry(1396), entry(5, answer=REQUESTED_BEFORE)], available(1396, TV) | available(5, TV))

    assert (settled.confused, settled.gone) == ((1396,), (5,))


def test_if_most_is_gone_the_server_has_probably_lost_it():
    assert compare_imported([entry(number) for number in range(1, 12)], {}).is_reset
    assert not compare_imported([entry(number) for number in range(1, 10)], {}).is_reset
