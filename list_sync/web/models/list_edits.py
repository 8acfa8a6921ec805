"""Changes of lists.yaml: what callers may ask for, and what a change does before it is written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from list_sync.config.policy.editing import Edit, version_of
from list_sync.log import spell_invisible
from list_sync.model.masking import mask_address
from list_sync.web.models.answers import Body, example
from list_sync.web.models.orders import Text

# Lines that show where a change is.
_CONTEXT = 2
_ADDRESS = re.compile(r"""[^\s"']*://[^\s"']+""")
_DEEPEST = 6

Terms = dict[str, Any]


def _state(value: Any, key: str = "", depth: int = 0) -> Any:
    """Return a value as lists.yaml has it, where all values are texts; raise ValueError for one that it cannot have."""
    if depth > _DEEPEST:
        raise ValueError(f"{key}: maps and lists inside each other, more than {_DEEPEST} levels deep")
    if isinstance(value, dict):
        return {name: None if one is None else _state(one, name, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_state(one, key, depth + 1) for one in value]
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        raise ValueError(f"{key}: an empty value inside a list; leave it out")
    return f"{value:g}" if isinstance(value, float) else str(value)


WantedTerms = Annotated[
    Terms,
    AfterValidator(_state),
    Field(
        max_length=200,
        description="keys of a list in lists.yaml with their values; null takes a key away, and a map changes only the "
        "keys that it names (RFC 7396)",
    ),
]


class EditOrder(Body):
    """How a change is made: looked at first, and written only over the text that was looked at."""

    preview: bool = Field(default=False, description="tell what would change, and write nothing")
    version: str | None = Field(
        default=None,
        max_length=64,
        examples=["5891b5b522d5df08"],
        description="the version that the preview told; if the file is another one by now, nothing is written",
    )


class ListOrder(EditOrder):
    """A list to add."""

    model_config = example(source="imdb:ls123456789", terms={"name": "Best of 1994", "quality": "4k"}, preview=True)

    source: Text = Field(examples=["imdb:ls123456789"], description="provider:id, or the address of its page")
    terms: WantedTerms = Field(default_factory=dict)


class TermsOrder(EditOrder):
    """What is wanted of a list from now on."""

    model_config = example(terms={"max_new_per_day": 5, "limit": None, "filters": {"kind": "movie"}}, preview=True)

    terms: WantedTerms


class EditLine(BaseModel):
    """A line of the file: one that stays, goes or comes; `number` is its place before, or after for one that comes."""

    kind: Literal["same", "gone", "new"]
    number: int
    text: str = Field(examples=["    quality: 4k"], description="values in addresses are shown as ***")


class EditAnswer(BaseModel):
    """What a change of lists.yaml does, or did."""

    file: str = Field(examples=["config/lists.yaml"])
    written: bool
    version: str = Field(examples=["5891b5b522d5df08"], description="of the text before the change; new: no file")
    version_after: str = Field(examples=["e258d248fda94c63"])
    changes: str = Field(examples=["other terms of imdb:top"], description="what counts differently, in one line")
    note: str = Field(description="what does not change although one may think so")
    obstacle: str = Field(description="why the file cannot be written here, and what would allow it")
    lines: list[EditLine] = Field(description="the lines that change, with two lines around them")
    terms_before: Terms | None = Field(description="null if the list is not synced")
    terms_after: Terms | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a change means beside the text: see EditAnswer."""

    changes: str
    note: str
    obstacle: str
    terms_before: Terms | None
    terms_after: Terms | None


def build_answer(edit: Edit, meaning: Meaning, *, is_written: bool = False) -> EditAnswer:
    """Return what a change does."""
    return EditAnswer(
        file=str(edit.path),
        written=is_written,
        version=edit.version,
        version_after=version_of(edit.after),
        lines=find_lines(edit),
        **{name: getattr(meaning, name) for name in Meaning.__slots__},
    )


def find_lines(edit: Edit) -> list[EditLine]:
    """Return the lines that change, with some around them; addresses are masked."""
    before, after = (edit.before or "").splitlines(), edit.after.splitlines()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [line for group in matcher.get_grouped_opcodes(_CONTEXT) for line in _say_lines(group, before, after)]


def _say_lines(group: list[Any], before: list[str], after: list[str]) -> Iterator[EditLine]:
    for kind, old, old_end, new, new_end in group:
        if kind == "equal":
            yield from (_say_line("same", number, before[number]) for number in range(old, old_end))
            continue
        yield from (_say_line("gone", number, before[number]) for number in range(old, old_end))
        yield from (_say_line("new", number, after[number]) for number in range(new, new_end))


def _say_line(kind: Literal["same", "gone", "new"], place: int, text: str) -> EditLine:
    masked = _ADDRESS.sub(lambda found: mask_address(found[0]), text.removeprefix("\ufeff"))
    return EditLine(kind=kind, number=place + 1, text=spell_invisible(masked))
