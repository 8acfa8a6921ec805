"""Titles: their state, and everything that led to it."""

from dataclasses import asdict
from datetime import tzinfo
from typing import Annotated, Any

from pydantic import BaseModel, Field

from list_sync.correcting.advice import advise, advise_on_page
from list_sync.correcting.finding import ServerKnowledge, TitleKnowledge
from list_sync.correcting.keys import keys_to_pin
from list_sync.correcting.story import tell
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.matches import Candidate, MatchMethod
from list_sync.model.titles import MediaType, Quality, tmdb_page_url
from list_sync.storage.title_search import TitleEvent, TitleRecord
from list_sync.web.models.answers import Moment, PageOf
from list_sync.web.models.explanations import ItemExplanation, build_explanation

Reason = Annotated[str, Field(examples=["available on the server"])]


class Item(BaseModel):
    """One title in one quality, and its state with the reason."""

    id: int = Field(examples=[127])
    title: str = Field(examples=["The Matrix"])
    year: int | None = Field(examples=[1999])
    media_type: MediaType | None
    tmdb_id: int | None = Field(examples=[603])
    imdb_id: str | None = Field(examples=["tt0133093"])
    tvdb_id: int | None = Field(examples=[None])
    quality: Quality
    status: ItemStatus
    reason: Reason
    method: MatchMethod | None = Field(description="how the title was found at TMDB")
    lists: list[str] = Field(examples=[["imdb:top", "trakt:joe/films"]], description="most important first")
    requester_id: int | None = Field(examples=[1], description="the user who requests it, null if no list wants it")
    changed_at: Moment | None = Field(description="since when it has its state")
    goes_at: Moment | None = Field(description="when it goes, or is released, if this is known")
    first_seen: Moment
    last_synced: Moment
    run_id: int = Field(examples=[42], description="the last run that saw it")


class ItemPage(PageOf[Item]):
    """A page of titles, and the cursors of the pages beside it."""

    previous_cursor: str | None = Field(default=None, description="null on the first page")


class ItemEvent(BaseModel):
    """A change of a title's state."""

    at: Moment
    run_id: int = Field(description="0 if the server told of it between two syncs")
    status: ItemStatus
    reason: Reason
    method: MatchMethod | None
    explanation: ItemExplanation | None = Field(description="null for the present state, which the title explains")


class TmdbTitle(BaseModel):
    """A title of TMDB that may be meant."""

    media_type: MediaType
    tmdb_id: int = Field(examples=[949])
    title: str = Field(examples=["Heat"])
    original_title: str
    year: int | None = Field(examples=[1995])
    address: str = Field(examples=["https://www.themoviedb.org/movie/949"])


class ItemPin(BaseModel):
    """A decision of the user: what the title is, or, without a number, that it is never requested."""

    key: str = Field(examples=["imdb:tt0113277"])
    media_type: MediaType | None
    tmdb_id: int | None


class ServerRequestAnswer(BaseModel):
    """A request on the server."""

    request_id: int
    status: str = Field(examples=["approved"])
    seasons: list[int]


class ServerAnswer(BaseModel):
    """What was read of the title on the server, and when."""

    availability: str = Field(examples=["available"])
    requests: list[ServerRequestAnswer]
    seen_at: Moment | None


class SentRequest(BaseModel):
    """A request that ListSync sent for the title, and what came of it."""

    sent_at: Moment
    run_id: int
    seasons: list[int]
    state: RequestState
    request_id: int | None
    answer: str = Field(examples=["created"])
    note: str


class ItemPlace(BaseModel):
    """How a title is on one list, or that it left the list."""

    list: str = Field(examples=["imdb:top"])
    first_seen: Moment | None = Field(description="when a sync saw it there first")
    added_at: Moment | None = Field(description="since when it is there, if the source says so")
    absent_since: Moment | None = Field(description="when a sync read the list without it; null while it is there")


class StoryLine(BaseModel):
    """One line of what `list-sync why` tells of a title."""

    about: str = Field(examples=["matched"])
    text: str = Field(examples=["to tmdb movie 603, The Matrix (1999), by imdb id, tt0133093"])


