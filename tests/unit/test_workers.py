"""Tasks side by side: how many at once, whose thread takes the results, errors, stopping, and the process's end."""

import subprocess
import sys
import threading

import pytest

from list_sync.errors import SyncCancelled
from list_sync.workers import run_parallel
from tests.fakes.patience import PATIENCE_SECONDS


def run(tasks, work, take=lambda _task, _result: None, *, workers=3, stop=None, **more):
    run_parallel(tasks, work, take, workers=workers, stop=stop or threading.Event(), doing="things were done", **more)


@pytest.mark.parametrize("workers", [0, 1, 3, 50])
def test_every_task_is_done_once_and_its_result_is_taken_by_the_calling_thread(workers):
    taken, takers = {}, set()

    def take(task, result):
        taken[task] = result
        takers.add(threading.current_thread())

    run(range(20), lambda number: number * 2, take, workers=workers)

    assert taken == {number: number * 2 for number in range(20)}
    assert takers == {threading.current_thread()}


def test_no_more_tasks_are_begun_than_there_are_workers_and_results_to_take():
    begun, taken = [], []

    def tasks():
        for number in range(10):
            begun.append(number)
            yield number

    def take(task, _result):
        taken.append(task)
        assert len(begun) - len(taken) < 3

    run(tasks(), lambda number: number, take)

    assert len(taken) == 10


def test_workers_work_at_the_same_time():
    together = threading.Barrier(3)

    run(range(3), lambda _number: together.wait(PATIENCE_SECONDS))


def test_a_result_is_taken_while_other_tasks_are_at_work():
    is_taken = threading.Event()

    run([True, False], lambda waits: not waits or is_taken.wait(PATIENCE_SECONDS), lambda *_: is_taken.set(), workers=2)

    assert is_taken.is_set()


@pytest.mark.parametrize("error", [KeyError("a bug"), MemoryError(), SystemExit(3)], ids=repr)
def test_an_error_is_raised_in_the_calling_thread_at_once(error):
    hangs = threading.Event()

    def work(is_hanging):
        if is_hanging:
            hangs.wait()
        raise error

    with pytest.raises(type(error)):
        run([True, False], work)
    hangs.set()


def test_stopping_does_not_wait_for_a_task_that_hangs():
    hangs, stop = threading.Event(), threading.Event()

    with pytest.raises(SyncCancelled, match="stopped while things were done"):
        run([True, False], lambda waits: not waits or hangs.wait(), lambda *_: stop.set(), stop=stop)
    hangs.set()


def test_a_stop_has_the_same_words_whichever_thread_sees_it_first():
    def work(_number):
        raise SyncCancelled("stopped while a browser was at work")

    with pytest.raises(SyncCancelled, match="stopped while things were done"):
        run([1], work)


def test_nothing_is_begun_after_the_stop():
    stop, begun = threading.Event(), []
    stop.set()

    with pytest.raises(SyncCancelled):
        run([1], begun.append, stop=stop)

    assert begun == []


def test_the_calling_thread_has_something_to_do_while_it_waits():
    has_waited = threading.Event()

    run([1], lambda _number: has_waited.wait(PATIENCE_SECONDS), on_wait=has_waited.set)


@pytest.mark.parametrize("how", ["ends", "fails"])
def test_threads_end_with_their_work(how):
    def work(_number):
        if how == "fails":
            raise KeyError

    before = set(threading.enumerate())
    if how == "fails":
        with pytest.raises(KeyError):
            run([1], work)
    else:
        run(range(5), work)

    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


PROGRAM = """
import threading
from list_sync.workers import run_parallel

def work(_task):
    raise KeyError if _task else threading.Event().wait()

try:
    run_parallel([0, 1], work, print, workers=2, stop=threading.Event(), doing="things were done")
except KeyError:
    print("over")
"""


def test_a_process_ends_though_a_thread_hangs():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=PATIENCE_SECONDS)

    assert (done.returncode, done.stdout, done.stderr) == (0, "over\n", "")
