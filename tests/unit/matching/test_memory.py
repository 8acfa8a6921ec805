"""What is known without asking: pins, the source's ids, what was remembered."""

from datetime import timedelta

import pytest

from list_sync.matching.memory import LOOKED_UP_AGAIN_PER_RUN, KnownTitles, recall, unresolved_key, with_unresolved
from list_sync.model.matches import Match, MatchMethod, NoMatch, NoMatchReason, Pin, Resolution, Unresolved, WantedItem
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.builders import NOON

MOVIE, TV = MediaType.MOVIE, MediaType.TV


def wanted(title="Heat", media_type=MOVIE, year=1995, **ids):
    return WantedItem(MediaItem(title, media_type, year, MediaIds(**ids)), (ListRef("imdb", "ls1"),))


def remembered(*resolutions):
    return KnownTitles(resolutions={resolution.key: resolution for resolution in resolutions})


def test_nothing_is_known_of_a_new_title():
    assert recall(wanted(imdb="tt0113277"), KnownTitles()) is None


def test_the_source_s_tmdb_id_is_taken_with_its_kind():
    title = wanted(tmdb=949)

    assert recall(title, KnownTitles()) == Match(title, MOVIE, 949, MatchMethod.TMDB_ID)


def test_a_tmdb_id_without_a_kind_says_nothing_yet():
    assert recall(wanted(media_type=None, tmdb=949), KnownTitles()) is None


@pytest.mark.parametrize("key", ["tmdb:movie:949", "imdb:tt0113277", "title:movie:heat:1995"])
def test_a_pin_of_any_key_goes_before_everything(key):
    title = wanted(tmdb=949, imdb="tt0113277")

    assert recall(title, KnownTitles({key: Pin(key, TV, 7)})) == Match(title, TV, 7, MatchMethod.PIN)


def test_a_banned_title_is_never_matched():
    title = wanted(tmdb=949, imdb="tt0113277")
    result = recall(title, KnownTitles({"imdb:tt0113277": Pin("imdb:tt0113277")}))

    assert result.reason is NoMatchReason.BANNED


def test_a_pin_without_a_kind_takes_that_of_the_list():
    title = wanted()
    pins = {"title:movie:heat:1995": Pin("title:movie:heat:1995", None, 949)}

    assert recall(title, KnownTitles(pins)) == Match(title, MOVIE, 949, MatchMethod.PIN)


def test_any_remembered_id_answers():
    title = wanted("", TV, None, imdb="tt1", tvdb=5)
    knowledge = remembered(Resolution("tvdb:5", TV, 9, MatchMethod.TVDB_ID))

    assert recall(title, knowledge) == Match(title, TV, 9, MatchMethod.REMEMBERED)


def test_a_title_of_an_id_alone_has_the_name_that_is_remembered():
    known = remembered(Resolution("imdb:tt1", MOVIE, 949, MatchMethod.IMDB_ID, "Heat", 1995))
    nameless = Resolution("imdb:tt1", MOVIE, 949, MatchMethod.IMDB_ID)

    assert recall(wanted("", MOVIE, None, imdb="tt1"), known).label == "Heat (1995)"
    assert recall(wanted("", MOVIE, None, imdb="tt1"), remembered(nameless)).label == "tt1"
    assert recall(wanted("Hitze", MOVIE, 1995, imdb="tt1"), known).label == "Hitze (1995)"


def test_a_remembered_title_answers_for_a_title_without_ids():
    title = wanted()
    key = "title:movie:heat:1995"

    assert recall(title, remembered(Resolution(key, MOVIE, 949, MatchMethod.TITLE_AND_YEAR))) == Match(
        title, MOVIE, 949, MatchMethod.REMEMBERED
    )


def test_a_remembered_title_does_not_answer_for_another_id_of_that_name():
    key = "title:movie:heat:1995"

    assert recall(wanted(imdb="tt7"), remembered(Resolution(key, MOVIE, 949, MatchMethod.TITLE_AND_YEAR))) is None


def test_what_an_id_said_is_not_read_under_a_mere_name():
    key = "title:movie:heat:1995"

    assert recall(wanted(), remembered(Resolution(key, MOVIE, 949, MatchMethod.IMDB_ID))) is None


