"""The people of the demo with their permissions and quotas, what their server has already, and their lists.yaml."""

from importlib.resources import files
from pathlib import Path

from list_sync.config.policy.reading import LISTS_NAME
from list_sync.config.policy.writing import write_schema
from list_sync.demo.server.arrs import ArrTitle
from list_sync.demo.server.backstage import Backstage
from list_sync.demo.server.users.permissions import Permission
from list_sync.files.modes import file_mode, replace_file

# Alice's requests need no approval, also in 4K; Bob's and Carla's wait for one.
ALICE = Permission.REQUEST | Permission.REQUEST_4K | Permission.AUTO_APPROVE | Permission.AUTO_APPROVE_4K
# In a week: films, seasons.
PEOPLE = {"alice": (ALICE, None, None), "bob": (Permission.REQUEST, 5, 14), "carla": (Permission.REQUEST, 10, 5)}
# Films and a season that were there before, with their sizes in GB.
SHELF = {("movie", 278): 4, ("movie", 238): 6, ("movie", 862): 3, ("tv", 87108): 5}


def prepare_server(server: Backstage) -> None:
    """Give a server its people, both qualities and what is on its shelf; what it has already stays."""
    server.settings.movie_4k_enabled = server.settings.series_4k_enabled = True
    state = server.backend.state
    known = {user.name for user in state.users.values()}
    for name, (permissions, films, seasons) in PEOPLE.items():
        if name not in known:
            server.add_user(name, permissions, films, seasons)
    for (kind, tmdb), gigabytes in SHELF.items():
        if state.find_media(kind, tmdb) is None:
            server.make_available(kind, tmdb)
        # What Radarr and Sonarr hold is not stored.
        arr, title = server.arrs.of(kind)[0], server.backend.titles.find(kind, tmdb)
        held = ArrTitle(tmdb, title.tvdb if title else None, arr.profile_id, arr.root_folder, set(), {1}, has_file=True)
        held.size = gigabytes * 10**9
        arr.titles[tmdb] = held


def write_policy(folder: Path) -> None:
    """Write lists.yaml with its schema, if there is none: what people change in it stays."""
    path = folder / LISTS_NAME
    if not path.exists():
        write_schema(folder)
        replace_file(path, files("list_sync.demo").joinpath(LISTS_NAME).read_bytes(), file_mode())
