"""A whole list for a user's own script, read by the settings of the environment."""

from list_sync.api.http.client import HttpClient
from list_sync.config import Settings, load_settings
from list_sync.config.environment import DROP_FOLDER
from list_sync.errors import NotOffered, ServiceError
from list_sync.model.titles import MediaItem
from list_sync.providers import FetchContext, Provider, available_providers, get_provider

Entry = dict[str, str | int | None]


def read_for_script(name: str, list_id: str) -> list[Entry]:
    """Return the titles of a list; raise ConfigError, InvalidListId or a ServiceError.

    Neither log-ins nor the browser are used, and nothing is kept.
    """
    settings = load_settings(providers=available_providers())
    provider = get_provider(name)
    provider.check(list_id)
    process = settings.process
    http = HttpClient(
        name,
        timeout_seconds=process.http_timeout,
        retry_attempts=process.retry_attempts,
        allows_private=process.allow_private_sources,
    )
    try:
        return [_to_entry(item) for item in _read(provider, list_id, build_context(provider, settings, http))]
    finally:
        http.close()


def build_context(provider: Provider, settings: Settings, http: HttpClient) -> FetchContext:
    """Return what the settings give a provider."""
    name, known = provider.info.name, settings.household.credentials
    override = settings.process.base_urls.get(name)
    return FetchContext(
        http,
        base_url=(override or provider.base_url).rstrip("/"),
        credentials={one: known[one].get_secret_value() for one in provider.info.credentials if one in known},
        drop_folder=settings.process.data_dir / DROP_FOLDER,
        overridden=override is not None,
        base_urls=settings.process.base_urls,
        takes_shows=None if settings.household.episodes is None else settings.household.episodes == "show",
    )


def _read(provider: Provider, list_id: str, context: FetchContext) -> list[MediaItem]:
    """Return what the first route gives that can be used; raise the error of the first one that failed."""
    takes_shows = provider.takes_shows if context.takes_shows is None else context.takes_shows
    failures: list[ServiceError | NotOffered] = []
    for route in provider.routes_of(list_id):
        if not all(context.credentials.get(need) for need in route.needs):
            continue
        try:
            pages = list(provider.pages(list_id, context, route=route))
        except (ServiceError, NotOffered) as error:
            failures.append(error)
            continue
        return [item for page in pages for item in (page.with_shows() if takes_shows else page).items]
    raise next((one for one in failures if isinstance(one, ServiceError)), failures[0])


def _to_entry(item: MediaItem) -> Entry:
    """Return a title in the form that the users' guide has for titles of lists."""
    return {
        "title": item.title,
        "media_type": item.media_type.value if item.media_type else None,
        "year": item.year,
        "imdb_id": item.ids.imdb,
        "tmdb_id": item.ids.tmdb,
        "tvdb_id": item.ids.tvdb,
        "season_number": item.season,
    }
