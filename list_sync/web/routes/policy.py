"""What lists.yaml states for all lists together: defaults, caps, pauses, the brake and exclusions."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from list_sync.config.policy.documents import Plain
from list_sync.config.policy.editing import change_policy, read_stated
from list_sync.config.policy.words import describe_policy
from list_sync.model.access import Scope
from list_sync.web.entrance.access import needs
from list_sync.web.entrance.deeds import tell_deed
from list_sync.web.models.answers import example
from list_sync.web.models.list_edits import EditAnswer, EditOrder, Terms, WantedTerms
from list_sync.web.parts import Parts
from list_sync.web.problems import may_answer
from list_sync.web.routes.list_edits import carry_out, load_right


class PolicyAnswer(BaseModel):
    """What counts for all lists together."""

    words: list[str] = Field(examples=[["at most 100 a day", "the brake is on"]])
    stated: Terms = Field(
        examples=[{"caps": {"per_day": "100"}}], description="the keys of lists.yaml as it is now, without its lists"
    )


class PolicyOrder(EditOrder):
    """What counts for all lists from now on."""

    model_config = example(changes={"caps": {"per_day": 100}, "defaults": {"quality": "hd"}}, preview=True)

    changes: WantedTerms


def routes(parts: Parts) -> APIRouter:
    """Return the routes of the policy."""
    router = APIRouter(prefix="/api/policy", tags=["lists"], dependencies=[needs(Scope.ADMIN)])

    @router.get("", response_model=PolicyAnswer, responses=may_answer(422))
    def policy() -> PolicyAnswer:
        """Tell what counts for all lists together."""
        return PolicyAnswer(words=list(describe_policy(parts.present.policy)), stated=load_stated(parts))

    @router.patch("", response_model=EditAnswer, responses=may_answer(409, 422, 503))
    def change(order: PolicyOrder, request: Request) -> EditAnswer:
        """Change what lists.yaml states for all lists, or tell with `preview` what would change."""
        tell_deed(request.scope, "look at changing" if order.preview else "change policy", "lists.yaml")
        return carry_out(parts, None, change_policy(order.changes), order)

    return router


def load_stated(parts: Parts) -> dict[str, Plain]:
    """Return what the file states beside its lists; raise ConfigError if it is wrong."""
    return {key: value for key, value in read_stated(load_right(parts)).items() if key != "lists"}
