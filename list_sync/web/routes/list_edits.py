"""Lists are added, changed and removed in lists.yaml: looked at first, then written."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from list_sync.api.http.peers import fetch_refusal
from list_sync.config.policy.editing import Change, Edit, add_list, change_list, remove_list
from list_sync.config.policy.joining import describe_changes, find_disabled, find_lists_of_environment, join
from list_sync.config.policy.saving import draft, find_obstacle, save, take_back
from list_sync.config.policy.stating import state_terms
from list_sync.config.settings import Settings
from list_sync.correcting.naming import parse_list
from list_sync.errors import FolderInUse, StorageError
from list_sync.model.access import Scope
from list_sync.model.names import lists_setting_of
from list_sync.model.sources import ListRef
from list_sync.model.terms import EACH
from list_sync.model.users import is_of_person
from list_sync.providers import available_providers
from list_sync.providers.file import is_address
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.list_edits import (
    EditAnswer,
    EditOrder,
    ListOrder,
    Meaning,
    TermsOrder,
    build_answer,
)
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer

ListName = Annotated[str, Path(max_length=2000, examples=["imdb:top"])]
_CHANGED = "lists.yaml was changed by other hands since it was looked at: look at the change again"


def routes(parts: Parts) -> APIRouter:
    """Return the routes that change lists."""
    router = APIRouter(prefix="/api/lists", tags=["lists"], dependencies=[needs(Scope.ADMIN)])

    @router.post("", response_model=EditAnswer, responses=may_answer(409, 422, 503))
    def add(order: ListOrder, request: Request) -> EditAnswer:
        """Add a list to lists.yaml, or tell with `preview` which lines that would change."""
        ref = parse_list(order.source)
        tell_deed(request.scope, "look at adding" if order.preview else "add list", ref.name)
        return carry_out(parts, ref, add_list(order.source, order.terms), order)

    @router.patch("/{name:path}", response_model=EditAnswer, responses=may_answer(404, 409, 422, 503))
    def change(name: ListName, order: TermsOrder, request: Request) -> EditAnswer:
        """Change what lists.yaml states of a list, or tell with `preview` what would change."""
        ref = get_stated(parts, name)
        tell_deed(request.scope, "look at changing" if order.preview else "change list", ref.name)
        return carry_out(parts, ref, change_list(ref, order.terms), order)

    @router.delete("/{name:path}", response_model=EditAnswer, responses=may_answer(404, 409, 422, 503))
    def remove(
        name: ListName,
        request: Request,
        preview: Annotated[bool, Query(description="tell what would change, and write nothing")] = False,
        version: Annotated[str | None, Query(max_length=64, description="the version that the preview told")] = None,
    ) -> EditAnswer:
        """Remove a list from lists.yaml; what it requested stays."""
        ref = get_stated(parts, name)
        tell_deed(request.scope, "look at removing" if preview else "remove list", ref.name)
        return carry_out(parts, ref, remove_list(ref), EditOrder(preview=preview, version=version))

    return router


def get_stated(parts: Parts, name: str) -> ListRef:
    """Return the list that lists.yaml or the environment states by this name; raise Problem if there is none."""
    known = (*parts.lists, *find_disabled(parts.present))
    found = next((ref for ref in known if name in (ref.name, str(ref))), None)
    if found is None:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "no list that is set has this name: the page Lists and GET /api/lists name all of them",
        )
    return found


def find_parent(parts: Parts, ref: ListRef) -> ListRef | None:
    """Return the stated list that has a list of one person in it: the watchlists of all people, for example."""
    return next((one for one in parts.lists if one.terms.requester == EACH and is_of_person(ref.key, one.key)), None)


def carry_out(parts: Parts, ref: ListRef | None, change: Change, order: EditOrder) -> EditAnswer:
    """Write a change, or only tell what it does; raise ConfigError, or Problem if the file is another one by now."""
    edit = draft(parts.present, available_providers(), change)
    _require_public(parts, edit)
    meaning = find_meaning(parts.present, edit, ref)
    if not order.preview and order.version not in (None, edit.version):
        raise Problem(HTTPStatus.CONFLICT, _CHANGED)
    if order.preview or edit.after == edit.before:
        return build_answer(edit, meaning)
    _write(lambda: save(edit))
    return build_answer(edit, meaning, is_written=True)


def load_right(parts: Parts) -> str | None:
    """Return the text of lists.yaml, None if there is no file; raise ConfigError with its faults."""
    return draft(parts.present, available_providers(), lambda stated, _entries: stated).before


def _require_public(parts: Parts, edit: Edit) -> None:
    """Raise Problem for a new address in a private network: the daemon would read what its caller may not reach."""
    known = {ref.key for ref in (*edit.former.lists, *edit.former.disabled, *parts.lists)}
    allows_private = parts.present.process.allow_private_sources
    new = [ref for ref in (*edit.file.lists, *edit.file.disabled) if ref.key not in known and is_address(ref.list_id)]
    for ref in new:
        if refusal := fetch_refusal(ref.list_id, allows_private=allows_private):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{ref.name}: {refusal}")


def undo(parts: Parts, version: str) -> None:
    """Write the text before the last change again; raise ConfigError, or Problem if the file was changed since."""
    _write(lambda: take_back(parts.present.process.config_dir, version))


def find_meaning(settings: Settings, edit: Edit, ref: ListRef | None) -> Meaning:
    """Return what a change means for all lists, and for the one that is changed, if it is one."""
    before = settings if edit.before is None else join(settings, edit.former)
    after = join(settings, edit.file)
    changes, obstacle = describe_changes(before, after), find_obstacle(edit.path)
    if ref is None:
        return Meaning(changes, "", obstacle, None, None)
    terms = [
        next((state_terms(one.terms) for one in joined.household.lists if one.key == ref.key), None)
        for joined in (before, after)
    ]
    stated = [one.key for one in (*edit.file.lists, *edit.file.disabled)]
    is_elsewhere = ref.key not in stated and ref in find_lists_of_environment(settings)
    note = f"{lists_setting_of(ref.provider)} names {ref.name}, too: it goes on to be synced" if is_elsewhere else ""
    return Meaning(changes, note, obstacle, *terms)


def _write(write: Callable[[], bool]) -> None:
    try:
        is_written = write()
    except FolderInUse:
        raise Problem(HTTPStatus.CONFLICT, "another change of lists.yaml is being written: try again") from None
    except StorageError as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None
    if not is_written:
        raise Problem(HTTPStatus.CONFLICT, _CHANGED)
