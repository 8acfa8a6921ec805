"""Turns the checked keys of lists.yaml into the types of a run: terms, caps, pauses, exclusions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from list_sync.config.policy.filter_forms import FiltersForm
from list_sync.config.policy.forms import CapsForm, ExclusionForm, PauseForm, TermsForm
from list_sync.model.filters import Filters
from list_sync.model.policy import Caps, Exclusions, PauseWhen
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaType

_WORDS = (("genres", "exclude_genres"), ("languages", "exclude_languages"), ("countries", ""))
_BUILT = ("enabled", "source", "quality", "filters", "server", "exclude_lists", "schedule")


def build_terms(form: TermsForm, base: Terms, exclude_lists: Sequence[str] = ()) -> Terms:
    """Return terms in which each key that is stated replaces that of `base`; filters replace each other by rule."""
    stated = form.stated()
    changes: dict[str, Any] = {key: value for key, value in stated.items() if key not in _BUILT}
    if "quality" in stated:
        changes["qualities"] = form.quality
    if form.filters is not None:
        changes["filters"] = _build_filters(form.filters, base.filters)
    if form.server is not None:
        changes["server"] = form.server.build()
    if "schedule" in stated:
        changes["schedule"] = form.schedule or ""
    if "exclude_lists" in stated:
        changes["exclude_lists"] = tuple(exclude_lists)
    return replace(base, **changes)


def _build_filters(form: FiltersForm, base: Filters | None) -> Filters:
    """Return filters in which each rule that is stated replaces that of `base`."""
    stated = form.stated()
    changes: dict[str, Any] = {}
    for key in ("year", "runtime", "rating", "released", "not_on"):
        if key in stated:
            changes[key] = stated[key].build() if stated[key] is not None else None
    if "kind" in stated:
        changes["kind"] = form.kind
    for wanted, unwanted in _WORDS:
        if stated.keys() & {wanted, unwanted}:
            changes[wanted] = form.build_words(wanted, unwanted)
    return replace(base or Filters(), **changes)


def build_caps(form: CapsForm | None, base: Caps) -> Caps:
    """Return caps in which each one that is stated replaces that of `base`."""
    stated: Mapping[str, int | None] = form.stated() if form else {}
    return replace(base, **{key: value or 0 for key, value in stated.items()})


def build_pauses(form: PauseForm | None) -> PauseWhen:
    """Return when nothing new is requested."""
    if form is None:
        return PauseWhen()
    return PauseWhen(form.pending, form.free_space, form.quota_left)


def build_exclusions(forms: Sequence[ExclusionForm], lists: Sequence[str]) -> Exclusions:
    """Return the titles that are never requested; `lists` are the names of the lists among them."""
    films = {(MediaType.MOVIE, form.movie) for form in forms if form.movie is not None}
    shows = {(MediaType.TV, form.tv) for form in forms if form.tv is not None}
    names = dict.fromkeys(form.title for form in forms if form.title is not None)
    return Exclusions(frozenset(films | shows), tuple(names), tuple(dict.fromkeys(lists)))
