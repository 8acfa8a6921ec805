"""Warnings about what lists.yaml states: it counts, but may not do what it seems to do."""

from collections.abc import Iterator

from list_sync.config.policy.documents import Fault, Node
from list_sync.config.policy.forms import ListsForm
from list_sync.config.policy.leaves import find_nearest
from list_sync.config.policy.naming import Sources
from list_sync.model.terms import Approval

# The genres of films and shows at TMDB, in English. A server may show them in another language.
GENRES = (
    *("Action", "Action & Adventure", "Adventure", "Animation", "Comedy", "Crime", "Documentary", "Drama", "Family"),
    *("Fantasy", "History", "Horror", "Kids", "Music", "Mystery", "News", "Reality", "Romance", "Science Fiction"),
    *("Sci-Fi & Fantasy", "Soap", "Talk", "Thriller", "TV Movie", "War", "War & Politics", "Western"),
)
_LOWER = {genre.lower(): genre for genre in GENRES}
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
        for key in ("genres", "exclude_genres"):
            genres = getattr(terms.filters, key, None)
            for genre in genres.any if genres else ():
                yield from _doubt_genre(genre, root, (*path, "filters", key))


def _doubt_genre(genre: str, root: Node, path: tuple[int | str, ...]) -> Iterator[Fault]:
    near = _LOWER.get(find_nearest(genre, _LOWER))
    if near and genre.lower() not in _LOWER:
        yield Fault(root.find(path).node.place, f"{path[-1]}: TMDB has no genre {genre}; is it {near}?")
