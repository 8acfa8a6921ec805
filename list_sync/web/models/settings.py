"""Settings: what each is, where its value comes from, and what a change of it does."""

from typing import Annotated

from pydantic import BaseModel, Field

from list_sync.config.showing import Shown
from list_sync.model.trials import Trial
from list_sync.web.models.answers import Body, example
from list_sync.web.models.configuring import TrialAnswer, build_trial

Name = Annotated[str, Field(examples=["MAX_REQUESTS_PER_DAY"])]


class SettingAnswer(BaseModel):
    """One setting; secrets are only said to be set."""

    name: Name
    group: str = Field(examples=["caps"])
    summary: str = Field(examples=["maximum number of requests in one sync"])
    text: str = Field(description="what it is; words of the program are in backticks")
    value: str | None = Field(examples=["20"], description="null for a secret, and where nothing is set")
    is_set: bool
    secret: bool = Field(description="whether its value is never shown")
    default: str | None = Field(examples=["0"])
    origin: str | None = Field(
        examples=["environment"], description="environment, NAME_FILE, .env, lists.yaml or config.enc; null: default"
    )
    locked: str | None = Field(
        examples=["set in environment, which wins over config.enc: change it there, then restart"],
        description="why it cannot be changed here; null if it can",
    )
    stored: bool = Field(description="whether config.enc has a value of it, which may not be the one that counts")
    counts_from: str = Field(examples=["the next sync"], description="from when a new value counts")
    pending: bool = Field(description="whether it is saved, and not in use yet")
    in_use: str | None = Field(description="the value in use, if another one is saved; null for secrets")
    problem: str | None = Field(description="what is wrong with the value")
    choices: list[str] = Field(description="the words that it can be")
    example: str | None
    testable: bool = Field(description="whether POST /api/settings/NAME/test can test it")
    last_test: TrialAnswer | None = Field(description="the last test since the start")


class SettingsAnswer(BaseModel):
    """All settings, group by group, and what is wrong with them."""

    items: list[SettingAnswer]
    problems: list[str] = Field(description="with these, the next start would fail")
    warnings: list[str]
    obstacle: str | None = Field(description="why nothing can be saved here; null if it can")


class SettingOrder(Body):
    """A new value of a setting."""

    model_config = Body.model_config | example(value="20")

    value: Annotated[str, Field(min_length=1, max_length=20_000)] = Field(examples=["20"])
    key: Annotated[str, Field(max_length=2000)] = Field(
        default="", examples=[""], description="with a new address: the key that is sent to it, which is typed again"
    )


class ChangeAnswer(BaseModel):
    """What a change would do; nothing is written yet."""

    name: Name
    before: str | None = Field(description="null for a secret, and where nothing is set")
    after: str | None = Field(description="null for a secret, and where the default counts again")
    removes: bool = Field(description="whether the stored value is removed")
    secret: bool
    with_key: str | None = Field(examples=[None], description="the setting of the key that is stored with it")
    counts_from: str = Field(examples=["the next sync"])


def build_setting(shown: Shown, trial: Trial | None) -> SettingAnswer:
    """Return a setting as an answer."""
    one = shown.description
    return SettingAnswer(
        name=one.name,
        group=one.group,
        summary=one.summary,
        text=one.plain_text,
        value=shown.value,
        is_set=bool(shown.origin),
        secret=shown.is_hidden,
        default=one.default or None,
        origin=shown.origin or None,
        locked=shown.lock or None,
        stored=shown.is_stored,
        counts_from=shown.counts_from,
        pending=shown.is_pending,
        in_use=shown.in_use or None,
        problem=shown.problem or None,
        choices=list(one.choices),
        example=one.example or None,
        testable=bool(one.test),
        last_test=build_trial(trial) if trial else None,
    )
