"""Every title is wished for once in each quality that one of its lists wants."""

from hypothesis import given
from hypothesis import strategies as st

from list_sync.model.matches import NoMatch, NoMatchReason, WantedItem
from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import Quality
from list_sync.wishing.wishes import build_wishes
from tests.builders import a_match, an_item

terms = st.builds(
    Terms,
    requester_id=st.integers(1, 3),
    qualities=st.lists(st.sampled_from(Quality), min_size=1, unique=True).map(tuple),
)
sources = st.lists(terms, min_size=1, max_size=4).map(
    lambda found: tuple(ListRef("imdb", f"ls{place}", one) for place, one in enumerate(found))
)


@given(sources)
def test_a_wish_has_the_lists_that_want_its_quality_and_the_terms_of_the_first(lists):
    wishes = build_wishes([a_match(sources=lists)])

    assert [wish.quality for wish in wishes] == [
        quality for quality in Quality if any(quality in one.terms.qualities for one in lists)
    ]
    for wish in wishes:
        wanting = tuple(one for one in lists if wish.quality in one.terms.qualities)
        assert wish.result.wanted.sources == wanting
        assert wish.terms == wanting[0].terms


@given(sources)
def test_a_title_without_a_match_is_one_wish_of_each_list(lists):
    lost = NoMatch(WantedItem(an_item(), lists), NoMatchReason.NOT_FOUND)

    wished = [(one, wish.quality) for wish in build_wishes([lost]) for one in wish.result.wanted.sources]
    assert sorted(wished) == sorted((one, one.terms.qualities[0]) for one in lists)


def test_wishes_keep_the_order_of_titles():
    both = (ListRef("imdb", "ls1", Terms(qualities=(Quality.UHD, Quality.HD))),)
    wishes = build_wishes([a_match(1, sources=both), a_match(2, sources=both)])

    assert [(wish.match.tmdb_id, wish.quality) for wish in wishes] == [
        (number, quality) for number in (1, 2) for quality in Quality
    ]
