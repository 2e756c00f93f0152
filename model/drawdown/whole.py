"""Files and folders put in their place whole: whenever a run is killed, the old one stands or the new.

What is being written lies in a folder `.staged-...` beside its place, locked by the run that writes it.
A folder of that name that nobody holds is what a killed run left, and is cleared away by the next run
that writes there.
"""

import ctypes
import errno
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STAGED = ".staged-"
ASIDE = "old"
"""What an old folder is called while it is out of the way, where two folders cannot be exchanged."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other runs from moving things in a folder; they wait."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        # some network file systems have no locks: there, runs at once are on their own
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def staging(place: Path) -> Iterator[Path]:
    """Give an empty folder in a folder, to write into; what is still in it at the end is thrown away.

    Parameters
    ----------
    place : Path
        Made if absent. What killed runs left in it is cleared away.
    """
    try:
        folder, handle = _make(place)
        try:
            # the lock is on the outer folder: the inner one is moved away, and may be staged in itself
            inner = folder / "new"
            inner.mkdir()
            yield inner
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)
    except OSError as error:
        # a disk that is full says no name, and that of a staging folder tells nobody anything
        if error.errno is not None and STAGED in str(error.filename or STAGED):
            error.filename = str(place)
        raise


def _make(place: Path) -> tuple[Path, int]:
    """Make a staging folder, and lock it before another run could take it for one that was left."""
    place.mkdir(parents=True, exist_ok=True)
    with alone(place):
        _clear(place)
        folder = Path(tempfile.mkdtemp(prefix=STAGED, dir=place))
        handle = os.open(folder, os.O_RDONLY)
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return folder, handle


@contextmanager
def apart(path: Path) -> Iterator[Path]:
    """Give a path to write a file to, which is then moved into its place."""
    with staging(path.parent) as folder:
        yield folder / path.name
        (folder / path.name).replace(path)


def write_whole(text: str, path: Path) -> None:
    """Write a file whole or not at all."""
    with apart(path) as new:
        new.write_text(text, encoding="utf-8", newline="\n")


def check_writable(place: Path) -> None:
    """Try whether a folder can be written in, before work is done for it.

    Raises
    ------
    OSError
        If it cannot.
    """
    with staging(place) as folder:
        (folder / "trial").write_bytes(b"\0" * 4096)


def put(staged: Path, target: Path) -> None:
    """Move a folder into the place of another, of which nothing is kept; call it `alone`.

    Parameters
    ----------
    staged : Path
        On the same file system as the target.
    target : Path
        A folder, or nothing.
    """
    # a temporary folder is closed to others; what is put in place is as open as any new folder
    mask = os.umask(0)
    os.umask(mask)
    staged.chmod(0o777 & ~mask)
    if not target.exists():
        staged.rename(target)
    elif exchange(staged, target):
        shutil.rmtree(staged, ignore_errors=True)
    else:
        _two_steps(staged, target)


def exchange(one: Path, two: Path) -> bool:
    """Exchange two paths in one step, so that neither is ever missing; False where there is no way."""
    names = os.fsencode(one), os.fsencode(two)
    library = ctypes.CDLL(None, use_errno=True)
    try:
        if sys.platform == "darwin":
            failed = library.renamex_np(*names, 2)
        else:
            here = -100  # AT_FDCWD: paths as they are
            failed = library.renameat2(here, names[0], here, names[1], 2)
    except AttributeError:
        return False
    if not failed:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP):
        return False
    raise OSError(code, os.strerror(code), str(two))


def _two_steps(staged: Path, target: Path) -> None:
    """Move the old folder out of the way and the new one in; the next run mends what a kill leaves."""
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    old = aside / ASIDE
    target.rename(old)
    try:
        staged.rename(target)
    except OSError:
        # if the old folder cannot go back either, it stays beside the target: never deleted here
        old.rename(target)
        aside.rmdir()
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _clear(place: Path) -> None:
    """Clear away what killed runs left, and put back what one of them had moved aside."""
    for folder in place.glob(f"{STAGED}*"):
        if _is_free(folder):
            shutil.rmtree(folder, ignore_errors=True)
    for old in place.glob(f".*.*/{ASIDE}"):
        target = place / old.parent.name[1:].rpartition(".")[0]
        if not target.exists():
            old.rename(target)
        shutil.rmtree(old.parent, ignore_errors=True)


def _is_free(folder: Path) -> bool:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
