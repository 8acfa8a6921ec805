"""What a run did that is news: titles that were requested, left, failed, or need a person; pure."""

from collections.abc import Iterable, Mapping, Sequence

from list_sync.model.decisions import ItemStatus, RequestOutcome
from list_sync.model.matches import Match
from list_sync.model.notices import MOST_TITLES, Digest, Kind, Titles
from list_sync.model.report import SyncReport
from list_sync.model.sources import ListKey
from list_sync.model.titles import TitleKey, with_year
from list_sync.storage.troubled import Troubled

_LONGEST_NAME = 70
_LONGEST_LIST = 40


def build_digest(
    report: SyncReport,
    troubled: Sequence[Troubled],
    *,
    names: Mapping[ListKey, str],
    titles: Mapping[TitleKey, str],
) -> Digest | None:
    """Return the news of a run, None if there are none; `titles` are names that no list states."""
    requested = [one for one in report.outcomes if one.status is ItemStatus.REQUESTED and isinstance(one.result, Match)]
    left = [one for one in report.left if one.is_withdrawn]
    found = {
        Kind.REQUESTED: _gather(_describe(one, names, titles) for one in requested),
        Kind.LEFT: _gather(shorten(one.label) for one in left),
        Kind.FAILED: _gather(_of_state(troubled, ItemStatus.REQUEST_FAILED)),
        Kind.REVIEW: _gather(_of_state(troubled, ItemStatus.NEEDS_REVIEW)),
    }
    news = {kind: one for kind, one in found.items() if one.total}
    return Digest(report.run_id, news) if news else None


def shorten(text: str, most: int = _LONGEST_NAME) -> str:
    """Return a name that fits into a line of a message."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _describe(outcome: RequestOutcome, names: Mapping[ListKey, str], titles: Mapping[TitleKey, str]) -> str:
    wanted, key = outcome.result.wanted, outcome.decision.title_key
    label = with_year(wanted.item.title, wanted.item.year) if wanted.item.title else titles.get(key, "") if key else ""
    source = next((names[one.key] for one in wanted.sources if one.key in names), "")
    where = f" ({shorten(source, _LONGEST_LIST)})" if source else ""
    return f"{shorten(label or 'a title without a name')}{where}"


def _of_state(troubled: Iterable[Troubled], status: ItemStatus) -> Iterable[str]:
    return (shorten(with_year(one.title, one.year)) for one in troubled if one.status is status)


def _gather(labels: Iterable[str]) -> Titles:
    found = list(labels)
    return Titles(tuple(found[:MOST_TITLES]), len(found))
