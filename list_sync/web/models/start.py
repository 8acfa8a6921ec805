"""The first start: which of its three steps are done."""

from pydantic import BaseModel, Field

from list_sync.config.showing import find_place
from list_sync.model.masking import bare_address
from list_sync.model.runs import Run
from list_sync.providers import available_providers
from list_sync.storage.runs import load_past_runs
from list_sync.web.parts import Parts
from list_sync.web.watching.server_watch import Health

# A dry run is looked for among so many of the last runs.
_RECENT = 20


class ServerStep(BaseModel):
    """The first step: the media-request server."""

    is_set: bool
    address: str | None = Field(examples=["http://seerr:5055"])
    origin: str = Field(examples=["config.enc"], description='where the address is set, "" while it is not')
    health: Health | None = Field(description="null until the server was asked")
    kind: str | None = Field(examples=["Seerr"])
    cause: str | None = Field(description="why it cannot be used")


class StartAnswer(BaseModel):
    """The three steps of the first start: the server, a list, a look at the plan."""

    server: ServerStep
    lists: list[str] = Field(examples=[["imdb:top"]], description="the lists that are synced")
    planned: int | None = Field(description="the newest of the last runs that only planned")
    can_save: bool = Field(description="whether config.enc can be written")
    obstacle: str = Field(description="why it cannot be written")


def build_start(parts: Parts) -> StartAnswer:
    """Return how far the first start is; raise StorageError."""
    runs = load_past_runs(parts.store, limit=_RECENT)
    obstacle = parts.desk.store.find_obstacle()
    return StartAnswer(
        server=_build_server(parts),
        lists=[ref.label for ref in parts.lists],
        planned=next((run.run_id for run in runs if _is_plan(run)), None),
        can_save=not obstacle,
        obstacle=obstacle,
    )


def _is_plan(run: Run) -> bool:
    return run.dry_run and run.finished_at is not None


def _build_server(parts: Parts) -> ServerStep:
    url = parts.present.household.overseerr_url
    if url is None:
        return ServerStep(is_set=False, address=None, origin="", health=None, kind=None, cause=None)
    sight = parts.server.find_last()
    origin = find_place(parts.desk.store.read(available_providers()).environment, "OVERSEERR_URL")
    return ServerStep(
        is_set=True,
        address=bare_address(url),
        origin=origin,
        health=sight.check.health if sight else None,
        kind=sight.answer.dialect.value if sight and sight.answer else None,
        cause=sight.check.cause or None if sight else None,
    )
