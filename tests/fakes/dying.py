"""Parts of a process that dies at a random moment: at a commit, or at a call that writes."""

from contextlib import contextmanager


class Death(BaseException):
    """The process is gone: nothing of ours may catch it."""


class DyingStore:
    """A store whose process dies at one of its commits."""

    def __init__(self, store, commit, *, is_after):
        self.store = store
        self.left = commit
        self.is_after = is_after
        self.reading = store.reading
        self.path, self.household = store.path, store.household

    @contextmanager
    def writing(self):
        self.left -= 1
        if self.left == 0 and not self.is_after:
            raise Death
        with self.store.writing() as connection:
            yield connection
        if self.left == 0:
            raise Death


class DyingClient:
    """A client whose process dies before or after one of the calls that write."""

    def __init__(self, client, write, *, is_after):
        self._client = client
        self._left = write
        self._is_after = is_after

    def __getattr__(self, name):
        return getattr(self._client, name)

    def create_request(self, **request):
        return self._write(self._client.create_request, **request)

    def delete_request(self, number):
        return self._write(self._client.delete_request, number)

    def _write(self, call, *values, **named):
        self._left -= 1
        if self._left == 0 and not self._is_after:
            raise Death
        answer = call(*values, **named)
        if self._left == 0:
            raise Death
        return answer
