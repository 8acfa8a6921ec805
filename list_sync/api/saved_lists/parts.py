"""Seasons and episodes: what titles and addresses say of the part of a show that they name."""

import re
from collections.abc import Iterable

_SEASON_WORDS = r"(?:season|series|staffel|saison|temporada|stagione|sezon|seizoen)"
_EPISODE_WORDS = r"(?:episode|ep|folge|épisode|episodio|odcinek|aflevering)"
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_EPISODE_IN_TITLE = re.compile(
    rf".*\b(?:s\d{{1,2}}\s?e\d{{1,3}}|{_SEASON_WORDS}\s\d{{1,2}}\W{{1,3}}{_EPISODE_WORDS}\W{{0,2}}\d{{1,3}})\b.*", re.I
)
_ONLY_A_SEASON = re.compile(rf"{_SEASON_WORDS}\s\d{{1,4}}", re.I | re.ASCII)
# Without a sign before the word, it may be a film such as "Open Season 2".
_SEASON_IN_TITLE = re.compile(
    r"\S.*?(?P<sign>[:,;(\[–—-]\s?)?\s?\b(?:(?:the )?(?:complete )?"
    rf"(?:season (?P<number>\d{{1,2}})|(?P<ordinal>{'|'.join(_ORDINALS)}) season))[)\]]?",
    re.I | re.ASCII,
)
_SITE = re.compile(
    r"(?:https?://)?(?:[a-z]+\.)?(?:trakt\.tv|thetvdb\.com|themoviedb\.org|simkl\.com|imdb\.com)/\S*", re.I
)
_SEASON_IN_ADDRESS = re.compile(
    r"(?:/seasons?[/-](?:official/)?|/episodes/?\?(?:.*&)?season=)(\d{1,4})(?![^/?#&])", re.I
)
_EPISODE_IN_ADDRESS = re.compile(r"/episodes?[/-]\d", re.I)
# Plex's ids of seasons and episodes.
_GUID = re.compile(r"com\.plexapp\.agents\.\w+://[\w-]+/(?P<season>\d{1,4})(?P<episode>/\d+)?(?:\?\S*)?", re.I)
_GUID_OF_AN_EPISODE = "plex://episode/"
_LONGEST = 300
# Text in a cell of a season that says that it is an episode.
AN_EPISODE = "0x0"


def names_episode(title: object) -> bool:
    """Return whether a title such as "Friends - S01E03" names an episode."""
    return isinstance(title, str) and len(title) < _LONGEST and _EPISODE_IN_TITLE.fullmatch(title) is not None


def is_only_a_season(title: str) -> bool:
    """Return whether a title such as "Season 2" names a season without its show."""
    return _ONLY_A_SEASON.fullmatch(title) is not None


def find_season(title: str, *, is_show: bool) -> int | None:
    """Return the season at the end of a title such as "Friends: Season 2" or "Friends: The Complete First Season"."""
    found = _SEASON_IN_TITLE.fullmatch(title) if len(title) < _LONGEST else None
    if found is None or not (found["sign"] or is_show):
        return None
    return int(found["number"]) if found["number"] else _ORDINALS.index(found["ordinal"].lower()) + 1


def may_name_part(text: str) -> bool:
    """Return whether a text may hold the address of a season or an episode."""
    return "/season" in text or "/episode" in text or ".agents." in text


def find_part(texts: Iterable[str]) -> str | None:
    """Return the season that one of several addresses names, or AN_EPISODE for an episode."""
    for text in texts:
        if found := _GUID.fullmatch(text):
            return AN_EPISODE if found["episode"] else found["season"]
        if text.startswith(_GUID_OF_AN_EPISODE):
            return AN_EPISODE
        if not (may_name_part(text) and _SITE.fullmatch(text)):
            continue
        if _EPISODE_IN_ADDRESS.search(text):
            return AN_EPISODE
        if found := _SEASON_IN_ADDRESS.search(text):
            return found[1]
    return None
