"""`plan --config`: what another lists.yaml would have done with the titles of the last time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from list_sync.commands.json_output import print_json, shown_utc
from list_sync.commands.loading import introduce
from list_sync.commands.opening import find_own_store
from list_sync.commands.printing import say
from list_sync.commands.tables import print_table
from list_sync.errors import ConfigError
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.lengths import find_length
from list_sync.model.moments import utc_now
from list_sync.model.shown import shown_kind
from list_sync.model.titles import counted
from list_sync.preparation import prepare_settings, read_instead
from list_sync.replaying import Change, Replayed, replay

COLUMNS = ("title", "kind", "list", "why")
_SIGNS = {Change.MORE: "+", Change.LESS: "-", Change.UNKNOWN: "?"}


def replay_policy(file: Path, since: str, *, as_json: bool, household: str = HOME) -> ExitCode:
    """Print what a policy would have decided otherwise; no list and no server is asked, and nothing is written."""
    length, now = find_length(since), utc_now()
    if length is None:
        raise ConfigError(f'--since: "{since}" is not a time: write 12h, 90d or 8w')
    settings = introduce(prepare_settings(household))
    other = read_instead(settings, file, household)
    store = find_own_store(settings, as_json=as_json)
    if store is None:
        return ExitCode.FAILURES
    with store:
        found = replay(store, other.policy, other.household.lists, since=now - length, now=now)
    if as_json:
        print_json(_build_object(file, now - length, found))
    else:
        _print(found, now - length)
    return ExitCode.OK


def _print(found: Sequence[Replayed], since: datetime) -> None:
    changed = sorted([one for one in found if one.change in _SIGNS], key=lambda one: list(_SIGNS).index(one.change))
    if changed:
        print_table(COLUMNS, [_build_row(one) for one in changed])
    counts = Counter(one.change for one in found)
    say(
        f"{counted(len(found), 'title')} since {since:%Y-%m-%d}: this policy wants {counts[Change.MORE]} more and"
        f" {counts[Change.LESS]} fewer, {counts[Change.UNKNOWN]} not known, {counts[Change.SAME]} as before"
    )


def _build_row(one: Replayed) -> tuple[str, str, str, str]:
    return f"{_SIGNS[one.change]} {one.title}", shown_kind(one.media_type, one.quality), one.listed_by, one.reason


def _build_object(file: Path, since: datetime, found: Sequence[Replayed]) -> dict[str, object]:
    counts = Counter(one.change.value for one in found)
    return {"config": str(file), "since": shown_utc(since), "counts": counts, "lines": [asdict(one) for one in found]}
