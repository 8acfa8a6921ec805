"""The filters of a list, as lists.yaml states them."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator

from list_sync.config.policy.leaves import NONE, Leaf, choice, decimal, leaf, pattern, whole, words
from list_sync.config.policy.units import check_bounds, parse_bounds
from list_sync.model.filters import IfUnknown, NotOn, Range, Rating, RatingSource, Release, Released, Words
from list_sync.model.genres import GENRE_NAMES
from list_sync.model.titles import MediaType

ANY = "any"
YEARS = (1870, 2200)
MINUTES = (0, 100_000)


class Form(BaseModel):
    """A map of lists.yaml; errors do not repeat its values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def stated(self) -> dict[str, Any]:
        """Return the values of the keys that are stated."""
        return {key: getattr(self, key) for key in type(self).model_fields if key in self.model_fields_set}


class ShortForm(Form):
    """A map that can also be written as the value of its main key."""

    main_key: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, value: object) -> object:
        return value if isinstance(value, Mapping) else {cls.main_key: value}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the form for editors: the map, or the value of its main key alone."""
        schema = handler.resolve_ref_schema(handler(core))
        short = {key: value for key, value in schema["properties"][cls.main_key].items() if key != "default"}
        return {"anyOf": [short, schema]}


_UNKNOWN = choice(IfUnknown)
_UNKNOWN_WORDS = "For titles of which this is not known: accept, wait until it is known, or reject."
Unknown = Annotated[IfUnknown, _UNKNOWN]


def _unknown(default: IfUnknown = IfUnknown.ACCEPT) -> Any:
    return Field(default, description=_UNKNOWN_WORDS, examples=["wait"])


def _bounds(least: int, most: int, example: int) -> Leaf:
    schema = {"type": ["string", "integer"], "pattern": r"^(>=|<=|>|<|≥|≤|=)? *\d+( *(-|–|\.\.) *\d+)?$"}
    return leaf(
        partial(parse_bounds, least=least, most=most, example=example),
        schema,
        f"`>={example}`, `<={example}`, two numbers, one number",
    )


class _RangeForm(ShortForm):
    main_key: ClassVar[str] = "range"

    @model_validator(mode="after")
    def _check(self) -> Self:
        self.bounds()
        return self

    def bounds(self) -> tuple[int | None, int | None]:
        """Return the least and the most, from `range` or from `min` and `max`."""
        values = self.stated()
        if "range" in values and values.keys() & {"min", "max"}:
            raise ValueError("range and min or max say the same; keep one of them")
        if not values.keys() & {"range", "min", "max"}:
            raise ValueError("a filter without a number; write range, or min and max")
        bounds: tuple[int | None, int | None] = values.get("range") or (values.get("min"), values.get("max"))
        return check_bounds(*bounds)

    def build(self) -> Range:
        """Return the filter."""
        return Range(*self.bounds(), unknown=self.stated().get("unknown", IfUnknown.ACCEPT))


Year = Annotated[int | None, whole(*YEARS, "1990")]
Minutes = Annotated[int | None, whole(*MINUTES, "90")]


class YearForm(_RangeForm):
    """Years of release, both ends included."""

    range: Annotated[tuple[int | None, int | None] | None, _bounds(*YEARS, 1990)] = Field(
        None, description="The years.", examples=[">=1990", "1990-1999", 1994]
    )
    min: Year = Field(None, description="The first year.", examples=[1990])
    max: Year = Field(None, description="The last year.", examples=[1999])
    unknown: Unknown = _unknown()


class RuntimeForm(_RangeForm):
    """The length of a film or of an episode in minutes, both ends included."""

    range: Annotated[tuple[int | None, int | None] | None, _bounds(*MINUTES, 90)] = Field(
        None, description="The minutes.", examples=["<=150", "90-120"]
    )
    min: Minutes = Field(None, description="The fewest minutes.", examples=[60])
    max: Minutes = Field(None, description="The most minutes.", examples=[150])
    unknown: Unknown = _unknown()


class _AnyForm(ShortForm):
    main_key: ClassVar[str] = "any"

    def build(self) -> tuple[frozenset[str], IfUnknown]:
        """Return the values, and what becomes of a title of which they are not known."""
        values = self.stated()
        return frozenset(values["any"]), values.get("unknown", IfUnknown.ACCEPT)


Genre = Annotated[str, choice({name: name for name in GENRE_NAMES})]
Language = Annotated[
    str, pattern("[A-Za-z]{2}", str.lower, "is no code of a language; for example en, de, ja", "a code")
]
# UK is no code; that of the United Kingdom is GB.
Country = Annotated[
    str, pattern("(?![Uu][Kk])[A-Za-z]{2}", str.upper, "is no code of a country; for example US, GB, DE", "a code")
]
Service = Annotated[str, words("Netflix", most=60)]


class GenresForm(_AnyForm):
    """Genres of TMDB, in English; letter case does not matter."""

    any: tuple[Genre, ...] = Field(min_length=1, description="The genres.", examples=[["Horror", "Thriller"]])
    unknown: Unknown = _unknown()


class LanguagesForm(_AnyForm):
    """Original languages, as codes of two letters."""

    any: tuple[Language, ...] = Field(min_length=1, description="The languages.", examples=[["en", "de"]])
    unknown: Unknown = _unknown()


class CountriesForm(_AnyForm):
    """Countries of production, as codes of two letters."""

    any: tuple[Country, ...] = Field(min_length=1, description="The countries.", examples=[["US", "GB"]])
    unknown: Unknown = _unknown()


class RatingForm(Form):
    """The least rating, by at least so many votes."""

    source: Annotated[RatingSource, choice(RatingSource)] = Field(
        RatingSource.TMDB, alias="from", description="Who rates.", examples=["imdb"]
    )
    min: Annotated[float, decimal(0, 100, "7")] = Field(
        description="The least rating, from 0 to 10; for rt, from 0 to 100.", examples=[7]
    )
    votes: Annotated[int, whole(0, 100_000_000, "500")] = Field(0, description="The fewest votes.", examples=[500])
    unknown: Unknown = _unknown()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.min > 10 and self.source is not RatingSource.RT:
            raise ValueError(f"min: {self.min:g} is more than 10, the best rating of {self.source}")
        if self.votes and self.source in (RatingSource.RT, RatingSource.LIST):
            raise ValueError(f"votes: {self.source} does not say how many there are; remove it")
        return self

    def build(self) -> Rating:
        """Return the filter."""
        return Rating(self.source, self.min, self.votes, self.unknown)


class ReleasedForm(ShortForm):
    """How far a title must be released."""

    main_key: ClassVar[str] = "release"
    release: Annotated[Released | None, choice({ANY: None, **{one.value: one for one in Released}})] = Field(
        description="any, or the release that a title needs: cinema, digital or aired.", examples=["digital"]
    )
    unknown: Unknown = _unknown(IfUnknown.WAIT)

    def build(self) -> Release | None:
        """Return the filter; None for any."""
        return Release(self.release, self.unknown) if self.release else None


class NotOnForm(Form):
    """Streaming services on which a title must not be."""

    region: Country = Field(description="The country of the services.", examples=["DE"])
    services: tuple[Service, ...] = Field(
        min_length=1, description="The services, as TMDB names them.", examples=[["Netflix"]]
    )
    unknown: Unknown = _unknown()

    def build(self) -> NotOn:
        """Return the filter."""
        return NotOn(self.region, frozenset(self.services), self.unknown)


_MEANT = {"film": "movie", "films": "movie", "movies": "movie", "show": "tv", "shows": "tv", "series": "tv"}
KIND: Mapping[str, MediaType | None] = {ANY: None, "movie": MediaType.MOVIE, "tv": MediaType.TV}


class FiltersForm(Form):
    """Rules that a title must pass, all of them."""

    kind: Annotated[MediaType | None, choice(KIND, **_MEANT)] = Field(
        None, description="Films or shows only: movie, tv or any.", examples=["movie"]
    )
    year: YearForm | None = Field(None, description="The year of release.", examples=[">=1990"])
    genres: GenresForm | None = Field(None, description="One of these genres is needed.", examples=[["Drama"]])
    exclude_genres: GenresForm | None = Field(None, description="None of these genres.", examples=[["Horror"]])
    languages: LanguagesForm | None = Field(
        None, description="The original language is one of these.", examples=[["en", "de"]]
    )
    exclude_languages: LanguagesForm | None = Field(
        None, description="The original language is none of these.", examples=[["hi"]]
    )
    countries: CountriesForm | None = Field(
        None, description="One of these countries of production is needed.", examples=[["US", "GB"]]
    )
    runtime: RuntimeForm | None = Field(None, description="The length in minutes.", examples=["<=150"])
    rating: RatingForm | None = Field(None, description="The least rating.", examples=[{"from": "imdb", "min": 7}])
    released: ReleasedForm | None = Field(None, description="The release that is needed.", examples=["digital"])
    not_on: NotOnForm | None = Field(
        None, description="Not on these streaming services.", examples=[{"region": "DE", "services": ["Netflix"]}]
    )

    @model_validator(mode="before")
    @classmethod
    def _take_away(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        return {key: None if rule == NONE else rule for key, rule in value.items()}

    @model_validator(mode="after")
    def _check(self) -> Self:
        for wanted, unwanted in (("genres", "exclude_genres"), ("languages", "exclude_languages")):
            self.build_words(wanted, unwanted)
        return self

    def build_words(self, wanted: str, unwanted: str) -> Words | None:
        """Return the filter of two keys, one with what is needed and one with what may not be there."""
        forms = [getattr(self, key, None) for key in (wanted, unwanted)]
        if not any(forms):
            return None
        nothing: frozenset[str] = frozenset()
        (these, if_these), (not_those, if_those) = (
            form.build() if form else (nothing, IfUnknown.ACCEPT) for form in forms
        )
        if both := {one.casefold() for one in these} & {one.casefold() for one in not_those}:
            raise ValueError(f"{wanted} and {unwanted} both name {', '.join(sorted(both))}; keep it in one of them")
        strictest = max(if_these, if_those, key=list(IfUnknown).index)
        return Words(these, not_those, strictest)
