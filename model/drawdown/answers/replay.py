"""A series of assessments as of each date, each from what was published by then.

Every date is fitted from scratch with the seeds of `assess`, so that no date depends on the dates
beside it; dates with the same physical reports have the same fit to the last bit, which is made once.
A finished date is kept, and a run that was stopped goes on from there.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future as Promise
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from drawdown.answers.assess import ask, compile_sampler, fit_hypothesis, settled
from drawdown.answers.dated import dated
from drawdown.answers.stored import code_version
from drawdown.errors import InputError, Problem
from drawdown.files.case import Case
from drawdown.files.priors import Priors
from drawdown.files.run import read_json, reports_folder
from drawdown.files.view import View, view
from drawdown.inference.fitted import Fitted, usual
from drawdown.inference.sample import Sampler
from drawdown.outcomes import OUTCOMES
from drawdown.whole import write_whole

Progress = Callable[[str, int, int], None]
Record = dict[str, Any]
WORKERS = 2
"""Processes; each date is one core's work but for the sampler's chains."""
TOGETHER = 20
"""Dates with one fit that are given to a worker at once, at most: more are kept too late."""


class Stopped(Exception):
    """The run was interrupted, or lost a worker; what was finished is kept."""

    def __init__(self, done: int, of: int, why: str = "", exit_code: int = 130):
        self.done, self.of, self.exit_code = done, of, exit_code
        super().__init__(
            f"stopped{why}: {done} of {of} dates are done and kept; the same command goes on from there"
        )


def dates(case: Case, start: date | None, end: date | None, every: int) -> tuple[date, ...]:
    """Dates of a series: from the trigger to the horizon unless told otherwise; the end is the last.

    Parameters
    ----------
    every : int
        Days between dates; the last step may be shorter.

    Raises
    ------
    InputError
        If there is no such series.
    """
    problems = []
    first, last = start or case.trigger, end or case.horizon
    span = f"a day from the trigger {case.trigger} to the horizon {case.horizon}"
    for name, day in (("--from", first), ("--to", last)):
        if not case.trigger <= day <= case.horizon:
            problems.append(Problem(name, 0, 0, f"`{day}`", span))
    if not problems and last < first:
        problems.append(Problem("--to", 0, 0, f"`{last}` is before `{first}`", f"{first} or later"))
    if every < 1:
        problems.append(Problem("--every", 0, 0, f"`{every}`", "one day or more"))
    if problems:
        raise InputError(problems)
    days = range(0, (last - first).days, every)
    return (*(first + timedelta(days=n) for n in days), last)


def series_folder(case: Case, priors: Priors, seed: int, *, quick: bool = False) -> Path:
    """Folder of a series: overlays, seed and `quick` in its name, as for a report."""
    name = ["replay", *priors.names]
    name += [f"seed{seed}"] if seed != 1 else []
    name += ["quick"] if quick else []
    return reports_folder(case.slug) / "+".join(name)


@dataclass(frozen=True)
class Plan:
    """What is replayed."""

    case: Case
    priors: Priors
    dates: tuple[date, ...]
    seed: int
    quick: bool = False

    @cached_property
    def views(self) -> tuple[View, ...]:
        """The case as of each date."""
        return tuple(view(self.case, day) for day in self.dates)

    @cached_property
    def sha256(self) -> str:
        """Hash of all that no date changes."""
        facts = [self.case.slug, self.priors.sha256, code_version(), self.seed, self.quick]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def key(self, n: int) -> str:
        """Hash of all that the record of one date depends on: its neighbours' reports are told apart."""
        near = [self.views[m].sha256 if 0 <= m < len(self.dates) else None for m in (n - 1, n, n + 1)]
        return hashlib.sha256(json.dumps([self.sha256, *near]).encode()).hexdigest()


class Kept:
    """Finished dates on disk, each written whole.

    Parameters
    ----------
    folder : Path
        Beside the output. What was made from other inputs lies in it under another hash, unread.
    plan : Plan
    """

    def __init__(self, folder: Path, plan: Plan):
        self._folder, self._plan = folder / plan.sha256[:16], plan

    def path(self, n: int) -> Path:
        """File of a date."""
        return self._folder / f"{self._plan.dates[n].isoformat()}.json"

    def read(self, n: int) -> Record | None:
        """Record of a date, or None if it was not finished from these inputs."""
        try:
            found = read_json(self.path(n))
        except (OSError, ValueError):
            return None
        ours = isinstance(found, dict) and found.get("key") == self._plan.key(n)
        return found if ours else None

    def write(self, n: int, record: Record) -> None:
        """Keep the record of a date."""
        write_whole(json.dumps({"key": self._plan.key(n)} | record) + "\n", self.path(n))


