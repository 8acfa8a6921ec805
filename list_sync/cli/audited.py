"""Commands that change something: each use is a line of the audit log; a sync is a run of the history instead."""

from collections.abc import Callable, Mapping
from typing import Any

from list_sync.errors import ListSyncError, StorageError
from list_sync.model.exit_codes import FailureKind
from list_sync.options import WholeHelp

_LEFT_OUT = {"as_json", "yes", "show_all", "household"}
# With these arguments, the command only reads.
_READS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "pause": lambda given: given["length"] is None,
    "accept-reset": lambda given: not (given["ask_again"] or given["keep_away"]),
    "review": lambda given: bool(given["as_json"]),
}


class Audited(WholeHelp):
    """A command whose use is noted in the audit log, with its arguments and its outcome."""

    def invoke(self, ctx: Any) -> Any:
        """Carry the command out, and note it."""
        try:
            code = super().invoke(ctx)
        except StorageError:
            # The line could not be written either.
            raise
        except ListSyncError as error:
            self._note(ctx, FailureKind.of(error).exit_code)
            raise
        self._note(ctx, int(code or 0))
        return code

    def _note(self, ctx: Any, code: int) -> None:
        given: dict[str, Any] = ctx.params
        name = str(ctx.command_path).removeprefix("list-sync ")
        if given.get("dry_run") or (name in _READS and _READS[name](given)):
            return
        # Imported here, because most commands read alone.
        from list_sync.commands.auditing import note_command

        words = [word for one in self.params if one.name not in _LEFT_OUT for word in _spell(one, given)]
        note_command(name, words, code=code, household=given.get("household"))


def _spell(parameter: Any, given: Mapping[str, Any]) -> list[str]:
    """Return an argument or an option as it is typed; nothing if it was not given."""
    value = given.get(parameter.name)
    if value in (None, False, ()):
        return []
    option = [parameter.opts[0]] if parameter.param_type_name == "option" else []
    values = [] if value is True else value if isinstance(value, list | tuple) else [value]
    return [*option, *map(str, values)]
