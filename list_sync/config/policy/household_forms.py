"""The keys of the file of a further household: those of lists.yaml, its server, and where its secrets are."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from list_sync.config.policy.filter_forms import Form
from list_sync.config.policy.forms import ListsForm
from list_sync.config.policy.leaves import leaf, pattern, words
from list_sync.config.values import parse_server_url


class SecretForm(Form):
    """Where a secret is: one of the two keys. The secret itself is in no file of this kind."""

    env: Annotated[
        str | None, pattern(r"[A-Za-z_][A-Za-z0-9_]*", str, "is no name of an environment variable", "a name")
    ] = Field(None, description="The environment variable that holds it.", examples=["ALICE_API_KEY"])
    file: Annotated[str | None, words("/run/secrets/alice_api_key", most=4000)] = Field(
        None, description="The file that holds it.", examples=["/run/secrets/alice_api_key"]
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.stated()) != 1:
            raise ValueError("a secret is in one place; write env or file")
        return self


class AddressForm(Form):
    """The media-request server of a household."""

    url: Annotated[str, leaf(parse_server_url, {"type": "string", "format": "uri"})] = Field(
        description="Its address, as in OVERSEERR_URL.", examples=["http://192.168.1.10:5056"]
    )
    api_key: SecretForm = Field(
        description="Its key, as in OVERSEERR_API_KEY: where it is.", examples=[{"env": "ALICE_API_KEY"}]
    )


class HouseholdForm(ListsForm):
    """A further household: its server, its credentials at sources, its lists, and what each of them wants."""

    server: AddressForm = Field(
        description="Its media-request server.",
        examples=[{"url": "http://192.168.1.10:5056", "api_key": {"env": "ALICE_API_KEY"}}],
    )
    credentials: dict[str, SecretForm] = Field(
        {},
        description="Its credentials at sources, by the names of their settings: where each of them is.",
        examples=[{"TRAKT_CLIENT_ID": {"env": "ALICE_TRAKT_CLIENT_ID"}}],
    )