def replay(
    plan: Plan,
    folder: Path,
    *,
    sampler: Sampler | None = None,
    workers: int = WORKERS,
    progress: Progress = lambda *_: None,
) -> list[Record]:
    """Assess a case as of each date.

    Parameters
    ----------
    plan : Plan
    folder : Path
        Where finished dates are kept, and found again.
    sampler : Sampler, optional
        Compiled for the case; then everything runs in this process.
    workers : int
        Processes.

    Returns
    -------
    list of dict
        One a date, in order: `dated` of `drawdown.answers.dated` under `date`, and `seconds`.

    Raises
    ------
    Stopped
        If interrupted, or if a worker was killed; finished dates are kept.
    """
    kept = Kept(folder, plan)
    found = {n: record for n in range(len(plan.dates)) if (record := kept.read(n)) is not None}
    todo = [n for n in range(len(plan.dates)) if n not in found]

    def keep(n: int, record: Record) -> None:
        kept.write(n, record)
        # what is read back is what a run that goes on from here would read
        found[n] = kept.read(n) or record
        progress(f"As of {plan.dates[n]}", len(found), len(plan.dates))

    progress("Replaying", len(found), len(plan.dates))
    try:
        if sampler is not None or min(workers, len(todo)) < 2:
            for n, record in _here(plan, todo, sampler):
                keep(n, record)
        else:
            with _pool(plan, min(workers, len(todo))) as pool:
                _apart(plan, pool, todo, keep)
    except KeyboardInterrupt:
        raise Stopped(len(found), len(plan.dates)) from None
    except BrokenProcessPool:
        why = ", since a worker was ended from outside (out of memory, perhaps)"
        raise Stopped(len(found), len(plan.dates), why, exit_code=1) from None
    return [found[n] for n in range(len(plan.dates))]


def _here(plan: Plan, todo: Sequence[int], sampler: Sampler | None) -> Iterator[tuple[int, Record]]:
    for together in groups(plan, todo):
        q = ask(plan.case, plan.priors, plan.dates[together[0]], plan.seed)
        sampler = sampler or compile_sampler(q)
        yield from some_dates(plan, together, sampler)


def groups(plan: Plan, todo: Sequence[int]) -> list[list[int]]:
    """Dates that have the same fit, in order; a long run of them in parts."""
    found: list[list[int]] = []
    last = b""
    for n in todo:
        arrays = ask(plan.case, plan.priors, plan.dates[n], plan.seed).observations.arrays
        same = hashlib.sha256(
            repr(sorted((k, v.tobytes()) for k, v in arrays.items())).encode()
        ).digest()
        if same != last or len(found[-1]) >= TOGETHER:
            found.append([])
        found[-1].append(n)
        last = same
    return found


def some_dates(plan: Plan, together: Sequence[int], sampler: Sampler) -> Iterator[tuple[int, Record]]:
    """Assess dates of a plan that have the same physical reports, and say all of each."""
    fitted: dict[str, Fitted] = {}
    for n in together:
        began, worked = time.perf_counter(), time.process_time()
        q = ask(plan.case, plan.priors, plan.dates[n], plan.seed)
        effort = usual(plan.quick)
        fitted = fitted or {h: fit_hypothesis(q, h, sampler, effort) for h in OUTCOMES}
        a = settled(q, fitted, sampler, quick=plan.quick)
        known = time.perf_counter()
        before = plan.views[n - 1] if n > 0 else None
        after = plan.views[n + 1] if n + 1 < len(plan.dates) else None
        record = dated(a, before, after)
        told = time.perf_counter()
        seconds = {
            "assess": known - began,
            "explain": told - known,
            "processor": time.process_time() - worked,
        }
        yield n, {"date": record, "seconds": seconds}


@contextmanager
def _pool(plan: Plan, workers: int) -> Iterator[ProcessPoolExecutor]:
    # spawned, not forked: a fork would copy the threads' locks without the threads
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _start, (plan,))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _apart(
    plan: Plan,
    pool: ProcessPoolExecutor,
    todo: Sequence[int],
    keep: Callable[[int, Record], None],
) -> None:
    """Give the dates to the workers; when interrupted, keep what they are in the middle of."""
    promised: set[Promise[list[tuple[int, Record]]]] = {
        pool.submit(_work, together) for together in groups(plan, todo)
    }
    waiting = set(promised)

    def take(promise: Promise[list[tuple[int, Record]]]) -> None:
        waiting.discard(promise)
        for n, record in promise.result():
            keep(n, record)

    try:
        for promise in as_completed(promised):
            take(promise)
    except KeyboardInterrupt:
        pool.shutdown(wait=True, cancel_futures=True)
        for promise in list(waiting):
            if promise.done() and not promise.cancelled() and promise.exception() is None:
                take(promise)
        raise


_MINE: dict[str, Any] = {}
"""Of a worker: the plan and the compiled sampler."""


def _start(plan: Plan) -> None:
    # an interrupt reaches the whole group of processes; the parent alone decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    _MINE["plan"] = plan


def _end_with(parent: Any) -> None:
    """End when the parent does: killed, it tells its workers nothing, and they would wait for ever."""
    parent.join()
    os._exit(1)


def _work(together: Sequence[int]) -> list[tuple[int, Record]]:
    plan: Plan = _MINE["plan"]
    if "sampler" not in _MINE:
        q = ask(plan.case, plan.priors, plan.dates[together[0]], plan.seed)
        _MINE["sampler"] = compile_sampler(q)
    return list(some_dates(plan, together, _MINE["sampler"]))
