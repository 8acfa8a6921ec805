"""What is wrong with a request is said in plain words, without the terms of the libraries."""

from datetime import datetime
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from list_sync.web.wording import describe_errors


class Entry(BaseModel):
    title: str
    year: int | str | None = None


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")

    titles: Annotated[str, Field(min_length=2)] | tuple[Entry, ...] | None = None
    kind: Literal["movie", "tv"] = "movie"
    limit: Annotated[int, Field(ge=1, le=200)] = 1
    until: datetime | None = None
    is_dry: bool = False

    @model_validator(mode="after")
    def _refuse(self):
        if self.limit == 13:
            raise ValueError("give another limit")
        return self


def words_for(body):
    with pytest.raises(ValidationError) as caught:
        Order.model_validate(body)
    return describe_errors([{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "body: must be a JSON object"),
        ({"limits": 1}, "body.limits: this key is not known"),
        ({"limit": 500}, "body.limit: must be at most 200"),
        ({"limit": "many"}, "body.limit: must be a whole number"),
        ({"limit": 13}, "body: give another limit"),
        ({"kind": "film"}, "body.kind: must be 'movie' or 'tv'"),
        ({"titles": 5}, "body.titles: must be text or must be an array"),
        ({"titles": [{"title": "Heat", "year": []}]}, "body.titles.0.year: must be a whole number or must be text"),
        ({"titles": [{}]}, "body.titles.0.title: this is missing"),
        ({"until": "soon"}, "body.until: must be a time, as in 2026-12-01T18:00:00Z"),
        ({"is_dry": "perhaps", "limit": 0}, "body.limit: must be at least 1; body.is_dry: must be true or false"),
    ],
)
def test_values_that_are_not_accepted(body, words):
    assert words_for(body) == words


def test_of_very_many_errors_the_first_are_told_and_long_keys_are_cut():
    def error(key):
        return {"type": "extra_forbidden", "loc": ("body", key), "msg": "", "ctx": {}}

    words = describe_errors([error(f"{number:06}" + "x" * 1000) for number in range(20_000)])
    assert words.count("this key is not known") == 10
    assert len(words) < 2000


def test_a_list_of_very_many_wrong_titles_is_refused_at_its_first(service):
    words = "body.custom_list.0: must be a JSON object"
    body = {"custom_list": [1] * 150_000}
    answer = service.post("/api/sync", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (422, words)


def test_addresses_and_methods_that_do_not_exist(service):
    for method, path, words in (
        ("GET", "/api/nothing", "there is nothing at this address: /docs shows all addresses"),
        ("PUT", "/health", "this address does not take PUT: /docs shows what it takes"),
    ):
        assert service.ask(method, path).json()["detail"] == words
