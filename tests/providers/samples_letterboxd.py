"""Real pages of Letterboxd of both markups, and real feeds, for test_real_samples.py."""

from collections.abc import Callable, Sequence

from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import ResourceNotFound, UnexpectedResponse
from list_sync.model.titles import MediaItem
from list_sync.providers.letterboxd.films import parse_film, to_item
from list_sync.providers.letterboxd.pages import Poster, parse_page
from list_sync.providers.letterboxd.spellings import parse_list_id
from tests.fakes.letterboxd import listing
from tests.providers.real_samples import RealSample


def page_of(list_id: str, *, total: int | None = None, following: str | None = None, number: int = 1) -> Callable:
    target = parse_list_id(list_id)

    def parse(content: bytes) -> Sequence[MediaItem]:
        path = target.path if number == 1 else f"{target.path}page/{number}/"
        page = parse_page(content, target, path=path)
        assert (page.total, page.next_path) == (total, following)
        assert len(page.others) == 0
        assert all(poster.slug for poster in page.posters)
        return [to_item(poster) for poster in page.posters]

    return parse


def posters(content: bytes) -> Sequence[MediaItem]:
    target = parse_list_id("alice/best")
    page = parse_page(listing([content.decode()]).encode(), target, path=target.path)
    return [to_item(poster) for poster in page.posters]


def film(content: bytes) -> Sequence[MediaItem]:
    page = parse_film(content)
    return [to_item(Poster("the film", None, "x"), page)] if page.ids else []


def feed(content: bytes) -> Sequence[MediaItem]:
    return parse_list(content).items


TOP_250 = "dave/list/official-top-250-narrative-feature-films"
NEXT = f"/{TOP_250}/page/2/"

SAMPLES = (
    RealSample(
        "letterboxd/list-top250-page1-2025-12.html",
        page_of(TOP_250, total=250, following=NEXT),
        100,
        (
            ("Harakiri", 1962, None),
            ("The Human Condition III: A Soldier's Prayer", 1961, None),
            ("12 Angry Men", 1957, None),
        ),
    ),
    RealSample(
        "letterboxd/likes-films-page1-2026-05.html",
        page_of("nmcassa/likes/films", following="/nmcassa/likes/films/page/2/"),
        72,
        (("Project Hail Mary", 2026, None), ("Send Help", 2026, None), ("One Battle After Another", 2025, None)),
    ),
    RealSample(
        "letterboxd/old-list-top250-page1-2022.html",
        page_of(TOP_250, total=250, following=NEXT),
        100,
        (("Parasite", None, None), ("Come and See", None, None), ("Everything Everywhere All at Once", None, None)),
    ),
    RealSample(
        "letterboxd/old-list-top250-page3-last-2022.html",
        page_of(TOP_250, total=250, number=3),
        50,
        (("Throne of Blood", None, None), ("Sweet Smell of Success", None, None), ("Dead Poets Society", None, None)),
    ),
    RealSample(
        "letterboxd/old-list-single-page-2022.html",
        page_of("mondodrew/list/2022-movie-church", total=13),
        13,
        (("Everything Everywhere All at Once", None, None), ("X", None, None), ("The Northman", None, None)),
    ),
    RealSample(
        "letterboxd/old-watchlist-2022.html",
        page_of("mondodrew/watchlist", total=80, following="/mondodrew/watchlist/page/2/"),
        28,
        (("Crimes of the Future", None, None), ("A Simple Plan", None, None), ("The Trip", None, None)),
    ),
    RealSample(
        "letterboxd/old-user-films-single-2022.html",
        page_of("reeldonaldtrump/films"),
        34,
        (("Irresistible", None, None), ("Corona Zombies", None, None), ("The Hunt", None, None)),
    ),
    RealSample(
        "letterboxd/profile-nmcassa-2026-05.html",
        page_of("nmcassa/list/anything"),
        error=ResourceNotFound,
        words="not found",
    ),
    RealSample(
        "letterboxd/actor-michael-fassbender-raw-2025-12.html",
        page_of("someone/list/anything"),
        error=ResourceNotFound,
        words="/actor/michael-fassbender/",
    ),
    RealSample(
        "letterboxd/actor-michael-fassbender-raw-2025-12.html",
        posters,
        68,
        (("Inglourious Basterds", 2009, None), ("The Killer", 2023, None), ("X-Men: Days of Future Past", 2014, None)),
    ),
    RealSample(
        "letterboxd/snippets-three-poster-generations.html",
        posters,
        3,
        (("The Grave of St. Oran", None, None), ("The Little Drummer Girl", 2018, None), ("Fatherland", 2026, None)),
    ),
    RealSample(
        "letterboxd/search-films-v-for-vendetta-2026-05.html",
        posters,
        20,
        (("V for Vendetta", 2005, None), ("'V for Vendetta' Unmasked", 2006, None), ("Man on Fire", 2004, None)),
    ),
    RealSample("letterboxd/404-film-wrong-slug-2026-05.html", film, error=ResourceNotFound, words="not found"),
    RealSample(
        "letterboxd/404-film-wrong-slug-2026-05.html",
        page_of("someone/list/anything"),
        error=ResourceNotFound,
        words="not found",
    ),
    RealSample("letterboxd/tmdb-999999999-missing-http200-2026-05.html", film, error=ResourceNotFound, words="no film"),
    RealSample("letterboxd/likes-films-page1-2026-05.html", film, error=UnexpectedResponse, words="not a film's"),
    *(
        RealSample(f"letterboxd/{name}.html", film, 1, (("the film", year, id_),))
        for name, year, tmdb, imdb in (
            ("film-parasite-2019-2026-05", 2019, 496243, "tt6751668"),
            ("film-dune-part-two-2026-05", 2024, 693134, "tt15239678"),
            ("film-avatar-4-unreleased-2026-05", 2029, 216527, "tt3095356"),
            ("film-unbelievable-2019-miniseries-2026-01", 2019, 91275, "tt7909970"),
            ("redirect-imdb-tt0133093-to-film-the-matrix-2026-05", 1999, 603, "tt0133093"),
            ("old-film-sweetback-2022", 1971, 5822, "tt0067810"),
        )
        for id_ in (tmdb, imdb)
    ),
    RealSample(
        "imdb/rss-watchlist-2017-legacy.xml",
        feed,
        250,
        (
            ("Think Like a Man Too", 2014, "tt2239832"),
            ("The Machine", 2013, "tt2317225"),
            ("The Great Beauty", 2013, "tt2358891"),
        ),
    ),
    RealSample(
        "plex/rss-watchlist-json-2023.json",
        feed,
        7,
        (
            ("Enola Holmes 2", 2022, "tt14641788"),
            ("Past Lives", 2023, "tt13238346"),
            ("Taylor Swift: The Eras Tour", 2023, "tt28814949"),
        ),
    ),
)
