"""The Radarrs and Sonarrs of the server, as far as they may be asked: what is remembered, and what is read safely."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from list_sync.api.overseerr import OverseerrClient
from list_sync.api.sources.servarr import Server as ArrServer
from list_sync.errors import (
    AuthenticationFailed,
    RateLimited,
    Refused,
    ResourceNotFound,
    ServiceError,
    UnexpectedResponse,
)
from list_sync.model.arrs import ARR_TITLES, ArrNames, ArrService
from list_sync.model.moments import is_over
from list_sync.model.terms import ServerOptions as StatedOptions
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.server_options import ServerOptions
from list_sync.surveying.destinations import find_destination, needs_services, wants_names

logger = logging.getLogger(__name__)

# Servers that hide or limit these reads say nothing about what they have.
_UNKNOWN = (AuthenticationFailed, Refused, ResourceNotFound, RateLimited, UnexpectedResponse)
NAMES_ARE_NEW = timedelta(days=1)

Place = tuple[MediaType, Quality]
Asked = tuple[StatedOptions, MediaType, Quality]


class Services:
    """The Radarrs and Sonarrs of one server in one run.

    Names come from the user's own Radarr or Sonarr, or from the server for a Sonarr. The names of a Radarr that only
    the server can ask are never read here, because some servers end if that Radarr is down: they are remembered from
    `list-sync check`.
    """

    def __init__(
        self, server: OverseerrClient, memory: ServerOptions, *, arrs: Mapping[MediaType, ArrServer], now: datetime
    ) -> None:
        self._server = server
        self._memory = memory
        self._arrs = arrs
        self._now = now
        self._known: dict[MediaType, tuple[ArrService, ...] | None] = {}
        self._read: set[MediaType] = set()
        self._is_down = False

    def of(self, media_type: MediaType) -> tuple[ArrService, ...] | None:
        """Return the Radarrs or Sonarrs of the server; None if it never showed them."""
        if media_type not in self._known:
            self._known[media_type] = self._memory.load_services(media_type) or None
        return self._known[media_type]

    def learn(self, asked: Collection[Asked], *, again: bool) -> None:
        """Read what these options need: all of it `again`, or else what is not remembered or does not fit."""
        for media_type in MediaType:
            of_kind = [one for one in asked if one[1] is media_type and needs_services(one[0])]
            if of_kind and (again or any(self._lacks(*one) for one in of_kind)):
                self.read(media_type, with_names=any(wants_names(options) for options, *_ in of_kind))

    def ask_about_radarrs(self, asked: Collection[Asked], *, policy: str, again: bool) -> None:
        """Read through the server the names of Radarrs that these options need and that are not known.

        Never in a run: some servers end if the Radarr is down. Each is asked once for a content of lists.yaml, of
        which `policy` is the fingerprint, or `again` because a person asks.
        Raise ServiceUnavailable if the server gives no answer.
        """
        films = [one for one in asked if one[1] is MediaType.MOVIE and wants_names(one[0])]
        lacking = {quality for options, media_type, quality in films if self._lacks(options, media_type, quality)}
        old = {quality for *_, quality in films} if again else set()
        for service in self.of(MediaType.MOVIE) or ():
            is_old = service.names_at is None or is_over(service.names_at, NAMES_ARE_NEW, now=self._now)
            is_wanted = service.quality in lacking or (is_old and service.quality in old)
            # What the user's own Radarr did not answer, the server must not be asked.
            if is_wanted and not self._is_down and (again or service.asked_for != policy):
                # Noted before the question, because the server may end and the process with it.
                self._note(replace(service, asked_for=policy))
                names = self._server.fetch_radarr_names(service.service_id)
                self._note(replace(service, asked_for=policy, names=names, names_at=self._now))

    def _note(self, service: ArrService) -> None:
        others = [one for one in self.of(MediaType.MOVIE) or () if one.service_id != service.service_id]
        self._known[MediaType.MOVIE] = (*others, service)
        self._memory.save_services(MediaType.MOVIE, self._known[MediaType.MOVIE] or (), at=self._now)

    def _lacks(self, options: StatedOptions, media_type: MediaType, quality: Quality) -> bool:
        return bool(find_destination(options, media_type, quality, self.of(media_type)).obstacle)

    def read(self, media_type: MediaType, *, with_names: bool) -> None:
        """Read the Radarrs or Sonarrs of the server, once in a run."""
        if media_type in self._read:
            return
        self._read.add(media_type)
        before = {service.service_id: service for service in self.of(media_type) or ()}
        try:
            listed = self._server.fetch_services(media_type)
        except _UNKNOWN as error:
            logger.warning("what is remembered of the server's Radarrs and Sonarrs counts: %s", error)
            return
        own = self._fetch_own_names(media_type) if with_names else None
        if own and not any(service.fits(own) for service in listed):
            title = ARR_TITLES[media_type]
            what = f"{title.upper()}_URL is none of the server's: it lacks their default profile or root folder"
            logger.warning("the %s of %s", title, what)
        services = [_remembering(service, before.get(service.service_id)) for service in listed]
        if with_names:
            services = [self._with_names(service, media_type, own) for service in services]
        self._known[media_type] = tuple(services)
        self._memory.save_services(media_type, services, at=self._now)

    def _with_names(self, service: ArrService, media_type: MediaType, own: ArrNames | None) -> ArrService:
        names = own if own and service.fits(own) else None
        if names is None and media_type is MediaType.TV:
            names = self._find_sonarr_names(service)
        return replace(service, names=names, names_at=self._now) if names else service

    def _find_sonarr_names(self, service: ArrService) -> ArrNames | None:
        try:
            return self._server.fetch_sonarr_names(service.service_id)
        except ServiceError as error:
            logger.warning("what is remembered of the Sonarr %s counts: %s", service.name, error)
            return None

    def _fetch_own_names(self, media_type: MediaType) -> ArrNames | None:
        """Return the names of the user's own Radarr or Sonarr; None if there is none, or it does not answer."""
        arr = self._arrs.get(media_type)
        if arr is None:
            return None
        try:
            return arr.fetch_names()
        except ServiceError as error:
            self._is_down |= media_type is MediaType.MOVIE
            logger.warning("what is remembered of the profiles, folders and tags of %s counts: %s", arr.title, error)
            return None


def _remembering(service: ArrService, before: ArrService | None) -> ArrService:
    """Return a service as it is listed, with what was remembered of its names."""
    if before is None:
        return service
    return replace(service, names=before.names, names_at=before.names_at, asked_for=before.asked_for)
