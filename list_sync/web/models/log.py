"""Lines of the log."""

from pydantic import BaseModel, Field

from list_sync.web.models.answers import Moment
from list_sync.web.watching.log_ring import Level, LogLine


class LogLineAnswer(BaseModel):
    """One line of the log."""

    at: Moment
    level: Level
    run_id: int | None = Field(examples=[42], description="the run that it belongs to")
    message: str = Field(examples=["imdb:top: 250 titles"])


def build_line(line: LogLine) -> LogLineAnswer:
    """Return a line."""
    return LogLineAnswer(at=line.at, level=line.level, run_id=line.run_id, message=line.message)
