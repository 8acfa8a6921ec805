"""What is remembered of a server for the terms of lists: its Radarrs and Sonarrs, and the users that lists name."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from list_sync.database.dialects import upsert
from list_sync.database.schema_servers import server_options, server_requesters
from list_sync.database.store import Store
from list_sync.model.arrs import ArrNames, ArrService
from list_sync.model.titles import MediaType
from list_sync.storage.servers import find_household_server


def find_requester_names(store: Store) -> dict[int, str]:
    """Return the users that lists name, by their numbers at the household's server."""
    with store.reading() as connection:
        server = find_household_server(connection, store.household)
        if server is None:
            return {}
        columns = server_requesters.c
        rows = connection.execute(select(columns.stated, columns.user_id).where(columns.server_id == server.server_id))
        return {row.user_id: row.stated for row in rows if not row.stated.isdecimal()}


class ServerOptions:
    """The memory of one server, committed with each change."""

    def __init__(self, store: Store, *, find_server_id: Callable[[], int]) -> None:
        self._store = store
        self._find_server_id = find_server_id

    @property
    def _server_id(self) -> int:
        return self._find_server_id()

    def load_services(self, media_type: MediaType) -> tuple[ArrService, ...]:
        """Return the Radarrs or Sonarrs that the server listed last."""
        with self._store.reading() as connection:
            rows = connection.execute(select(server_options).where(self._of(media_type)))
            return tuple(_read_service(row) for row in rows.all())

    def save_services(self, media_type: MediaType, services: Iterable[ArrService], *, at: datetime) -> None:
        """Store all Radarrs or Sonarrs of the server."""
        rows: list[dict[str, object]] = [
            {
                "server_id": self._server_id,
                "media_type": media_type.value,
                "service_id": service.service_id,
                "content": _pack(service),
                "read_at": service.names_at or at,
            }
            for service in services
        ]
        with self._store.writing() as connection:
            connection.execute(delete(server_options).where(self._of(media_type)))
            upsert(connection, server_options, rows)

    def load_requesters(self) -> dict[str, int]:
        """Return the number of each user that a list named, by the name as it was stated."""
        columns = server_requesters.c
        chosen = select(columns.stated, columns.user_id).where(columns.server_id == self._server_id)
        with self._store.reading() as connection:
            return {row.stated: row.user_id for row in connection.execute(chosen)}

    def save_requesters(self, found: Mapping[str, int | None]) -> None:
        """Store the numbers of the users that lists name; a name without a number is forgotten."""
        columns = server_requesters.c
        of_them = (columns.server_id == self._server_id) & columns.stated.in_(list(found))
        rows: list[dict[str, object]] = [
            {"server_id": self._server_id, "stated": name, "user_id": number}
            for name, number in found.items()
            if number is not None
        ]
        with self._store.writing() as connection:
            connection.execute(delete(server_requesters).where(of_them))
            upsert(connection, server_requesters, rows)

    def _of(self, media_type: MediaType) -> Any:
        columns = server_options.c
        return (columns.server_id == self._server_id) & (columns.media_type == media_type.value)


def _pack(service: ArrService) -> dict[str, object]:
    names = service.names
    return {
        "name": service.name,
        "is_4k": service.is_4k,
        "is_default": service.is_default,
        "profile_id": service.profile_id,
        "root_folder": service.root_folder,
        "tags": list(service.tags),
        "anime_tags": list(service.anime_tags),
        "asked_for": service.asked_for,
        "names": names
        and {
            "profiles": list(names.profiles.items()),
            "root_folders": list(names.root_folders),
            "tags": list(names.tags.items()),
        },
    }


def _read_service(row: Row[Any]) -> ArrService:
    content = dict(row.content)
    names = content.pop("names")
    return ArrService(
        service_id=row.service_id,
        names=names and ArrNames(dict(names["profiles"]), tuple(names["root_folders"]), dict(names["tags"])),
        names_at=row.read_at if names else None,
        tags=tuple(content.pop("tags")),
        anime_tags=tuple(content.pop("anime_tags")),
        **content,
    )
