"""The one table of words for the kind of a title."""

import pytest

from list_sync.api.saved_lists import kinds
from list_sync.api.saved_lists.entries import parse_entry
from list_sync.api.saved_lists.kinds import find_media_type, find_unsupported, is_either
from list_sync.api.saved_lists.recognise import parse_list
from list_sync.model.sources import NotUnderstood, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType

MOVIE_WORDS = (
    "movie Film FILME film-fabularny Spielfilm Película pelicula TV_Movie tvMovie ftv Téléfilm* Fernsehfilm Kurzfilm "
    "courtMétrage Largometraje lungometraggio Speelfilm Filme Dokumentarfilm Documentary фильм Кино 映画 elokuva"
)
SHOW_WORDS = (
    "tv Show tvShow TV-Show tv_series Series Serie Série sÉrIe Serien Miniserie Mini-Series limited_series ONA sitcom "
    "Telenovela Fernsehserie serie-tv Seriado minissérie Serial seriál tvserie televisieserie сериал dizi"
)


@pytest.mark.parametrize("word", [word for word in MOVIE_WORDS.split() if "*" not in word])
def test_words_for_films_in_many_languages_are_known(word):
    assert find_media_type(word) is MediaType.MOVIE


@pytest.mark.parametrize("word", SHOW_WORDS.split())
def test_words_for_shows_in_many_languages_are_known(word):
    assert find_media_type(word) is MediaType.TV


@pytest.mark.parametrize("word", ["DVD", "Blu-ray", "4K UHD", "OVA", "TV Special", "Téléfilm", "anime"])
def test_a_disc_or_a_special_says_nothing_of_the_kind(word):
    assert (is_either(word), find_media_type(word), find_unsupported(word)) == (True, None, None)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("TV Episode", "episode"),
        ("Person", "person"),
        ("videoGame", "game"),
        ("Podcast Series", "podcast"),
        ("Music Video", "music video"),
        ("Manga", "comic"),
        ("BoxSet", "collection"),
        ("Livre", "book"),
    ],
)
def test_what_cannot_be_requested_is_counted_by_what_it_is(word, kind):
    assert parse_entry({"title": "X", "year": 1999, "type": word, "tmdbid": 603}, "[0]") == Unsupported(kind)


def parsed(**entry):
    return parse_entry(entry, "[0]")


def test_an_unknown_word_with_an_id_is_looked_up_by_its_id():
    assert parsed(title="X", type="Dingsbums", tmdbid=603) == MediaItem("X", None, None, MediaIds(603))
    assert parsed(title="X", type="Dingsbums", imdbid="tt0133093").ids == MediaIds(imdb="tt0133093")


def test_an_unknown_word_with_title_and_year_is_looked_up_by_name_and_without_is_not_understood():
    assert parsed(title="X", type="Dingsbums", year=1999) == MediaItem("X", None, 1999)
    assert parsed(title="X", type="Dingsbums") == NotUnderstood(
        "[0]", 'a title of unknown type "Dingsbums" without id and year'
    )


def test_the_first_word_that_is_known_counts():
    assert parsed(title="X", type="planned", media_type="", mediatype="", kind="Serie").media_type is MediaType.TV
    assert parsed(title="X", type="Blu-ray", contenttype="movie").media_type is MediaType.MOVIE
    assert parsed(title="X", type="movie", category="person").media_type is MediaType.MOVIE
    assert parsed(title="X", category="Drama") == MediaItem("X")


def test_tvdb_numbers_are_those_of_shows():
    assert parsed(title="X", tvdbid=81189) == MediaItem("X", MediaType.TV, None, MediaIds(tvdb=81189))
    assert parsed(title="X", type="movie", tvdbid=81189).ids == MediaIds()
    assert parsed(title="X", type="Dingsbums", tvdbid=81189, imdbid="tt0133093").ids == MediaIds(imdb="tt0133093")


@pytest.mark.parametrize("word", ["season", "tv", "Staffel", None])
def test_a_season_that_is_numbered_is_that_season_and_an_episode_never_is(word):
    entry = {"title": "X", "type": word, "tvdbid": 81189, "tmdbid": 1396, "seasonnumber": "2"}

    assert parsed(**entry) == MediaItem("X", MediaType.TV, None, MediaIds(1396, None, 81189), 2)
    assert parsed(**entry, episodenumber=5) == Unsupported("episode")
    assert parsed(**entry | {"seasonnumber": 0, "type": "tv"}).season == 0


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Episodio de televisión", "episode"),
        ("Épisode de série télévisée", "episode"),
        ("Fernsehfolge", "episode"),
        ("TV Episode (S1E2)", "episode"),
        ("Series, season 2", "season"),
        ("TV series, 5 episodes", None),
    ],
)
def test_a_longer_word_for_a_part_of_a_show_is_known_by_its_part(word, kind):
    assert parsed(type=word, imdbid="tt2301451") == (Unsupported(kind) if kind else parsed(imdbid="tt2301451"))


def test_the_kinds_in_an_export_with_a_translated_header_are_read():
    rows = "1,tt0078748,Alien,Film\n2,tt0903747,Breaking Bad,Fernsehserie\n3,tt2301451,Ozymandias,Fernsehepisode\n"
    page = parse_list(f"Position,Const,Titel,Titeltyp\n{rows}".encode())

    assert [item.media_type for item in page.items] == [MediaType.MOVIE, MediaType.TV]
    assert page.unsupported_kinds == {"episode": 1}


def test_a_season_without_a_number_cannot_be_requested():
    assert parsed(title="X", type="season", tmdbid=1396) == Unsupported("season")


def test_a_very_long_key_is_read_without_sorting_its_marks(monkeypatch):
    normalized, normalize = [], kinds.unicodedata.normalize

    def note(form, text):
        normalized.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(kinds.unicodedata, "normalize", note)

    assert kinds.plain_key("Média Type " + "é" * 80) == "mediatype" + "e" * 80
    assert kinds.plain_key("a" + "\u0301" * 60_000 + "\u0327" * 60_000) == "a"
    assert 0 < max(normalized) < 1000
