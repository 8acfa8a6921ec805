"""Parsing of what the server says of its Radarrs and Sonarrs."""

from collections.abc import Mapping

from list_sync.api.http.payloads import expect_list
from list_sync.api.mediaserver.rows import SERVICE, as_object, objects, required, text_of, whole
from list_sync.model.arrs import ArrNames, ArrService


def parse_services(body: object, what: str) -> tuple[ArrService, ...]:
    """Parse /service/radarr or /service/sonarr."""
    rows = [as_object(row, what) for row in expect_list(body, service=SERVICE, what=what)]
    return tuple(
        ArrService(
            service_id=required(row, "id", what),
            name=text_of(row.get("name")),
            is_4k=row.get("is4k") is True,
            is_default=row.get("isDefault") is True,
            profile_id=whole(row.get("activeProfileId")),
            root_folder=text_of(row.get("activeDirectory")),
            tags=_numbers(row.get("activeTags")),
            anime_tags=_numbers(row.get("activeAnimeTags")),
        )
        for row in rows
    )


def parse_service_names(body: object, what: str) -> ArrNames:
    """Parse /service/radarr/{id} or /service/sonarr/{id}."""
    service = as_object(body, what)
    return build_names(service.get("profiles"), service.get("rootFolders"), service.get("tags"))


def build_names(profiles: object, folders: object, tags: object) -> ArrNames:
    """Return the names in three lists, which Radarr and Sonarr write as the media-request servers do."""
    paths = tuple(path for folder in objects(folders) if (path := text_of(folder.get("path"))))
    return ArrNames(_named(profiles, "name"), paths, _named(tags, "label"))


def _named(rows: object, key: str) -> Mapping[int, str]:
    numbered = ((whole(row.get("id")), text_of(row.get(key))) for row in objects(rows))
    return {number: name for number, name in numbered if number is not None and name}


def _numbers(values: object) -> tuple[int, ...]:
    return tuple(number for value in values if (number := whole(value)) is not None) if isinstance(values, list) else ()
