"""The keys of lists.yaml: their values, defaults, descriptions and examples."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from list_sync.config.policy.filter_forms import FiltersForm, Form, ShortForm
from list_sync.config.policy.leaves import SWITCH, Leaf, choice, leaf, named, or_none, pattern, whole, words
from list_sync.config.policy.units import parse_length, parse_seasons, parse_size, parse_times
from list_sync.model.name_patterns import parse_name
from list_sync.model.terms import Again, Approval, Order, SeasonRule, ServerOptions, TagsMode, Withdrawal
from list_sync.model.titles import Quality

MOST = 1_000_000
QUALITIES = {"hd": (Quality.HD,), "4k": (Quality.UHD,), "both": (Quality.HD, Quality.UHD)}
_MEANT = {"uhd": "4k", "2160p": "4k", "1080p": "hd", "720p": "hd", "all": "both"}
_SEASON_WORDS = "^(all|first|latest|next|future|first: *[0-9]+|[0-9]+)$"
_SEASON_NUMBER = {"type": "integer", "minimum": 0, "maximum": 999}
_SEASONS = {
    "anyOf": [
        {"type": "string", "pattern": _SEASON_WORDS},
        _SEASON_NUMBER,
        {"type": "array", "minItems": 1, "items": _SEASON_NUMBER},
    ],
    "$comment": "`all`, `first`, `latest`, `next`, `first:2`, `[1, 2]`, `future`",
}

Length = Annotated[
    timedelta | None,
    or_none(
        leaf(
            parse_length,
            {"type": "string", "pattern": r"^(\d+(\.\d+)? *(min|[mhdw]) *)+$"},
            "`30m`, `2h`, `7d`, `1d 12h`",
        )
    ),
]
Count = Annotated[int | None, or_none(whole(1, MOST, "20"))]
Cap = Annotated[int | None, or_none(whole(0, MOST, "50"))]
Number = Annotated[int, whole(1, 2**31 - 1, "603 (the number in the address of its page at TMDB)")]
Name = Annotated[str, words("Best of 1994")]
Source = Annotated[str, words("imdb:top", most=2000)]
Named = Annotated[str | int, named("HD-1080p")]
Folder = Annotated[str, pattern(r"(/|[A-Za-z]:[\\/]|\\\\).*", str, "is no whole path; for example /movies", "a path")]


class AnimeForm(Form):
    """Where requests for anime go; what is left out is left to the server."""

    name: Named | None = Field(None, description="The Radarr or Sonarr, by its name or number.", examples=["Sonarr 4K"])
    profile: Named | None = Field(None, description="The quality profile.", examples=["HD-1080p"])
    root_folder: Folder | None = Field(None, description="The folder for the files.", examples=["/movies"])
    tags: tuple[Named, ...] | None = Field(None, description="Tags in Radarr or Sonarr.", examples=[["kids"]])
    tags_mode: Annotated[TagsMode, choice(TagsMode)] = Field(
        TagsMode.ADD,
        description="add: beside the default tags of the server; replace: in their place.",
        examples=["add"],
    )

    def build(self) -> ServerOptions:
        """Return the options."""
        return ServerOptions(**{"server" if key == "name" else key: value for key, value in self.stated().items()})


class ServerForm(AnimeForm):
    """Where the requests of a list go; what is left out is left to the server."""

    anime: AnimeForm | None = Field(None, description="What counts for anime instead.", examples=[{"profile": "Anime"}])

    def build(self) -> ServerOptions:
        """Return the options."""
        return replace(super().build(), anime=self.anime.build() if self.anime else None)


class SourceForm(ShortForm):
    """Which list it is."""

    main_key = "source"
    source: Source = Field(
        description="The list: provider:id, or an address that a provider recognises.", examples=["imdb:ls123456789"]
    )
    name: Name | None = Field(
        None, description="What the list is called in messages. Default: provider:id.", examples=["Best of 1994"]
    )


class TermsForm(Form):
    """What a list wants of its titles."""

    enabled: Annotated[bool, SWITCH] = Field(
        True, description="off: the list is not read, and its titles stay as they are.", examples=["off"]
    )
    requester: Annotated[str, words("alice", most=200)] | None = Field(
        None,
        description="Who requests: a user of the server by number, user name, display name or e-mail; each: every "
        "person in their own name (Jellyfin's and Plex's own lists). Default: OVERSEERR_USER_ID.",
        examples=["alice"],
    )
    approval: Annotated[Approval, choice(Approval)] = Field(
        Approval.REQUESTER,
        description="Whose permissions decide: those of the requester, or those of the owner of the API key.",
        examples=["key"],
    )
    quality: Annotated[tuple[Quality, ...], choice(QUALITIES, **_MEANT)] = Field(
        (Quality.HD,),
        description="In which quality titles are wanted. Default: OVERSEERR_4K.",
        examples=["4k"],
        json_schema_extra={"default": "hd"},
    )
    seasons: Annotated[SeasonRule, Leaf(parse_seasons, _SEASONS)] = Field(
        SeasonRule(),
        description="Which seasons of a show: all, first, latest (the highest that aired), next (after the last "
        "available one), first:N, [1, 2], future (those that air after the list was added); specials are 0.",
        examples=["first"],
        json_schema_extra={"default": "all"},
    )
    max_seasons: Count = Field(None, description="Leave out shows with more seasons.", examples=[5])
    limit: Count = Field(None, description="At most so many new titles of the list, in its order.", examples=[50])
    order: Annotated[Order, choice(Order)] = Field(
        Order.RANK,
        description="Which titles come first: rank (as the list has them), added (the newest), rating (the best).",
        examples=["added"],
    )
    max_new_per_day: Count = Field(None, description="At most so many requests of the list in 24 hours.", examples=[5])
    max_open: Count = Field(
        None, description="At most so many requests of the list whose titles are not available yet.", examples=[10]
    )
    hold: Length = Field(None, description="How long a new entry rests before it is requested.", examples=["2h"])
    again: Annotated[Again, choice(Again)] = Field(
        Again.NEVER,
        description="Whether a title that was declined, deleted or taken back is requested again: never, or "
        "when_readded (after it was put on the list anew).",
        examples=["when_readded"],
    )
    schedule: Annotated[
        str | None, or_none(leaf(parse_times, {"type": "string"}, "`6h`, `30m`, a cron expression"))
    ] = Field(
        None,
        description="When the list is synced: an interval, or cron expressions with ; between them. Default: "
        "SYNC_SCHEDULE or SYNC_INTERVAL.",
        examples=["6h", "0 3 * * *"],
    )
    priority: Annotated[int, whole(-1000, 1000, "10")] = Field(
        0,
        description="Of several lists with one title, that with the highest number decides requester, approval and "
        "server options.",
        examples=[10],
    )
    filters: FiltersForm | None = Field(None, description="Rules that a title must pass.", examples=[{"kind": "movie"}])
    server: ServerForm | None = Field(
        None, description="Where the requests go.", examples=[{"profile": "HD-1080p", "tags": ["kids"]}]
    )
    exclude_lists: tuple[Source, ...] = Field(
        (),
        description="Titles on these lists are not wanted here; a list is named as provider:id, by its address, or by "
        "its name in this file.",
        examples=[["trakt:alice/seen"]],
    )
    withdraw: Annotated[Withdrawal, choice(Withdrawal)] = Field(
        Withdrawal.NEVER,
        description="Whether our request is withdrawn when its title left all lists: never, or pending (while it is "
        "not approved).",
        examples=["pending"],
    )


class DefaultsForm(TermsForm):
    """What counts for every list that does not state the same key."""


class ListForm(TermsForm, SourceForm):
    """A list and what it wants."""


class ExclusionForm(Form):
    """Titles that are never requested: one key of these."""

    movie: Number | None = Field(None, description="A film, by its number at TMDB.", examples=[603])
    tv: Number | None = Field(None, description="A show, by its number at TMDB.", examples=[1399])
    title: Annotated[
        str | None, leaf(parse_name, {"type": ["string", "number"], "minLength": 1}, "a name, or `/…/`")
    ] = Field(
        None,
        description="A whole title, or a regular expression between slashes; letter case does not matter.",
        examples=["/^The Bachelor/"],
    )
    list: Source | None = Field(
        None, description="All titles of a list: provider:id, or its address.", examples=["trakt:alice/seen"]
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.stated()) != 1:
            raise ValueError("an exclusion has one key: movie, tv, title or list; write a line for each")
        return self


class CapsForm(Form):
    """How many titles may be requested by all lists together; 0 or none means no cap."""

    per_run: Cap = Field(
        None, description="At most so many requests in a sync. Default: MAX_REQUESTS_PER_RUN.", examples=[50]
    )
    per_day: Cap = Field(None, description="At most so many requests in 24 hours.", examples=[100])
    per_requester: Cap = Field(
        None, description="The same for each requester alone. Default: MAX_REQUESTS_PER_DAY.", examples=[20]
    )


class PauseForm(Form):
    """When nothing new is requested."""

    pending: Count = Field(None, description="So many requests wait for approval.", examples=[50])
    free_space: Annotated[
        int | None,
        or_none(
            leaf(parse_size, {"type": "string", "pattern": r"^\d+(\.\d+)? *[KMGTPkmgtp]i?[Bb]?$"}, "`200 GB`, `1.5 TB`")
        ),
    ] = Field(None, description="Less space than this is free for Radarr or Sonarr.", examples=["200 GB"])
    quota_left: Cap = Field(None, description="Only so many requests are left of the requester's quota.", examples=[2])


class ListsForm(Form):
    """The lists, and what each of them wants of its titles."""

    defaults: DefaultsForm | None = Field(
        None, description="What counts for every list that does not state the same key.", examples=[{"quality": "hd"}]
    )
    lists: tuple[ListForm, ...] = Field((), description="The lists.", examples=[[{"source": "imdb:top"}]])
    exclusions: tuple[ExclusionForm, ...] = Field(
        (), description="Titles that are never requested.", examples=[[{"movie": 603}]]
    )
    caps: CapsForm | None = Field(
        None, description="How many titles may be requested by all lists together.", examples=[{"per_day": 100}]
    )
    pause_when: PauseForm | None = Field(
        None, description="When nothing new is requested.", examples=[{"free_space": "200 GB"}]
    )
    brake: Annotated[bool, SWITCH] = Field(
        True,
        description="on: a sync that wants far more than usual stops before it requests anything.",
        examples=["on"],
    )
