"""Misspelt names of settings, and names of other programs that are left alone."""

import re
from pathlib import Path

import pytest

from list_sync.config.environment import Environment
from list_sync.config.misspelt import find_misspelt_settings
from list_sync.config.settings import setting_names
from list_sync.providers import available_providers

NAMES = setting_names(available_providers().values())
REPOSITORY = Path(__file__).parents[3]


def warnings(**layer):
    return find_misspelt_settings(Environment(layers=({}, layer)), NAMES)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("SYNC_INTERVALS", "SYNC_INTERVAL"),
        ("SYNC_INTERVALL", "SYNC_INTERVAL"),
        ("SNYC_INTERVAL", "SYNC_INTERVAL"),
        ("SYNCINTERVAL", "SYNC_INTERVAL"),
        ("IMDB_LIST", "IMDB_LISTS"),
        ("TRAKT_SPECIAL_LIST", "TRAKT_SPECIAL_LISTS"),
        ("OVERSEER_URL", "OVERSEERR_URL"),
        ("OVERSERR_API_KEY", "OVERSEERR_API_KEY"),
        ("OVERSEERR_APIKEY", "OVERSEERR_API_KEY"),
        ("OVERSEERR_KEY_FILE", "OVERSEERR_API_KEY"),
        ("TMDB_API_KEY", "TMDB_KEY"),
        ("TRAKT_CLIENTID", "TRAKT_CLIENT_ID"),
        ("DATADIR", "DATA_DIR"),
        ("sync_interval", "SYNC_INTERVAL"),
        ("CONFIG_PASPHRASE", "CONFIG_PASSPHRASE"),
        ("DRYRUN", "DRY_RUN"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("MAX_REQUEST_PER_DAY", "MAX_REQUESTS_PER_DAY"),
    ],
)
def test_a_misspelt_setting_is_told_with_the_right_name(name, right):
    (warning,) = warnings(**{name: "x"})

    assert warning.startswith(f"{name.removesuffix('_FILE')}: ")
    assert warning.endswith(f"did you mean {right}?")


@pytest.mark.parametrize(
    "name",
    [
        "READARR_API_KEY",
        "LIDARR_API_KEY",
        "OMDB_API_KEY",
        "PROWLARR_API_KEY",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "XDG_DATA_DIRS",
        "XDG_CONFIG_DIRS",
        "REDIS_PORT",
        "MIN_WORKERS",
        "NPM_CONFIG_LOGLEVEL",
        "PUID",
        "PGID",
        "UMASK",
        "TERM",
        "PATH",
        "DATA_BIN",
        "CACHE_DIR",
        "LOG_FILE",
        "PLEX_CLAIM",
        "ALL_IMDB_LISTS",
        "JELLYFIN_PORT",
        "POSTGRES_URL",
    ],
)
def test_names_of_other_programs_are_left_alone(name):
    assert warnings(**{name: "x"}) == ()


def test_no_name_of_our_documents_is_taken_for_a_misspelt_one():
    texts = [
        path.read_text(encoding="utf-8")
        for place in (
            "README.md",
            ".env.example",
            "docker-compose.yml",
            "Dockerfile",
            "docs",
            "docker",
            "../shared/guide",
        )
        for path in ([REPOSITORY / place] if (REPOSITORY / place).is_file() else (REPOSITORY / place).glob("**/*"))
        if path.is_file() and path.suffix in {".md", ".yml", ".example", "", ".sh"} and "decisions" not in path.parts
    ]
    used = {name for text in texts for name in re.findall(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b", text)}

    assert len(used) > 40
    assert warnings(**dict.fromkeys(used, "x")) == ()


def test_an_empty_setting_is_no_warning():
    assert warnings(SYNC_INTERVALS=" ") == ()
