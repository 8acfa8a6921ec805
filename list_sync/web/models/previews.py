"""Previews: what a list holds that may be added."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from list_sync.logins import NAMES as LOG_INS
from list_sync.model.decisions import ItemStatus
from list_sync.model.masking import mask_address
from list_sync.model.names import name_source
from list_sync.model.sources import AttemptOutcome, FetchResult, FetchState
from list_sync.model.titles import MediaItem, MediaType
from list_sync.previewing import Preview, PreviewState
from list_sync.providers import get_provider
from list_sync.storage.known_titles import KnownTitle
from list_sync.web.models.answers import Body, Moment
from list_sync.web.models.lists import AttemptAnswer, build_attempt


class PreviewOrder(Body):
    """The list to look at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"list": "https://www.imdb.com/list/ls123456789/"}]})

    list: Annotated[str, Field(min_length=1, max_length=2000)] = Field(
        examples=["imdb:top"], description="provider and id, or the address that a browser shows"
    )


class PreviewTitle(BaseModel):
    """A title of the list, as its source states it."""

    label: str = Field(examples=["Heat (1995)"])
    title: str
    year: int | None
    media_type: MediaType | None
    tmdb_id: int | None = Field(description="as the list states it, or as a sync matched it")
    imdb_id: str | None
    status: ItemStatus | None = Field(description="what syncs and dry runs decided; null if none has seen it")


class Reading(BaseModel):
    """What the list holds, and how it was read."""

    state: FetchState
    route: str = Field(examples=["api"])
    fetched_at: Moment
    items: int = Field(examples=[83], description="the titles that were read")
    films: int
    shows: int
    kind_unknown: int = Field(description="titles of which the source does not say whether they are films or shows")
    expected: int | None = Field(examples=[84], description="the entries that the source states")
    unsupported: int = Field(description="entries that cannot be requested, such as persons")
    unsupported_kinds: dict[str, int] = Field(examples=[{"person": 1}])
    not_understood: int
    reason: str | None = Field(description="why it is not complete")
    attempts: list[AttemptAnswer]


class PreviewAnswer(BaseModel):
    """A list that is looked at; `reading` is null until it was read. It is kept for a quarter of an hour."""

    preview_id: str = Field(examples=["k3J9x0aQ2bLc"])
    list: str = Field(examples=["trakt:ben/slow-sunday"])
    provider: str = Field(examples=["trakt"])
    source: str = Field(examples=["Trakt"], description="the name of the source")
    source_terms: str = Field(description="what the source allows")
    source_limits: str = Field(description="how much the source allows")
    configured: bool = Field(description="whether the list is synced already")
    state: PreviewState
    asked_at: Moment
    pages: int = Field(description="the pages that were read so far")
    seconds: float = Field(examples=[1.2], description="how long the reading took")
    missing: Annotated[tuple[str, ...], Field(examples=[["TRAKT_CLIENT_ID"]])] = Field(
        description="settings without which the source itself cannot be read"
    )
    log_in: str | None = Field(examples=[None], description="the service that a log-in by code would open for it")
    reading: Reading | None
    first_titles: tuple[PreviewTitle, ...]


def build_preview(preview: Preview, known: Sequence[KnownTitle | None], *, is_configured: bool) -> PreviewAnswer:
    """Return a preview; `known` is what is known of each of its first titles."""
    provider = get_provider(preview.ref.provider)
    result = preview.result
    return PreviewAnswer(
        preview_id=preview.preview_id,
        list=preview.ref.name,
        provider=provider.info.name,
        source=name_source(provider.info.name),
        source_terms=provider.terms,
        source_limits=provider.limits,
        configured=is_configured,
        state=preview.state,
        asked_at=preview.asked_at,
        pages=preview.pages,
        seconds=round(preview.seconds, 1),
        missing=preview.missing,
        reading=_build_reading(preview, result) if result else None,
        log_in=_find_log_in(preview),
        first_titles=tuple(map(_build_title, result.items, known)) if result else (),
    )


def _find_log_in(preview: Preview) -> str | None:
    """Return the service whose log-in replaces a setting that is missing, or opens a list that is private."""
    service = preview.ref.provider
    if service not in LOG_INS or set(preview.missing) - {LOG_INS[service]}:
        return None
    attempts = preview.result.attempts if preview.result else ()
    is_closed = any(one.outcome in (AttemptOutcome.PRIVATE, AttemptOutcome.NEEDS_KEY) for one in attempts)
    return service if is_closed or LOG_INS[service] in preview.missing else None


def _build_reading(preview: Preview, result: FetchResult) -> Reading:
    read_at: datetime = result.copied_at or result.fetched_at
    return Reading(
        state=result.state,
        route=result.route,
        fetched_at=read_at,
        items=preview.titles,
        films=preview.kinds.get(MediaType.MOVIE, 0),
        shows=preview.kinds.get(MediaType.TV, 0),
        kind_unknown=preview.kinds.get(None, 0),
        expected=result.expected,
        unsupported=result.unsupported,
        unsupported_kinds=dict(result.unsupported_kinds),
        not_understood=result.not_understood,
        reason=result.reason and mask_address(result.reason),
        attempts=[build_attempt(attempt) for attempt in result.attempts],
    )


def _build_title(item: MediaItem, known: KnownTitle | None) -> PreviewTitle:
    return PreviewTitle(
        label=item.label,
        title=item.title,
        year=item.year,
        media_type=item.media_type or (known.media_type if known else None),
        tmdb_id=item.ids.tmdb or (known.tmdb_id if known else None),
        imdb_id=item.ids.imdb,
        status=known.status if known else None,
    )
