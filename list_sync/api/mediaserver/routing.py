"""Reads of one server that say where requests can go: its Radarrs and Sonarrs, and its override rules."""

from list_sync.api.mediaserver.answers import expect_success
from list_sync.api.mediaserver.bulk import BulkReader
from list_sync.api.mediaserver.rows import SERVICE
from list_sync.api.mediaserver.services import parse_service_names, parse_services
from list_sync.errors import AuthenticationFailed, RateLimited, Refused, ResourceNotFound, ServiceUnavailable
from list_sync.model.arrs import ARR_TITLES, ArrNames, ArrService
from list_sync.model.titles import MediaType


class RoutingReader(BulkReader):
    """The reads about Radarr and Sonarr; only `fetch_radarr_names` can do harm."""

    def fetch_services(self, media_type: MediaType) -> tuple[ArrService, ...]:
        """Return the Radarrs or Sonarrs that the server lists; none of them is asked."""
        path = _path(media_type)
        return parse_services(self._connection.read(path).json(), f"/{path}")

    def fetch_sonarr_names(self, service_id: int) -> ArrNames:
        """Return the names that a Sonarr has; raise ServiceUnavailable if it does not answer."""
        path = f"{_path(MediaType.TV)}/{int(service_id)}"
        answer = self._connection.ask_once(path)
        expect_success(answer, path)
        return parse_service_names(answer.json(), f"/{path}")

    def fetch_radarr_names(self, service_id: int) -> ArrNames:
        """Return the names that a Radarr has; asked once, because some servers end if it is down (measured).

        Raise ServiceUnavailable if the server gives no answer.
        """
        path = f"{_path(MediaType.MOVIE)}/{int(service_id)}"
        try:
            answer = self._connection.ask_unrepeated(path)
        except ServiceUnavailable as error:
            words = "Radarr is down, and this version of the server ends when it is asked about it"
            raise ServiceUnavailable(SERVICE, f"{words}: start Radarr, look whether the server is up again") from error
        expect_success(answer, path)
        return parse_service_names(answer.json(), f"/{path}")

    def has_override_rules(self) -> bool:
        """Return whether the server has override rules; one without them, or that does not show them, has none."""
        try:
            rules = self._connection.read("overrideRule").json()
        except (AuthenticationFailed, RateLimited, Refused, ResourceNotFound):
            return False
        return isinstance(rules, list) and bool(rules)


def _path(media_type: MediaType) -> str:
    return f"service/{ARR_TITLES[media_type].lower()}"
