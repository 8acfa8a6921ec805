"""Every list has one id, whichever of its spellings the user writes; that id is a spelling itself."""

from list_sync.model.masking import mask_address
from list_sync.providers import available_providers, get_provider

ONE_LIST = [
    ("imdb", "top", ["https://www.imdb.com/chart/top/", "imdb:top", "TOP", "m.imdb.com/es-es/chart/top?ref_=x"]),
    ("imdb", "top-english-movies", ["top-rated-english-movies"]),
    ("imdb", "ls123456", ["https://www.imdb.com/list/ls123456/", "LS123456", "imdb.com/de/list/ls123456/?sort=a,b"]),
    ("imdb", "ur12345", ["https://www.imdb.com/user/ur12345/watchlist", "ur12345/watchlist"]),
    ("imdb", "p.AbC", ["https://www.imdb.com/user/p.AbC/watchlist/"]),
    ("trakt", "joe/horror", ["https://trakt.tv/users/joe/lists/horror?sort=rank,asc", "users/joe/lists/horror"]),
    ("trakt", "joe/watchlist", ["https://app.trakt.tv/users/joe/watchlist"]),
    ("trakt", "users/joe/watchlist/movies", ["https://trakt.tv/users/joe/watchlist/movies"]),
    ("trakt", "users/joe/favorites", ["https://trakt.tv/users/joe/favorites/"]),
    ("trakt", "users/joe/lists/watchlist", ["https://trakt.tv/users/joe/lists/watchlist"]),
    ("trakt", "12345", ["https://trakt.tv/lists/12345", "lists/12345", "trakt:12345"]),
    ("trakt", "lists/official/the-matrix", ["https://trakt.tv/lists/official/the-matrix"]),
    ("trakt_special", "trending:movies", ["https://trakt.tv/movies/trending", "movies:trending", "trending:movie"]),
    ("trakt_special", "watched:shows", ["watched:tv:weekly", "https://trakt.tv/shows/watched/weekly"]),
    ("trakt_special", "favorited:movies:all", ["recommended:movies:all"]),
    ("mdblist", "joe/horror", ["https://mdblist.com/lists/joe/horror", "lists/joe/horror/json"]),
    ("mdblist", "external/5", ["https://mdblist.com/external/5"]),
    ("mdblist", "joe/external/5", ["https://mdblist.com/lists/joe/external/5/json"]),
    (
        "letterboxd",
        "joe/horror",
        ["https://letterboxd.com/Joe/list/horror/", "joe/list/horror", "letterboxd:joe/horror"],
    ),
    ("letterboxd", "joe/watchlist", ["https://letterboxd.com/joe/watchlist/by/rating/"]),
    ("letterboxd", "boxd.it/aBc", ["https://boxd.it/aBc"]),
    ("tmdb", "12345", ["https://www.themoviedb.org/list/12345-name", "list/12345"]),
    ("tmdb", "collection/10", ["https://www.themoviedb.org/collection/10-star-wars", "collection:10"]),
    ("tvdb", "marvel", ["https://thetvdb.com/lists/marvel", "lists/marvel"]),
    ("anilist", "joe", ["joe/planning", "https://anilist.co/user/joe/animelist/Planning"]),
    ("anilist", "joe/Watching", ["joe/current", "https://anilist.co/user/joe/animelist/Watching"]),
    ("anilist", "joe/all", ["joe/ALL"]),
    ("anilist", "joe/My List", ["https://anilist.co/user/joe/animelist/My%20List"]),
    ("simkl", "plantowatch", ["watchlist", "plan-to-watch"]),
    ("simkl", "anime", ["https://simkl.com/12345/anime/plantowatch", "anime:watchlist"]),
    ("simkl", "shows/hold", ["tv/on-hold"]),
    ("stevenlu", "stevenlu", ["https://movies.stevenlu.com", "movies.json"]),
    ("plex", "watchlist", ["https://watch.plex.tv/watchlist", "Watchlist"]),
    ("plex", "https://rss.plex.tv/0-1", ["rss.plex.tv/0-1/?format=json"]),
    ("jellyfin", "favorites/shows", ["Favourites:shows"]),
    ("discover", "movies:genre:27", ["movies/genre/27", "films:genre:27:20"]),
    ("discover", "upcoming:tv:50", ["shows/upcoming/50"]),
    ("radarr", "wanted", ["missing"]),
    ("sonarr", "all", ["series", "library"]),
    ("file", "lists/a.csv", ["./lists//a.csv"]),
    ("file", "https://host/List.json?A=1,2", ["HTTPS://HOST/List.json?A=1,2"]),
]


def test_all_spellings_of_a_list_are_one_list():
    for provider, list_id, spellings in ONE_LIST:
        info = get_provider(provider).info
        refs = [info.build_ref(spelling) for spelling in (list_id, f" {list_id} ", *spellings)]
        assert {ref.list_id for ref in refs} == {list_id}, (provider, list_id, spellings)
        assert len(set(refs)) == 1, (provider, list_id, spellings)
        assert str(refs[-1]) == f"{provider}:{mask_address(spellings[-1])}", (provider, list_id, spellings)
        assert refs[-1].name == f"{provider}:{mask_address(list_id)}", (provider, list_id, spellings)


SPELLINGS = [(name, spelling) for name in available_providers() for spelling in get_provider(name).spellings]


def test_the_id_of_a_list_is_a_spelling_of_it():
    for provider, spelling in SPELLINGS:
        info = get_provider(provider).info
        ref = info.build_ref(spelling)
        assert info.accepts(ref.list_id), (provider, spelling)
        assert info.build_ref(ref.list_id) == ref, (provider, spelling)


def test_what_is_spelled_wrong_stays_as_it_is_for_the_message():
    assert get_provider("imdb").info.build_ref(" nonsense ").list_id == "nonsense"


def test_lists_of_other_users_and_other_kinds_stay_apart():
    trakt = get_provider("trakt").info
    spellings = ["joe/horror", "ann/horror", "joe/watchlist", "me/watchlist", "users/joe/favorites", "joe/favorites"]

    assert len({trakt.build_ref(spelling) for spelling in spellings}) == len(spellings)
