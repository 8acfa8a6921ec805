"""What providers remember: lasting, apart from one another, and shared by the threads that read lists."""

import threading

from list_sync.database.store import open_store
from list_sync.matching.memory import unresolved_key
from list_sync.model.matches import NoMatchReason, Unresolved
from list_sync.model.titles import MediaItem
from list_sync.storage.memory import ProviderMemory, save_unresolved
from tests.builders import NOON


def memory_of(store, provider="letterboxd"):
    return ProviderMemory(store, provider, key_of=unresolved_key)


def test_what_was_kept_is_found_again_also_after_a_restart(path):
    store = open_store(path)
    memory_of(store).keep("film/x", "first")
    memory_of(store).keep("film/x", "Amélie \ud800 \0")
    memory_of(store, "trakt").keep("film/x", "another's")
    store.close()

    store = open_store(path)
    assert memory_of(store).find("film/x").startswith("Amélie")
    assert memory_of(store, "trakt").find("film/x") == "another's"
    assert memory_of(store).find("film/y") is None
    store.close()


def test_many_threads_keep_and_find(store):
    memory = memory_of(store)

    def keep(thread):
        for number in range(20):
            memory.keep(f"{thread}/{number}", str(number))
            assert memory.find(f"{thread}/{number}") == str(number)

    threads = [threading.Thread(target=keep, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(memory.find(f"{thread}/{number}") == str(number) for thread in range(8) for number in range(20))


def test_an_entry_is_undecided_as_it_is_stated_and_no_other(store):
    item = MediaItem("A Film", None, 1999)
    with store.writing() as connection:
        save_unresolved(connection, [Unresolved(unresolved_key(item), NoMatchReason.AMBIGUOUS, "", (), NOON)])

    assert memory_of(store).is_undecided(item)
    assert not memory_of(store).is_undecided(MediaItem("A Film", None, 2000))
