"""The words of a message, escaped for text, Markdown or HTML; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from list_sync.log import INVISIBLE
from list_sync.model.notices import Kind, Untold
from list_sync.model.titles import counted

APP = "ListSync"
_LONGEST_CAUSE = 300
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:])")
# What chats read as a call of people or of a channel; a blank of no width behind it makes it text.
_CALLS = re.compile("([@#<])(?=[^\\s])")
_NO_WIDTH = "\u200b"
_HEADS = {
    Kind.REQUESTED: "Requested",
    Kind.LEFT: "Withdrawn, because they left all lists",
    Kind.FAILED: "Requests that failed",
    Kind.REVIEW: "To be reviewed",
}
_PATHS = {Kind.LEFT: "", Kind.REQUESTED: "", Kind.FAILED: "/items?status=request_failed", Kind.REVIEW: "/review"}


class Form(StrEnum):
    """How a channel takes its messages."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is sent."""

    title: str
    body: str


def render(untold: Untold, form: Form, *, base_url: str = "", most: int = 1900) -> Message:
    """Return the message about what was not told yet, at most `most` characters long."""
    lines = [*_lines_of_causes(untold, form, base_url), *_lines_of_digest(untold, form, base_url)]
    kept, size = list[str](), 0
    for line in lines:
        size += len(line) + 5
        if size >= most:
            kept.append("…")
            break
        kept.append(line)
    household = f", {untold.household}" if untold.household else ""
    title = clean(f"{APP}{household}: {_summarise(untold)}")
    return Message(title, ("<br>\n" if form is Form.HTML else "\n").join(kept))


def clean(text: str) -> str:
    """Return a text as one line without invisible characters, marks of direction, and calls of people."""
    line = "".join(one for one in " ".join(INVISIBLE.sub("", text).split()) if one.isprintable())
    return _CALLS.sub(f"\\1{_NO_WIDTH}", line)


def protect(text: str, form: Form) -> str:
    """Return a text from elsewhere so that a channel shows it as it is."""
    text = clean(text)
    if form is Form.HTML:
        return escape(text)
    return _MARKDOWN.sub(r"\\\1", text) if form is Form.MARKDOWN else text


def _summarise(untold: Untold) -> str:
    parts = []
    if untold.begun:
        parts.append(counted(len(untold.begun), "notice"))
    if untold.digest:
        words = {Kind.REQUESTED: "requested", Kind.LEFT: "withdrawn", Kind.FAILED: "failed", Kind.REVIEW: "to review"}
        parts += [f"{untold.digest.titles[kind].total} {words[kind]}" for kind in Kind if kind in untold.digest.titles]
    if untold.ended:
        parts.append(f"{len(untold.ended)} over")
    return ", ".join(parts)


def _lines_of_causes(untold: Untold, form: Form, base_url: str) -> Iterator[str]:
    for cause in untold.begun:
        yield protect(_cut(cause.text), form) + _link(cause.path, form, base_url)
    for cause in untold.ended:
        yield protect(_cut(cause.over), form)


def _lines_of_digest(untold: Untold, form: Form, base_url: str) -> Iterator[str]:
    if untold.digest is None:
        return
    for kind in Kind:
        if titles := untold.digest.titles.get(kind):
            path = _PATHS[kind] or f"/runs/{untold.digest.run_id}"
            yield _strong(f"{_HEADS[kind]}: {counted(titles.total, 'title')}", form) + _link(path, form, base_url)
            yield from (_item(protect(label, form), form) for label in titles.shown)
            if titles.total > len(titles.shown):
                yield f"and {titles.total - len(titles.shown)} more"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_CAUSE else f"{text[: _LONGEST_CAUSE - 1]}…"


def _strong(text: str, form: Form) -> str:
    if form is Form.HTML:
        return f"<b>{text}</b>"
    return f"**{text}**" if form is Form.MARKDOWN else text


def _item(text: str, form: Form) -> str:
    return f"• {text}" if form is not Form.MARKDOWN else f"- {text}"


def _link(path: str, form: Form, base_url: str) -> str:
    """Return where a person finds more; nothing where ListSync does not know its own address."""
    if not base_url:
        return ""
    address = f"{base_url}{path}"
    if form is Form.HTML:
        return f' <a href="{escape(address)}">open</a>'
    return f" [open]({address})" if form is Form.MARKDOWN else f" {address}"
