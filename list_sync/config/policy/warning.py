"""Warnings about what lists.yaml states: it counts, but may not do what it seems to do."""

from collections.abc import Iterator

from list_sync.config.policy.documents import Fault, Node
from list_sync.config.policy.forms import ListsForm
from list_sync.config.policy.naming import Sources
from list_sync.model.terms import Approval

_RULES = (
    "server: with approval: requester, override rules of Jellyseerr and Seerr win over these options, unless the "
    "requester may manage requests; with approval: key they never do"
)


def find_warnings(form: ListsForm, root: Node, sources: Sources) -> Iterator[Fault]:
    """Yield what may be meant otherwise."""
    never = {sources.excluded[one.list].key for one in form.exclusions if one.list}
    for index, ref in enumerate(sources.entries):
        if ref is not None and ref.key in never:
            text = f"{ref.name} is a list and an exclusion, so nothing of it is requested"
            yield Fault(root.find(("lists", index)).place, text)
    entries = [(("defaults",), form.defaults)] if form.defaults else []
    approval = form.defaults.approval if form.defaults else Approval.REQUESTER
    for path, terms in [*entries, *((("lists", index), entry) for index, entry in enumerate(form.lists))]:
        chosen = terms.approval if "approval" in terms.model_fields_set else approval
        if terms.server is not None and terms.server.stated() and chosen is Approval.REQUESTER:
            yield Fault(root.find((*path, "server")).place, _RULES)
