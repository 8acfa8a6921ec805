"""Tests of settings, the check of everything, and log-ins by code."""

from pydantic import BaseModel, Field

from list_sync.logins import Login
from list_sync.model.trials import Trial
from list_sync.web.configuring.checkup import Findings
from list_sync.web.configuring.log_ins import LogIn
from list_sync.web.models.answers import Moment


class TrialAnswer(BaseModel):
    """What came of a test of one part of the settings."""

    part: str = Field(examples=["server"])
    ok: bool
    words: str = Field(examples=["Seerr 3.1.0 answers in 41 ms, for user 1 (alice)"])
    at: Moment
    seconds: float = Field(examples=[0.12])


class FindingAnswer(BaseModel):
    """One line of a check."""

    ok: bool
    words: str


class CheckAnswer(BaseModel):
    """The check of everything: how far it is, or what it found."""

    running: bool
    began_at: Moment | None
    ended_at: Moment | None
    to_fix: int = Field(description="how many findings ask for something")
    findings: list[FindingAnswer]


class LogInAnswer(BaseModel):
    """A log-in at a service: whether there is one, and how far a new one is."""

    service: str = Field(examples=["trakt"])
    logged_in: bool
    expires_at: Moment | None = Field(description="when the stored log-in ends, if the service says so")
    renewed: bool = Field(description="whether ListSync renews it in time")
    step: str | None = Field(
        examples=["waiting"], description="asking, waiting, done or failed; null if none was begun"
    )
    address: str | None = Field(examples=["https://trakt.tv/activate"], description="where to go")
    code: str | None = Field(examples=["5055CC52"], description="what to type there")
    code_expires_at: Moment | None
    words: str | None = Field(description="why it failed")


def build_trial(trial: Trial) -> TrialAnswer:
    """Return the result of a test."""
    seconds = round(trial.seconds, 3)
    return TrialAnswer(part=trial.part, ok=trial.is_good, words=trial.words, at=trial.at, seconds=seconds)


def build_check(findings: Findings | None) -> CheckAnswer:
    """Return a check; without one, nothing was found."""
    found = findings.found if findings else ()
    return CheckAnswer(
        running=findings is not None and findings.ended_at is None,
        began_at=findings.began_at if findings else None,
        ended_at=findings.ended_at if findings else None,
        to_fix=sum(not one.is_good for one in found),
        findings=[FindingAnswer(ok=one.is_good, words=one.words) for one in found],
    )


def build_log_in(service: str, stored: Login | None, begun: LogIn | None) -> LogInAnswer:
    """Return how it is about a service."""
    return LogInAnswer(
        service=service,
        logged_in=stored is not None,
        expires_at=stored.expires_at if stored else None,
        renewed=stored is not None and stored.is_renewed,
        step=begun.step.value if begun else None,
        address=(begun.address or None) if begun else None,
        code=(begun.code or None) if begun else None,
        code_expires_at=begun.expires_at if begun else None,
        words=(begun.words or None) if begun else None,
    )
