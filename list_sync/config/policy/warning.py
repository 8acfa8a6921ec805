"""Warnings about what lists.yaml states: it counts, but may not do what it seems to do."""

from collections.abc import Iterator

from list_sync.config.policy.documents import Fault, Node
from list_sync.config.policy.forms import ListsForm
from list_sync.config.policy.naming import Sources


def find_warnings(form: ListsForm, root: Node, sources: Sources) -> Iterator[Fault]:
    """Yield what may be meant otherwise."""
    never = {sources.excluded[one.list].key for one in form.exclusions if one.list}
    for index, ref in enumerate(sources.entries):
        if ref is not None and ref.key in never:
            text = f"{ref.name} is a list and an exclusion, so nothing of it is requested"
            yield Fault(root.find(("lists", index)).place, text)
