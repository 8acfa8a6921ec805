"""Everything on one line for dashboards: numbers, times, and one word."""

from pydantic import BaseModel, Field

from list_sync.model.mood import Mood
from list_sync.web.models.answers import Moment


class Summary(BaseModel):
    """The state of everything, without nested values."""

    status: Mood = Field(
        description="`error`: the last run failed, or the database cannot be used; `running`: a sync works; `paused`;"
        " `attention`: lists that are stale or failed, titles to review, requests that failed or vanished, titles"
        " that the brake holds; else `ok`"
    )
    version: str = Field(examples=["1.2.0"])
    last_sync_at: Moment | None = Field(description="when the last sync that went through ended")
    next_sync_at: Moment | None
    paused_until: Moment | None
    last_run_id: int | None
    last_run_status: str | None = Field(examples=["completed"])
    last_run_requested: int
    last_run_errored: int
    last_run_seconds: int | None
    lists: int
    lists_complete: int
    lists_partial: int
    lists_stale: int
    lists_failed: int
    titles: int
    requested: int
    already_requested: int
    already_available: int
    waiting: int
    needs_review: int
    not_found: int
    request_failed: int
    vanished: int = Field(description="requests that vanished from the server at once: see `accept-reset`")
    other_states: int = Field(description="titles in any state that is not named here")
