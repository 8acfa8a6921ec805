"""Tokens, the audit log, and backups."""

from typing import Annotated

from pydantic import BaseModel, Field

from list_sync.model.access import LONGEST_NAME, ApiToken, Deed, Scope
from list_sync.web.models.answers import Body, Moment, example


class TokenAnswer(BaseModel):
    """A token; the token itself is not shown."""

    name: str = Field(examples=["prometheus"])
    scope: Scope
    created_at: Moment
    last_used_at: Moment | None


class TokensAnswer(BaseModel):
    """All tokens but the owner's."""

    items: list[TokenAnswer]


class TokenOrder(Body):
    """A new token."""

    model_config = Body.model_config | example(name="prometheus", scope="read")

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    scope: Scope = Scope.READ


class NewToken(BaseModel):
    """A token that was made; it is not shown again."""

    name: str
    scope: Scope
    token: str


class DeedAnswer(BaseModel):
    """A line of the audit log: who did what, from which address, to what, and what came of it."""

    at: Moment
    actor: str = Field(examples=["API_TOKEN"])
    address: str = Field(examples=["192.168.1.20"])
    action: str = Field(examples=["pin"])
    target: str = Field(examples=["Heat (1995)"])
    outcome: str = Field(examples=["done", "403 Forbidden"])


class BackupAnswer(BaseModel):
    """A backup that `list-sync restore` takes."""

    path: str = Field(examples=["/data/backups/list-sync-20261127-120000.tar.gz"])
    made_at: Moment
    size: int | None = Field(examples=[482_113], description="in bytes")
    verified: bool = Field(description="whether it was read back as `restore` reads it before it got its name")
    scheduled: bool = Field(description="whether BACKUP_SCHEDULE made it")
    notes: list[str] = Field(default=[], description="what is not in it")


class BackupsAnswer(BaseModel):
    """The backups in the data folder, the newest first, and how they are made by themselves."""

    items: list[BackupAnswer]
    schedule: str | None = Field(examples=["30 3 * * *"], description="BACKUP_SCHEDULE; null: never")
    keep: int = Field(examples=[7], description="BACKUP_KEEP")
    next_at: Moment | None = Field(description="when the next one of the schedule is made, or tried again")
    trouble: str = Field(description="why the last one of the schedule could not be made; empty if it could")


def build_token(token: ApiToken) -> TokenAnswer:
    """Return a token as an answer."""
    return TokenAnswer(**{name: getattr(token, name) for name in TokenAnswer.model_fields})


def build_deed(numbered: tuple[int, Deed]) -> DeedAnswer:
    """Return a line of the audit log as an answer."""
    return DeedAnswer(**{name: getattr(numbered[1], name) for name in DeedAnswer.model_fields})
