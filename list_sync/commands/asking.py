"""Questions of commands that take a yes before they change something."""

import typer

from list_sync.errors import NotTrusted


def require_yes(question: str, *, what: str, may_ask: bool) -> None:
    """Ask a question; raise NotTrusted for a no, or if there is no terminal. `what` is what --yes would do."""
    if not may_ask:
        raise NotTrusted(f"nothing was changed: add --yes to {what} without a question")
    if not typer.confirm(question):
        raise NotTrusted("nothing was changed")
