"""The explanation of a title's state."""

from pydantic import BaseModel, Field

from list_sync.model.explanations import Explanation
from list_sync.model.terms import Approval, SentOptions


class Rule(BaseModel):
    """What one rule said of a title."""

    rule: str = Field(examples=["year >=1990"])
    passed: bool
    value: str = Field(examples=["1999"])
    source: str = Field(examples=["Best of 1994"], description='the list whose rule it is, "" if it is of all lists')


class ItemExplanation(BaseModel):
    """Why a title was decided as it was."""

    entry: str = Field(examples=["imdb:tt0133093"], description="the id or name of the list that it was matched by")
    considered: list[str] = Field(examples=[["Heat (1995) [movie 949]"]], description="what TMDB offered for a name")
    source: str = Field(examples=["imdb:top"], description="the list that decided about requester and options")
    requester_id: int = Field(examples=[1])
    approval: Approval
    priority: int = Field(examples=[0])
    seasons: list[int] = Field(description="the seasons that were asked for")
    options: SentOptions | None = Field(description="where the request goes, in the numbers of the server")
    rules: list[Rule]
    rules_left_out: int = Field(description="how many more rules there were")


def build_explanation(told: Explanation | None) -> ItemExplanation | None:
    """Return an explanation, if one is stored."""
    return ItemExplanation.model_validate(told, from_attributes=True) if told else None
