"""The genres of TMDB, by their numbers, and other names that people have for them."""

# The servers name genres in the language of the key's owner; TMDB's numbers of them never change.
GENRES = {
    **{28: "Action", 12: "Adventure", 16: "Animation", 35: "Comedy", 80: "Crime", 99: "Documentary", 18: "Drama"},
    **{10751: "Family", 14: "Fantasy", 36: "History", 27: "Horror", 10402: "Music", 9648: "Mystery", 10749: "Romance"},
    **{878: "Science Fiction", 10770: "TV Movie", 53: "Thriller", 10752: "War", 37: "Western"},
    **{10759: "Action & Adventure", 10762: "Kids", 10763: "News", 10764: "Reality", 10765: "Sci-Fi & Fantasy"},
    **{10766: "Soap", 10767: "Talk", 10768: "War & Politics"},
}
# TMDB names the genres of shows in pairs, and one genre has two names.
_OTHER_NAMES = {
    "Action & Adventure": ("Action", "Adventure"),
    "Sci-Fi & Fantasy": ("Science Fiction", "Sci-Fi", "Fantasy"),
    "War & Politics": ("War", "Politics"),
    "Science Fiction": ("Sci-Fi",),
}
GENRE_NAMES = tuple(sorted({*GENRES.values(), *(name for names in _OTHER_NAMES.values() for name in names)}))
_FOLDED = {genre.casefold(): [name.casefold() for name in names] for genre, names in _OTHER_NAMES.items()}


def find_names(genre: str) -> frozenset[str]:
    """Return every name that people have for a genre, in small letters."""
    return frozenset([genre.casefold(), *_FOLDED.get(genre.casefold(), ())])
