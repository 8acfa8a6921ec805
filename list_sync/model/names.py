"""Names of sources: as they write themselves, the setting of their lists, and what a misspelt one may be meant for."""

from collections.abc import Iterable

_SOURCES = {
    "anilist": "AniList",
    "discover": "the server",
    "file": "Files",
    "imdb": "IMDb",
    "mdblist": "MDBList",
    "simkl": "SIMKL",
    "stevenlu": "StevenLu",
    "tmdb": "TMDB",
    "trakt_special": "Trakt",
    "tvdb": "TheTVDB",
}


def name_source(provider: str) -> str:
    """Return the name of a source as it writes itself."""
    return _SOURCES.get(provider, provider.capitalize())


def lists_setting_of(provider: str) -> str:
    """Return the name of the setting for the lists of a provider."""
    return f"{provider.upper().replace('-', '_')}_LISTS"


def find_near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the names that a name may be meant for: one letter differs, or two if the name is long.

    A name that holds another whole one, as all_imdb does, was chosen and not misspelt.
    """
    near = ((count_differences(name, one), one) for one in known if f"_{one}_" not in f"_{name}_")
    return tuple(one for differences, one in sorted(near) if differences <= (1 if len(one) < 6 else 2))


def count_differences(one: str, other: str) -> int:
    """Return how many letters were left out, added, replaced, or swapped with the next one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        below = [i]
        for j, counterpart in enumerate(other, 1):
            below.append(min(row[j] + 1, below[-1] + 1, row[j - 1] + (letter != counterpart)))
            if before and j > 1 and (letter, one[i - 2]) == (other[j - 2], counterpart):
                below[-1] = min(below[-1], before[j - 2] + 1)
        before, row = row, below
    return row[-1]