class ItemDetails(Item):
    """A title with everything that is known of it."""

    name: str = Field(examples=["The Matrix (1999)"], description="what people call it")
    matched_title: str = Field(examples=["The Matrix (1999)"], description='its name at TMDB, "" if it was not read')
    places: list[ItemPlace]
    explanation: ItemExplanation | None = Field(description="null if no run has decided since it is stored")
    stated_at: str = Field(
        examples=["lists.yaml, line 14"], description='where its exclusion is stated, "" for other titles'
    )
    next: str = Field(examples=["nothing to do: the server has it"], description="what would change the state")
    next_here: str = Field(examples=["Take back the ban"], description="the same, in the words of the dashboard")
    story: list[StoryLine] = Field(description="the same, as `list-sync why` tells it")
    events: list[ItemEvent] = Field(description="oldest first")
    candidates: list[TmdbTitle]
    pins: list[ItemPin]
    snoozed_until: Moment | None = Field(description="null if it is not snoozed")
    can_retry: bool = Field(description="`retry` lets the next sync look for it anew")
    server: ServerAnswer | None
    requests: list[SentRequest]


class ReviewItem(BaseModel):
    """A title that waits for a decision."""

    id: int = Field(examples=[127])
    title: str = Field(examples=["Heat"])
    year: int | None = Field(examples=[1995])
    media_type: MediaType | None
    key: str = Field(examples=["imdb:tt0113277"], description="its key, as `pin` and `ban` take it")
    reason: Reason
    lists: list[str]
    first_seen: Moment
    settled: bool = Field(description="there is a decision, which the next sync uses")
    candidates: list[TmdbTitle]


def build_item(record: TitleRecord) -> Item:
    """Return a title without its history."""
    return Item(**_values_of(record))


def _values_of(record: TitleRecord) -> dict[str, Any]:
    names = Item.model_fields.keys() - {"id", "lists"}
    return {"id": record.item_id, "lists": list(record.lists), **{name: getattr(record, name) for name in names}}


def build_details(
    record: TitleRecord, known: TitleKnowledge, zone: tzinfo, *, can_retry: bool, stated_at: str
) -> ItemDetails:
    """Return a title with everything that is known of it."""
    return ItemDetails.model_validate(
        {
            **_values_of(record),
            "name": record.label,
            "matched_title": known.matched_name,
            "places": [{"list": name} | asdict(link) for name, link in record.places.items()],
            "explanation": build_explanation(record.explanation),
            "next": advise(record),
            "next_here": advise_on_page(record),
            "story": [StoryLine(about=about, text=text) for about, text in tell(record, known, zone)],
            "events": [_build_event(event) for event in record.events],
            "candidates": [build_candidate(one) for one in record.candidates],
            "pins": [ItemPin(key=pin.key, media_type=pin.media_type, tmdb_id=pin.tmdb_id) for pin in known.pins],
            "snoozed_until": known.snoozed_until,
            "can_retry": can_retry,
            "stated_at": stated_at,
            "server": _build_server(known.server, record.quality),
            "requests": [_build_sent(entry) for entry in known.server.sent],
        }
    )


def _build_event(event: TitleEvent) -> ItemEvent:
    values = {name: getattr(event, name) for name in ItemEvent.model_fields}
    return ItemEvent(**values | {"explanation": build_explanation(event.explanation)})


def build_candidate(candidate: Candidate) -> TmdbTitle:
    """Return a title of TMDB."""
    address = tmdb_page_url(candidate.media_type, candidate.tmdb_id)
    names = TmdbTitle.model_fields.keys() - {"address"}
    return TmdbTitle(address=address, **{name: getattr(candidate, name) for name in names})


def _build_server(known: ServerKnowledge, quality: Quality) -> ServerAnswer | None:
    if known.state is None:
        return None
    requests = [
        ServerRequestAnswer(request_id=one.request_id, status=one.status.name.lower(), seasons=sorted(one.seasons))
        for one in known.state.requests_in(quality)
    ]
    availability = known.state.availability_in(quality).name.lower()
    return ServerAnswer(availability=availability, requests=requests, seen_at=known.seen_at)


def _build_sent(entry: JournalEntry) -> SentRequest:
    return SentRequest(**{name: getattr(entry, name) for name in SentRequest.model_fields})


def build_review(record: TitleRecord, *, is_settled: bool) -> ReviewItem:
    """Return a title that waits for a decision."""
    names = ("title", "year", "media_type", "reason", "first_seen")
    return ReviewItem(
        id=record.item_id,
        key=keys_to_pin(record)[0],
        lists=list(record.lists),
        settled=is_settled,
        candidates=[build_candidate(one) for one in record.candidates],
        **{name: getattr(record, name) for name in names},
    )
