"""Where the titles of a list go: from the names that are stated to the numbers of the server."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from list_sync.model.arrs import ARR_TITLES, ArrNames, ArrService
from list_sync.model.names import find_near
from list_sync.model.terms import Destination, SentOptions, ServerOptions, TagsMode
from list_sync.model.titles import MediaType, Quality


class _Unresolved(Exception):
    """What is stated means nothing at the server, for the reason that it carries."""


def needs_services(options: ServerOptions) -> bool:
    """Return whether the server must list its Radarrs and Sonarrs before the options can be sent."""
    adds_tags = bool(options.tags) and options.tags_mode is TagsMode.ADD
    needs = options.server is not None or adds_tags or wants_names(options)
    return needs or (options.anime is not None and needs_services(options.anime))


def wants_names(options: ServerOptions) -> bool:
    """Return whether something is stated that only the Radarr or Sonarr can confirm; numbers are taken as they are."""
    stated = (options.profile, options.root_folder, *(options.tags or ()))
    wants = any(isinstance(one, str) for one in stated)
    return wants or (options.anime is not None and wants_names(options.anime))


def find_destination(
    options: ServerOptions, media_type: MediaType, quality: Quality, services: Sequence[ArrService] | None
) -> Destination:
    """Return the numbers for titles of one kind in one quality, or why they wait.

    The servers use other profiles, folders and tags for anime, unless a request states its own. So those that are
    stated for all titles do not count for anime.
    """
    try:
        sent = _Resolver(media_type, quality, services).resolve(options, is_anime=False)
        if media_type is MediaType.MOVIE:
            return Destination(sent)
        anime = options.anime or ServerOptions()
        if anime.server is None:
            anime = replace(anime, server=options.server)
        if anime.tags is None:
            anime = replace(anime, tags=options.tags, tags_mode=options.tags_mode)
        return Destination(sent, _Resolver(media_type, quality, services).resolve(anime, is_anime=True))
    except _Unresolved as problem:
        return Destination(obstacle=str(problem))


class _Resolver:
    def __init__(self, media_type: MediaType, quality: Quality, services: Sequence[ArrService] | None) -> None:
        self._arr = ARR_TITLES[media_type]
        self._quality = quality
        self._services = services

    def resolve(self, options: ServerOptions, *, is_anime: bool) -> SentOptions | None:
        service = self._find_service(options) if needs_services(options) else None
        title = service.name if service else self._arr
        names = service.names if service else None
        tags = self._find_tags(options, service, title, names, is_anime=is_anime)
        sent = SentOptions(
            server_id=service.service_id if service and options.server is not None else None,
            profile_id=self._find_number(options.profile, "quality profile", title, names.profiles if names else None),
            root_folder=_find_folder(options.root_folder, title, names),
            tags=tags,
        )
        return sent if sent != SentOptions() else None

    def _find_service(self, options: ServerOptions) -> ArrService:
        stated, quality = options.server, self._quality.word
        if self._services is None:
            raise _Unresolved(f"the server does not show its {self._arr} servers: use the key of an administrator")
        if stated is None:
            fitting = [one for one in self._services if one.is_default and one.quality is self._quality]
            if not fitting:
                raise _Unresolved(f"the server has no default {self._arr} for {quality}")
            return fitting[0]
        known = {service.service_id: service.name for service in self._services}
        number = self._find_number(stated, self._arr, "the server", known)
        service = next(one for one in self._services if one.service_id == number)
        if service.quality is not self._quality:
            other = service.quality.word
            raise _Unresolved(f"{service.name} of the server is for {other}, and these titles are wanted in {quality}")
        return service

    def _find_tags(
        self, options: ServerOptions, service: ArrService | None, title: str, names: ArrNames | None, *, is_anime: bool
    ) -> tuple[int, ...] | None:
        if options.tags is None or (not options.tags and options.tags_mode is TagsMode.ADD):
            return None
        numbers = [self._find_number(tag, "tag", title, names.tags if names else None) for tag in options.tags]
        own = [number for number in numbers if number is not None]
        if options.tags_mode is TagsMode.REPLACE or service is None:
            return _each_once(own)
        # Measured: the tags of a request stand in the place of the default ones.
        return _each_once([*(service.anime_tags if is_anime else service.tags), *own])

    def _find_number(
        self, stated: str | int | None, what: str, owner: str, known: Mapping[int, str] | None
    ) -> int | None:
        """Return the number of a name, or a number that is stated; raise _Unresolved with the names that are close."""
        if stated is None:
            return None
        if known is None:
            if isinstance(stated, int):
                return stated
            advice = f"set {self._arr.upper()}_URL and {self._arr.upper()}_API_KEY, or run list-sync check"
            raise _Unresolved(f"what {owner} calls its {what}s is not known yet: {advice}, or state the number")
        exact = [number for number, name in known.items() if stated in (number, name)]
        found = exact or [number for number, name in known.items() if name.casefold() == str(stated).casefold()]
        if len(found) == 1:
            return found[0]
        shown = f'"{stated}"' if isinstance(stated, str) else str(stated)
        if found:
            raise _Unresolved(f"{owner} has two {what}s {shown}: state the number, {' or '.join(map(str, found))}")
        raise _Unresolved(f"{owner} has no {what} {shown}; {_near(str(stated), known.values())}")


def _each_once(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(numbers))


def _find_folder(stated: str | None, owner: str, names: ArrNames | None) -> str | None:
    if stated is None or names is None:
        return stated
    folder = names.find_folder(stated)
    if folder is None:
        raise _Unresolved(f'{owner} has no root folder "{stated}"; {_near(stated, names.root_folders)}')
    return folder


def _near(stated: str, names: Iterable[str]) -> str:
    known = {name.casefold(): name for name in names}
    near = [known[name] for name in find_near(stated.casefold(), known)]
    if near:
        return f"nearest: {', '.join(near)}"
    return f"it has {', '.join(sorted(known.values()))}" if known else "it has none"