def is_for_review(result):
    return isinstance(result, NoMatch) and result.reason is NoMatchReason.AMBIGUOUS


def test_a_source_that_contradicts_what_its_imdb_id_meant_is_for_review():
    title = wanted(tmdb=950, imdb="tt0113277")
    result = recall(title, remembered(Resolution("imdb:tt0113277", MOVIE, 949, MatchMethod.IMDB_ID)))

    assert is_for_review(result)
    assert {candidate.tmdb_id for candidate in result.candidates} == {949, 950}
    assert "950" in result.detail
    assert "949" in result.detail


def test_a_source_s_tmdb_id_is_trusted_more_than_what_a_name_once_gave():
    title = wanted(tmdb=950, imdb="tt0113277")
    result = recall(title, remembered(Resolution("imdb:tt0113277", MOVIE, 949, MatchMethod.TITLE_AND_YEAR)))

    assert result == Match(title, MOVIE, 950, MatchMethod.TMDB_ID)


def test_a_remembered_title_of_another_kind_is_for_review():
    assert is_for_review(recall(wanted(imdb="tt1"), remembered(Resolution("imdb:tt1", TV, 949, MatchMethod.IMDB_ID))))


def test_of_two_remembered_ids_the_more_trustworthy_answers():
    knowledge = remembered(
        Resolution("imdb:tt1", TV, 1, MatchMethod.IMDB_ID), Resolution("tvdb:5", TV, 2, MatchMethod.TVDB_ID)
    )

    assert recall(wanted(media_type=TV, imdb="tt1", tvdb=5), knowledge).tmdb_id == 1


KINGDOM = Resolution("tvdb:5", TV, 70, MatchMethod.TVDB_ID)


def test_a_film_s_tvdb_number_does_not_recall_a_show():
    assert recall(wanted(tvdb=5), remembered(KINGDOM)) is None


def test_a_tvdb_number_without_a_kind_holds_under_the_name_that_it_was_checked_with():
    checked = Resolution("title:any:kingdom:2019", TV, 70, MatchMethod.TVDB_ID)

    assert recall(wanted("Kingdom", None, 2019, tvdb=5), remembered(KINGDOM)) is None
    assert recall(wanted("Heat", None, 1995, tvdb=5), remembered(KINGDOM, checked)) is None
    assert recall(wanted("Kingdom", None, 2019, tvdb=5), remembered(KINGDOM, checked)).tmdb_id == 70
    assert recall(wanted("", None, None, tvdb=5), remembered(KINGDOM)).tmdb_id == 70


def in_vain(title, *, days):
    return Unresolved(unresolved_key(title.item), NoMatchReason.NOT_FOUND, "nothing", (), NOON - timedelta(days=days))


def looked_for(titles, unresolved, knowledge=KnownTitles()):  # noqa: B008
    """Return those of the titles that a run looks for."""
    known = with_unresolved(knowledge, unresolved, wanted=titles, now=NOON)
    return [title for title in titles if recall(title, known) is None]


def test_titles_that_no_list_holds_any_more_take_no_place_among_those_that_are_looked_for_again():
    gone = [wanted(f"Gone {number}") for number in range(LOOKED_UP_AGAIN_PER_RUN)]
    title = wanted("Still wanted")

    assert looked_for([title], [*(in_vain(one, days=20) for one in gone), in_vain(title, days=3)]) == [title]


def test_titles_that_were_pinned_since_take_no_place_either():
    pinned = [wanted(f"Pinned {number}") for number in range(LOOKED_UP_AGAIN_PER_RUN)]
    pins = {one.item.keys[0]: Pin(one.item.keys[0], MOVIE, 7) for one in pinned}
    title = wanted("Still unknown")
    unresolved = [*(in_vain(one, days=20) for one in pinned), in_vain(title, days=3)]

    assert looked_for([*pinned, title], unresolved, KnownTitles(pins)) == [title]


def test_of_many_that_are_due_the_fifty_that_waited_longest_are_looked_for():
    titles = [wanted(f"Unknown {number}") for number in range(80)]

    found = looked_for(titles, [in_vain(title, days=3 + number) for number, title in enumerate(titles)])

    assert found == titles[-LOOKED_UP_AGAIN_PER_RUN:]
