"""The meaning of words for the kind of a title, in the languages and programs that lists come from."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from list_sync.model.titles import MediaType

_MOVIES = (
    "movie movies film films filme filmes filmy filmek feature features featurefilm featurefilms motionpicture "
    "moviefilm tvmovie tvmovies tvfilm tvfilme televisionmovie televisionfilm madefortvmovie ftv fernsehfilm filmtv "
    "tvelokuva video directtovideo straighttovideo short shorts shortfilm shortfilms shortmovie kurzfilm "
    "kurzfilme kortfilm courtmetrage courtsmetrages curta curtametragem corto cortometraje cortometraggio rovidfilm "
    "documentary documentaries documentaryfilm documentarymovie dokumentarfilm dokumentalny dokumentarni documentaire "
    "documental documentario dokumentar filmdokumentalny documentairefilm "
    "kino kinofilm kinofilme spielfilm spielfilme zeichentrickfilm animationsfilm animationfilm animatedfilm "
    "animatedmovie animemovie animefilm longmetrage longametragem largometraje lungometraggio cinema bioscoopfilm "
    "speelfilm speelfilms langfilm spillefilm spelfilm pelicula peliculas peli pelis pellicola pellicole "
    "filmfabularny fabularny celovecernifilm hranyfilm mozifilm jatekfilm elokuva elokuvat sinema sinemafilmi "
    "кино фильм фильмы кинофильм мультфильм телефильм полнометражныифильм фільм фільми филм филми "
    "ταινια ταινιες 映画 电影 電影 영화 فيلم סרט"
)
_SHOWS = (
    "tv show shows series serie serien serier serials serial seriale seria serija serije "
    "tvshow tvshows tvseries tvserie tvserien tvserier tvserial tvprogram tvprogramme televisionseries televisionshow "
    "televisionserie televisionprogram miniseries miniserie miniserien miniserier miniserial tvminiseries tvminiserie "
    "limitedseries limitedserie limitedtvseries anthologyseries docuseries docuserie documentaryseries dokuserie "
    "webseries webserie animatedseries animationseries animationsserie zeichentrickserie animeseries "
    "animeserie animetv tvanime ona sitcom soap soapopera telenovela telenovelas realitytv realityshow talkshow "
    "gameshow fernsehserie fernsehserien fernsehsendung seriestv serietv serietelevisee seriestelevisees seriestele "
    "serietele feuilleton seriedetv seriedetelevision seriesdetelevision serietelevisiva teleserie teleseries "
    "programadetv programadetelevision seriado seriados minisserie minisseries televisieserie televisieseries "
    "serialtv serialy serialtelewizyjny tvsarja sarja sarjat dizi diziler tvdizisi sorozat sorozatok tvsorozat "
    "сериал сериалы телесериал минисериал мультсериал анимесериал серіал серіали σειρα σειρες "
    "テレビ番組 テレビシリーズ 电视剧 電視劇 连续剧 連續劇 드라마 시리즈 مسلسل סדרה"
)
# Words that leave the kind open: TMDB has some discs and specials as films, others as shows.
_EITHER = (
    "anime animation animated cartoon telefilm ova oad special specials tvspecial tvspecials tvshort tvshorts "
    "dvd dvds bluray blurays bluraydvd bluray3d 3dbluray blurayuhd ultrahdbluray uhdbluray 4kbluray bluray4k "
    "uhd 4k 4kuhd ultrahd hddvd bd bdrip vhs laserdisc vcd videocd disc discs disk digital digitalhd "
    "stream streaming hd sd title titles media item mediaitem"
)
_OTHERS: Mapping[str, str] = {
    "episode": "episode episodes tvepisode tvepisodes tvpilot pilot folge folgen episodio episodios episodi epizod "
    "ep eps odcinek odcinki aflevering avsnitt epizoda эпизод серия",
    "season": "season seasons tvseason showseason staffel staffeln saison saisons temporada temporadas stagione "
    "stagioni sezon seizoen sasong сезон",
    "person": "person persons people personen persona personas personne personnes persone actor actors actress "
    "director directors writer cast crew celebrity celebrities name",
    "game": "game games videogame videogames videospiel videospiele jeu jeuvideo jeuxvideo videojuego videojuegos "
    "videogioco videogiochi jogoeletronico jogodevideo computerspiel "
    "boardgame visualnovel",
    "book": "book books ebook audiobook audiobooks novel lightnovel buch bucher livre livres libro libros",
    "comic": "comic comics manga manhwa manhua",
    "music": "music album albums musicalbum song songs track tracks audio musicartist musik musique musica",
    "music video": "musicvideo musicvideos musikvideo videoclip",
    "podcast": "podcast podcasts podcastseries podcastepisode",
    "collection": "collection collections boxset boxsets playlist playlists franchise",
    "list": "list lists liste listen lista",
    "clip": "clip clips trailer trailers teaser extra extras",
    "channel": "channel channels tvchannel livetv livetvchannel",
    "user": "user users account",
    "comment": "comment comments review reviews",
    "photo": "photo photos photoalbum image",
}

# Parts of longer words, as in "Episodio de televisión" and "Series, season 2"; "TV series, 5 episodes" is a show.
_PART_OF_A_SHOW = re.compile(
    r"(?P<episode>(?<!\d)(?:episode|episodio|folge(?!\w)|odcinek|aflevering|avsnitt|эпизод))"
    r"|(?P<season>(?:season|staffel|saison|temporada|stagione)\d+$)"
)

# Nothing longer is a word or a key that is known, and sorting the marks of a very long text takes minutes.
_LONGEST = 1000


def plain_key(key: object) -> str:
    """Return a key, a column or a word without case, accents and signs: `imdb_id` and `IMDb ID` become equal."""
    text = str(key)
    return _plain(text) if len(text) < 100 else _plain.__wrapped__(text)


# A list repeats the same few words, so they are cached.
@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    if len(text) > _LONGEST:
        return "".join(filter(str.isalnum, text.casefold()))
    letters = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(filter(str.isalnum, letters)))


def _table(words: str) -> frozenset[str]:
    return frozenset(map(plain_key, words.split()))


_MOVIE_WORDS, _SHOW_WORDS, _EITHER_WORDS = _table(_MOVIES), _table(_SHOWS), _table(_EITHER)
_TITLE_WORDS = _MOVIE_WORDS | _SHOW_WORDS | _EITHER_WORDS
_OTHER_WORDS = {word: kind for kind, words in _OTHERS.items() for word in _table(words)}


def find_media_type(word: object) -> MediaType | None:
    """Return film or show if a word states it; None for words that mean both or neither, and for unknown words."""
    plain = plain_key(word)
    if plain in _MOVIE_WORDS:
        return MediaType.MOVIE
    return MediaType.TV if plain in _SHOW_WORDS else None


def find_unsupported(word: object) -> str | None:
    """Return the kind that a word states if that kind cannot be requested; None for all other words."""
    plain = plain_key(word)
    if plain in _OTHER_WORDS or plain in _TITLE_WORDS:
        return _OTHER_WORDS.get(plain)
    part = _PART_OF_A_SHOW.search(plain)
    return part.lastgroup if part else None


def is_either(word: object) -> bool:
    """Return whether a word is known and leaves the kind open, such as DVD."""
    return plain_key(word) in _EITHER_WORDS


def is_known(word: object) -> bool:
    """Return whether a word is in the table at all."""
    return bool(is_either(word) or find_media_type(word) or find_unsupported(word))
