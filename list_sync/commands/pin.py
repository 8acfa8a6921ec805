"""`pin`: which TMDB title an entry is."""

from functools import partial

from list_sync.commands.correcting import complain_not_chosen, name_of
from list_sync.commands.loading import load_for_command
from list_sync.commands.opening import open_own_store
from list_sync.commands.printing import complain, say
from list_sync.correcting.finding import Found
from list_sync.correcting.keys import parse_target
from list_sync.correcting.pins import pin
from list_sync.correcting.targets import check_target
from list_sync.main import open_quick_client
from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.moments import utc_now


def pin_title(title: str, target: str | None, *, other_kind: bool = False, household: str = HOME) -> ExitCode:
    """Save which TMDB title an entry is, if TMDB has that title."""
    if target is None:
        complain('pin needs a TMDB title too: list-sync pin "Heat (1995)" tmdb:movie:949')
        return ExitCode.CONFIGURATION
    media_type, tmdb_id = parse_target(target)
    settings = load_for_command(household)
    name, doubt = check_target(partial(open_quick_client, settings), media_type, tmdb_id)
    with open_own_store(settings) as store:
        chosen = pin(store, title, media_type, tmdb_id, at=utc_now(), other_kind=other_kind)
    if isinstance(chosen, Found):
        return complain_not_chosen(title, chosen)
    if doubt:
        complain(f"it could not be checked that TMDB has {media_type.value} {tmdb_id}: {doubt}")
    kept = f"{f'called {name} there; ' if name else ''}kept under {', '.join(chosen.keys)}"
    say(f"{name_of(chosen)} is {media_type.value} {tmdb_id} from the next sync on ({kept})")
    for record in chosen.records:
        if record.status is ItemStatus.REQUESTED and (record.media_type, record.tmdb_id) != (media_type, tmdb_id):
            kind = record.media_type.value if record.media_type else "title"
            say(f"{kind} {record.tmdb_id} was requested for it before: delete that request on the server yourself")
    return ExitCode.OK
