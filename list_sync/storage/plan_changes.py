"""What changed since a plan was made, as far as the database knows it."""

from sqlalchemy import Connection, and_, func, select

from list_sync.database.schema import households, sent_requests
from list_sync.database.schema_web import plan_lines
from list_sync.model.plans import LineKind
from list_sync.model.sources import ListKey
from list_sync.model.titles import counted
from list_sync.storage.journal import REACHED_THE_SERVER
from list_sync.storage.lists import find_lists
from list_sync.storage.plans import KeptPlan

_LINES, _SENT = plan_lines.c, sent_requests.c


def find_changes(connection: Connection, household: str, plan: KeptPlan) -> tuple[str, ...]:
    """Return a sentence for each thing that changed; none of them keeps the plan from being applied."""
    asked = _count_asked_since(connection, household, plan)
    words = "was requested" if asked == 1 else "were requested"
    sentences = [f"{counted(asked, 'title')} of this plan {words} since"] if asked else []
    planned = {one.name: one.titles for one in plan.head.lists}
    for record in find_lists(connection, household):
        name = ListKey(record.list_type, record.list_id).name
        before = planned.get(name)
        if before is not None and record.run_id > plan.run_id and record.item_count != before:
            sentences.append(f"{name} has {counted(record.item_count, 'title')} now, and {before} in the plan")
    return tuple(sentences)


def _count_asked_since(connection: Connection, household: str, plan: KeptPlan) -> int:
    same = and_(*(_LINES[name] == _SENT[name] for name in ("media_type", "tmdb_id", "quality")))
    of_household = _SENT.server_id.in_(select(households.c.server_id).where(households.c.name == household))
    since = (_SENT.sent_at > plan.head.made_at) & _SENT.state.in_(REACHED_THE_SERVER)
    asked = (_LINES.run_id == plan.run_id) & (_LINES.kind == LineKind.REQUEST.value) & of_household & since
    found = select(func.count(_LINES.number.distinct())).join_from(plan_lines, sent_requests, same).where(asked)
    return connection.scalar(found) or 0
