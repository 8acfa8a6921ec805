"""Looking at a list before it is added: it is read once, in the background, and nothing of it is kept."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from list_sync.correcting.recognising import recognise
from list_sync.model.access import Scope
from list_sync.previewing import Preview
from list_sync.storage.known_titles import find_known
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.previews import PreviewAnswer, PreviewOrder, build_preview
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem, may_answer

PreviewId = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$", examples=["k3J9x0aQ2bLc"])]


def routes(parts: Parts) -> APIRouter:
    """Return the routes of previews; an address that is in no setting is for the owner alone."""
    router = APIRouter(prefix="/api/lists/preview", tags=["lists"], dependencies=[needs(Scope.ADMIN)])
    location = {"Location": {"description": "the address of the preview", "schema": {"type": "string"}}}

    @router.post(
        "",
        response_model=PreviewAnswer,
        status_code=HTTPStatus.ACCEPTED,
        responses={202: {"headers": location}, **may_answer(409, 422, 429)},
    )
    def ask(order: PreviewOrder, request: Request, response: Response) -> PreviewAnswer:
        """Have a list read once, to look at it: it need not be configured, and nothing is requested.

        `GET /api/lists/preview/{preview_id}` tells how far it is and what it holds.
        """
        preview = ask_for_preview(parts, request, order.list)
        path = f"/api/lists/preview/{preview.preview_id}"
        response.headers["Location"] = f"{parts.settings.web.web_base_path}{path}"
        return answer_of(parts, preview)

    @router.get("/{preview_id}", response_model=PreviewAnswer, responses=may_answer(404, 422))
    def preview(preview_id: PreviewId) -> PreviewAnswer:
        """Tell how far a preview is, and what the list holds; it is kept for a quarter of an hour."""
        return answer_of(parts, get_preview(parts, preview_id))

    return router


def ask_for_preview(parts: Parts, request: Request, text: str) -> Preview:
    """Have the list read that a text means; raise InvalidListId, QueueFull, or Problem before the set-up."""
    if parts.previews is None:
        raise Problem(HTTPStatus.CONFLICT, "lists are read once the server is set: set OVERSEERR_URL first")
    ref = recognise(text, parts.lists)
    tell_deed(request.scope, "preview", ref.name)
    return parts.previews.ask(ref)


def get_preview(parts: Parts, preview_id: str) -> Preview:
    """Return a preview; raise Problem if there is none any more."""
    found = parts.previews.find(preview_id) if parts.previews is not None else None
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "this preview is gone after a quarter of an hour: read the list again")
    return found


def answer_of(parts: Parts, preview: Preview) -> PreviewAnswer:
    """Return a preview as it is told; raise StorageError."""
    items = preview.result.items if preview.result else ()
    with parts.store.reading() as connection:
        known = find_known(connection, parts.store.household, items)
    return build_preview(preview, known, is_configured=preview.ref in parts.lists)
