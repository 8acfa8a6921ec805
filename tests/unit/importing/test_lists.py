import pytest

from list_sync.importing.lists import NewList, OldList, find_refs, plan_lists, write_lines
from list_sync.importing.report import Fate, Report
from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from list_sync.providers import available_providers


def found(*lists, report=None):
    return list(
        find_refs(
            [OldList(kind, list_id, *map(str, user)) for kind, list_id, *user in lists],
            available_providers(),
            report or Report("old"),
        )
    )


def plan(lists, configured=(), *, imported=(), user_id=1):
    report = Report("old")
    new = plan_lists(found(*lists), configured, imported=imported, user_id=user_id, report=report)
    reasons = [(fate, one.reason) for fate in Fate for one in report.of(fate)]
    return [(one.source, one.requester) for one in new], reasons


@pytest.mark.parametrize(
    ("kind", "spelling", "name"),
    [
        ("imdb", "ls012345678", "imdb:ls012345678"),
        ("imdb", "ur12345678", "imdb:ur12345678"),
        ("IMDB", "https://www.imdb.com/chart/toptv/", "imdb:toptv"),
        ("imdb", "www.imdb.com/list/ls012345678/", "imdb:ls012345678"),
        ("trakt", "12345", "trakt:12345"),
        ("trakt", "https://app.trakt.tv/users/joe/lists/horror?sort=rank", "trakt:joe/horror"),
        ("trakt", "https://trakt.tv/users/joe/watchlist/", "trakt:joe/watchlist"),
        ("trakt_special", "popular:tv", "trakt_special:popular:shows"),
        ("trakt_special", "https://trakt.tv/movies/trending", "trakt_special:trending:movies"),
        ("letterboxd", "joe/watchlist", "letterboxd:joe/watchlist"),
        ("letterboxd", "joe/list/horror/", "letterboxd:joe/horror"),
        ("letterboxd", "/joe/list/horror", "letterboxd:joe/horror"),
        ("letterboxd", "joe/horror", "letterboxd:joe/horror"),
        ("letterboxd", "https://letterboxd.com/joe/list/horror/", "letterboxd:joe/horror"),
        ("mdblist", "https://mdblist.com/lists/joe/horror/", "mdblist:joe/horror"),
        ("anilist", "https://anilist.co/user/Joe/animelist/Watching", "anilist:Joe/Watching"),
        ("stevenlu", "my-stevenlu-list", "stevenlu:stevenlu"),
        ("stevenlu", "movies-imdb-min7", "stevenlu:movies-imdb-min7"),
        ("stevenlu", "https://movies.stevenlu.com/all-movies.json", "stevenlu:all-movies"),
        ("tmdb", "https://www.themoviedb.org/list/123-my-list", "tmdb:123"),
        ("tmdb", "https://www.themoviedb.org/collection/10", "tmdb:collection/10"),
        ("tvdb", "https://thetvdb.com/lists/some-list", "tvdb:some-list"),
    ],
)
def test_every_spelling_that_0_6_took_is_a_list_of_ours(kind, spelling, name):
    assert [one.ref.name for one in found((kind, spelling))] == [name]


@pytest.mark.parametrize(
    ("kind", "spelling", "fate", "words"),
    [
        ("tvdb", "12345", Fate.OPEN, "a user of TheTVDB in 0.6"),
        ("collections", "Alien Collection", Fate.OPEN, "tmdb:collection/NUMBER"),
        ("simkl", "12345", Fate.LEFT, "never read SIMKL"),
        ("imdb", "", Fate.OPEN, "empty list id"),
        ("imdb", "nonsense", Fate.OPEN, "imdb"),
        ("", "12345", Fate.OPEN, "no such source"),
    ],
)
def test_a_list_that_cannot_be_read_is_reported_and_not_written(kind, spelling, fate, words):
    report = Report("old")

    assert found((kind, spelling), report=report) == []
    (finding,) = report.of(fate)
    assert words.casefold() in finding.reason.casefold()


def test_spellings_of_one_list_become_one_with_the_user_that_was_chosen():
    new, reasons = plan([("imdb", "https://www.imdb.com/chart/top/", 1), ("imdb", "top", 3)])

    assert new == [("imdb:top", 3)]
    assert reasons == [(Fate.CHANGED, "another spelling of a list that is taken")]


def test_each_other_spelling_of_a_list_is_named_once_with_what_it_is():
    report = Report("old")
    lists = [("letterboxd", spelling) for spelling in ("joe/list/best", "joe/best", "letterboxd.com/joe/list/best/")]

    plan_lists(found(*lists), [], imported=(), user_id=1, report=report)

    (finding,) = report.of(Fate.CHANGED)
    assert finding.examples == [
        "letterboxd:joe/list/best is letterboxd:joe/best",
        "letterboxd:letterboxd.com/joe/list/best/ is letterboxd:joe/best",
    ]


@pytest.mark.parametrize("user", ["nobody", "-1", "🎬"])
def test_a_user_that_is_no_number_is_named(user):
    report = Report("old")

    ((old, ref),) = [(one.old, one.ref.name) for one in found(("imdb", "top", user), report=report)]

    assert (old.user, ref) == (None, "imdb:top")
    (finding,) = report.of(Fate.CHANGED)
    assert finding.examples == [f'imdb:top ("{user}")']


def test_an_example_of_a_report_is_short():
    report = Report("old")
    found(("imdb", "x" * 5000), report=report)

    (finding,) = report.of(Fate.OPEN)
    assert len(finding.examples[0]) <= 160


def test_lists_of_the_usual_user_state_none_unless_that_would_change_who_requests():
    lists = [("imdb", "top", 1), ("imdb", "boxoffice", "")]
    assert plan(lists, user_id=7)[0] == [("imdb:top", 0), ("imdb:boxoffice", 0)]
    assert plan([*lists, ("trakt", "1", 3)])[0] == [("imdb:top", 0), ("imdb:boxoffice", 0), ("trakt:1", 3)]
    assert plan([*lists, ("trakt", "1", 3)], user_id=7)[0] == [("imdb:top", 1), ("imdb:boxoffice", 1), ("trakt:1", 3)]


def test_a_list_that_is_configured_is_written_only_to_state_its_user():
    configured = [ListRef("imdb", "top"), ListRef("trakt", "1", Terms(requester="5"), file="lists.yaml")]

    new, reasons = plan([("imdb", "top", 3), ("trakt", "1", 3)], configured)

    assert new == [("imdb:top", 3)]
    assert reasons == [(Fate.KNOWN, "lists.yaml says requester: 5, and 0.6 had user 3")]
    assert plan([("imdb", "top", 1)], configured) == ([], [(Fate.KNOWN, "named in IMDB_LISTS")])


def test_a_list_that_was_imported_and_removed_stays_away():
    assert plan([("imdb", "top", 1)], imported={"imdb:top"}) == (
        [],
        [(Fate.LEFT, "imported before, and removed since")],
    )


def test_lines_for_lists_yaml_state_source_and_requester():
    lists = [NewList(ListRef("imdb", "top")), NewList(ListRef("trakt", "1"), 3)]

    assert list(write_lines(lists)) == ["- imdb:top", "- source: trakt:1", "  requester: 3"]
