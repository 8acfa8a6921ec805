"""Documents that no source should send: any JSON, and valid answers with one value replaced."""

import copy
from collections.abc import Callable

from hypothesis import strategies as st

from list_sync.errors import ListSyncError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


def changed(document: object) -> st.SearchStrategy[object]:
    """Return `document` with the value at any one of its places replaced by any JSON."""
    return st.builds(lambda path, value: replaced(document, path, value), st.sampled_from(places(document)), JSON)


def places(value: object, path: tuple = ()) -> list[tuple]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, below in inner for place in places(below, (*path, key)))]


def replaced(document: object, path: tuple, value: object) -> object:
    if not path:
        return value
    result = copy.deepcopy(document)
    holder = result
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return result


def result_or_words(parse: Callable[[object], object], document: object) -> object:
    """Return what `parse` makes of a document, or the words of its named error; any other error passes."""
    try:
        return parse(document)
    except ListSyncError as error:
        return str(error)
