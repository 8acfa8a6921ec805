"""Whether TMDB answers through the server: asked once, after all searches whose emptiness matters."""

import random
from collections.abc import Iterator, Mapping, Set

from list_sync.errors import LookupFailed
from list_sync.matching.lookups import Lookups
from list_sync.model.matches import MatchMethod, Resolution

# Films that TMDB will always have, most of them old enough to be in any catalogue.
FAMOUS_FILMS = (
    "tt0111161",
    "tt0068646",
    "tt0468569",
    "tt0137523",
    "tt0133093",
    "tt0109830",
    "tt0110912",
    "tt0120737",
    "tt0076759",
    "tt0088763",
)
FAMOUS_TITLES = ("the shawshank redemption", "the godfather", "back to the future", "the silence of the lambs")
REMEMBERED_PROBES = 3


def is_tmdb_answering(lookups: Lookups, resolutions: Mapping[str, Resolution], asked: Set[str]) -> bool:
    """Look up known films until one is found; a film that was `asked` for in this run proves nothing.

    The servers keep search answers for five minutes, so that such a film may come from there.
    """
    try:
        return any(lookups.probe(imdb_id) for imdb_id in _probes(resolutions, asked)) or (
            # Whoever has a chart of the best films on a list has asked for all of these.
            asked >= frozenset(FAMOUS_FILMS) and any(lookups.search(words).candidates for words in _unusual_searches())
        )
    except LookupFailed:
        return False


def _unusual_searches() -> Iterator[str]:
    """Yield titles in a spelling that no one searched for before: TMDB ignores case, the servers' memory does not."""
    for title in random.sample(FAMOUS_TITLES, len(FAMOUS_TITLES)):
        yield "".join(random.choice((letter.lower(), letter.upper())) for letter in title)


def _probes(resolutions: Mapping[str, Resolution], asked: Set[str]) -> Iterator[str]:
    known = [
        key.removeprefix("imdb:")
        for key, resolution in resolutions.items()
        if key.startswith("imdb:")
        and resolution.method is MatchMethod.IMDB_ID
        and key.removeprefix("imdb:") not in asked
    ]
    # A different one each time, for the run before may have been less than five minutes ago.
    yield from random.sample(known, min(REMEMBERED_PROBES, len(known)))
    famous = [imdb_id for imdb_id in FAMOUS_FILMS if imdb_id not in asked]
    yield from random.sample(famous, len(famous))
