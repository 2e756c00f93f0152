"""Independent pieces of work on every core, or on a cluster: each kept when it is done.

A piece has a number, and depends on the plan and its number alone. So it gives the same wherever it
is done and in whatever order, and a run that was stopped goes on with what is missing.
"""

import json
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drawdown.errors import InputError, Problem
from drawdown.whole import write_whole

Record = dict[str, Any]
Work = Callable[[Any, int], Record]
"""From the plan and a number to a record; a function of a module, so that it can be sent."""
Keep = Callable[[int, Record], None]
WAIT = "15s"
"""For a scheduler to answer."""
ADDRESS = re.compile(r"(tcp|tls|ws|wss)://\S+:\d+")
"""Checked here, since the client waits for ever at an address that is none."""


class Stopped(Exception):
    """The run was interrupted, or lost a worker; what was finished is kept."""

    def __init__(self, done: int, of: int, why: str = "", exit_code: int = 130):
        self.done, self.of, self.exit_code = done, of, exit_code
        super().__init__(
            f"stopped{why}: {done} of {of} are done and kept; the same command goes on from there"
        )


class _Lost(Exception):
    """The cluster gave up a piece of work."""


class Kept:
    """Finished records on disk, each written whole.

    Parameters
    ----------
    folder : Path
        What was made from other inputs lies in it under another hash, unread.
    sha256 : str
        Hash of all that a record depends on besides its number.
    """

    def __init__(self, folder: Path, sha256: str):
        self._folder, self._sha256 = folder / sha256[:16], sha256

    def path(self, n: int) -> Path:
        """File of a record."""
        return self._folder / f"{n:06d}.json"

    def read(self, n: int) -> Record | None:
        """Record of a number, or None if it was not finished from these inputs."""
        try:
            found = json.loads(self.path(n).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(found, dict) or found.get("key") != self._sha256:
            return None
        return found

    def write(self, n: int, record: Record) -> None:
        """Keep a record."""
        write_whole(json.dumps({"key": self._sha256} | record) + "\n", self.path(n))


def cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def run(
    work: Work,
    plan: Any,
    number: int,
    kept: Kept,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Record]:
    """Do pieces 0 to `number` - 1 that are not kept yet.

    Parameters
    ----------
    work : callable
    plan : object
        Sent once to each worker.
    workers : int, optional
        Processes, one a core unless said; one is this process.
    scheduler : str, optional
        Address of a Dask scheduler; its workers do the work then.

    Returns
    -------
    list of dict
        In the order of their numbers, as they are read back from disk.

    Raises
    ------
    Stopped
        If interrupted, or if a worker was lost; finished records are kept.
    """
    found = {n: record for n in range(number) if (record := kept.read(n)) is not None}
    todo = [n for n in range(number) if n not in found]

    def keep(n: int, record: Record) -> None:
        kept.write(n, record)
        # what is read back is what a run that goes on from here would read
        found[n] = kept.read(n) or record
        progress(len(found), number)

    progress(len(found), number)
    workers = min(workers or cores(), len(todo))
    try:
        if scheduler is not None and todo:
            _on_cluster(work, plan, todo, keep, scheduler)
        elif workers > 1:
            _on_cores(work, plan, todo, keep, workers)
        else:
            for n in todo:
                keep(n, work(plan, n))
    except KeyboardInterrupt:
        raise Stopped(len(found), number) from None
    except BrokenProcessPool:
        why = ", since a worker was ended from outside (out of memory, perhaps)"
        raise Stopped(len(found), number, why, exit_code=1) from None
    except _Lost as lost:
        why = f", since the cluster lost its work ({lost})"
        raise Stopped(len(found), number, why, exit_code=1) from None
    return [found[n] for n in range(number)]


def _on_cores(work: Work, plan: Any, todo: Sequence[int], keep: Keep, workers: int) -> None:
    # spawned, not forked: a fork would copy the threads' locks without the threads
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start, (work, plan)) as pool:
        _collect({pool.submit(_work, n): n for n in todo}, pool, keep)


def _collect(promised: dict[Future[Record], int], pool: ProcessPoolExecutor, keep: Keep) -> None:
    """Keep records as they come; when interrupted, also those in the middle of which workers are."""
    waiting = dict(promised)
    try:
        for promise in as_completed(promised):
            keep(waiting.pop(promise), promise.result())
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        for promise, n in waiting.items():
            if promise.done() and not promise.cancelled() and promise.exception() is None:
                keep(n, promise.result())
        raise


_MINE: dict[str, Any] = {}
"""Of a worker: the work and the plan."""


def _start(work: Work, plan: Any) -> None:
    # an interrupt reaches the whole group of processes; the parent alone decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # and one that is killed can tell nobody: its workers see for themselves that it is gone
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _MINE.update(work=work, plan=plan)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(n: int) -> Record:
    record: Record = _MINE["work"](_MINE["plan"], n)
    return record


def _on_cluster(work: Work, plan: Any, todo: Sequence[int], keep: Keep, scheduler: str) -> None:
    from distributed import KilledWorker
    from distributed import as_completed as completed
    from distributed.client import FutureCancelledError
    from distributed.comm import CommClosedError

    with _client(scheduler) as client:
        sent = client.scatter(plan, broadcast=True)
        promised = {client.submit(work, sent, n, pure=False): n for n in todo}
        try:
            for promise, record in completed(promised, loop=client.loop, with_results=True):
                keep(promised[promise], record)
                promise.release()
        except (KilledWorker, FutureCancelledError, CommClosedError) as error:
            raise _Lost(type(error).__name__) from error


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    """Connect to a scheduler that has workers.

    Raises
    ------
    InputError
        If Dask is not installed, or nobody answers at the address.
    """
    where, form = ("--scheduler", 0, 0), "an address such as tcp://host:8786"
    if not ADDRESS.fullmatch(scheduler):
        raise InputError([Problem(*where, f"`{scheduler}`", form)])
    try:
        from distributed import Client
    except ImportError:
        wanted = "Dask: `.venv/bin/python -m pip install -e '.[cluster]'`"
        raise InputError([Problem(*where, "the package `distributed` is not here", wanted)]) from None
    try:
        client = Client(scheduler, timeout=WAIT, set_as_default=False)
    except OSError as error:
        wrong = f"no scheduler at `{scheduler}` ({type(error).__name__})"
        raise InputError([Problem(*where, wrong, form)]) from None
    try:
        if not client.scheduler_info()["workers"]:
            wrong = f"the scheduler at `{scheduler}` has no worker"
            raise InputError([Problem(*where, wrong, "one or more, started with `dask worker`")])
        yield client
    finally:
        client.close()
