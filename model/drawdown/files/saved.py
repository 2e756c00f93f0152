"""When a file was saved: what a watcher looks at, again and again."""

from collections.abc import Callable, Iterable
from pathlib import Path
from time import sleep

Marks = dict[Path, tuple[int, int]]
"""Time of the last change and size of each file that is there."""
EVERY = 0.1
"""Seconds between two looks; a save is over when two looks see the same."""


def marks(files: Callable[[], Iterable[Path]]) -> Marks:
    """Look at files once; one that vanishes meanwhile is not there."""
    found = {}
    for file in files():
        try:
            seen = file.stat()
        except OSError:
            continue
        found[file] = (seen.st_mtime_ns, seen.st_size)
    return found


def wait_for_save(files: Callable[[], Iterable[Path]], before: Marks) -> tuple[Marks, list[Path]]:
    """Wait until a file is saved, made or removed, and the saving is over.

    Parameters
    ----------
    files : callable
        Lists what is watched, anew for each look.
    before : dict
        The last look.

    Returns
    -------
    marks, files
        The present look, and what differs from the last.
    """
    last = before
    while True:
        now = marks(files)
        if now != before and now == last:
            return now, sorted(f for f in {*before, *now} if before.get(f) != now.get(f))
        last = now
        sleep(EVERY)
