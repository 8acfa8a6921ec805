"""The run at work: its stages, and how far each is."""

from typing import Literal

from pydantic import BaseModel, Field

from list_sync.model.runs import Stage
from list_sync.web.watching.feed import RunNow


class StageNow(BaseModel):
    """One stage of a run; the numbers are null until it begins."""

    stage: Stage
    state: Literal["done", "now", "later"]
    done: int | None = Field(examples=[412])
    total: int | None = Field(examples=[688])


class RunAtWork(BaseModel):
    """The run that works in this daemon; `stage` is null until its first stage begins."""

    run_id: int = Field(examples=[413])
    stage: Stage | None
    done: int = Field(examples=[412])
    total: int = Field(examples=[688])
    note: str = Field(examples=["Sunrise (1927)"], description="what was finished last")
    stages: list[StageNow]


def build_run_at_work(run: RunNow) -> RunAtWork:
    """Return the run at work with all its stages."""
    now = run.progress
    known = {one.stage: one for one in run.past} | ({now.stage: now} if now else {})
    order = list(Stage)
    place = order.index(now.stage) if now else -1
    stages = []
    for number, stage in enumerate(order):
        found = known.get(stage) if number <= place else None
        state = "done" if number < place else "now" if number == place else "later"
        stages.append(
            StageNow.model_validate(
                {"stage": stage, "state": state, "done": found and found.done, "total": found and found.total}
            )
        )
    return RunAtWork(
        run_id=run.run_id,
        stage=now.stage if now else None,
        done=now.done if now else 0,
        total=now.total if now else 0,
        note=now.note if now else "",
        stages=stages,
    )
