"""The last few results of something costly, kept by what they were made from; threads may share it."""

from collections.abc import Callable, Hashable
from threading import Lock


class Few[V]:
    """Results by key, of which the oldest are let go.

    Parameters
    ----------
    number : int
        How many are kept.
    """

    def __init__(self, number: int):
        self._number, self._lock = number, Lock()
        self._found: dict[Hashable, V] = {}

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return the result of a key, made if it is not there; two threads may both make it."""
        with self._lock:
            if key in self._found:
                return self._found[key]
        made = make()
        with self._lock:
            while len(self._found) >= self._number:
                del self._found[next(iter(self._found))]
            return self._found.setdefault(key, made)
