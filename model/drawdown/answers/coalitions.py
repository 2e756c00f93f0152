"""What the physical reports of every set of families say, from few fits: pooled draws, reweighted.

Where no fit so far is near enough to a set, that set is fitted and joins the pool.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from drawdown.answers.assess import Assessment, Progress
from drawdown.answers.pool import Pool
from drawdown.answers.weigh import Table, tabulate
from drawdown.inference.fitted import Fitted
from drawdown.inference.reweight import Reweighted
from drawdown.outcomes import OUTCOMES

Coalition = frozenset[str]
Refit = Callable[[np.ndarray, str], Fitted]
"""Fits a hypothesis with some observations left out: bool array, dims (observation,)."""


@dataclass(frozen=True)
class Strength:
    """The physical strand given some families of reports.

    Attributes
    ----------
    log_z : dims (hypothesis,)
    now, then : Table
        Where each hypothesis stands on the horizon, with late events possible after the date, and
        after the trigger.
    """

    log_z: np.ndarray
    now: Table
    then: Table


def subsets(names: Iterable[str]) -> Iterator[Coalition]:
    """Every set of names, smaller ones first."""
    ordered = sorted(names)
    for size in range(len(ordered) + 1):
        yield from map(frozenset, combinations(ordered, size))


def strengths(
    a: Assessment,
    families: Mapping[str, np.ndarray],
    refit: Refit,
    progress: Progress = lambda _: None,
) -> dict[Coalition, Strength]:
    """Weigh every set of families.

    Parameters
    ----------
    a : Assessment
    families : dict of bool array, dims (observation,)
        Which observations belong to each; together all of them, each to one.
    refit : callable
    progress : callable
        Told each fit.

    Returns
    -------
    dict of Strength
        All reports together and none at all are the assessment's own.
    """
    everything = frozenset(families)
    out: dict[Coalition, Strength] = {frozenset(): silent(a)}
    if families:
        out[everything] = whole(a)
    rows = len(a.question.observations.reports)
    inner = {
        s: ~np.any([families[name] for name in s], axis=0) if s else np.ones(rows, bool)
        for s in subsets(families)
        if s not in out
    }
    if not inner:
        return out
    found = {h: _weighed(a, h, inner, refit, progress) for h in OUTCOMES}
    for s, left_out in inner.items():
        log_z, now, then = [], [], []
        for h in OUTCOMES:
            pool, weights = found[h]
            future = pool.future(left_out)
            now.append(future.stands(a.question.horizon))
            then.append(future.later(-a.question.view.day).stands(a.question.horizon))
            log_z.append(weights[s].log_ratio - a.prior_runs[h].log_region)
        each = [found[h][1][s].weights for h in OUTCOMES]
        out[s] = Strength(np.array(log_z), tabulate(now, each), tabulate(then, each))
    return out


def silent(a: Assessment) -> Strength:
    """No physical report at all: the prior, drawn to the horizon."""
    q, runs = a.question, [a.prior_runs[h] for h in OUTCOMES]
    then = [run.future.later(-q.view.day).stands(q.horizon) for run in runs]
    early = tabulate(then, [run.weights for run in runs])
    return Strength(np.zeros(len(OUTCOMES)), a.prior_table, early)


def whole(a: Assessment) -> Strength:
    """Every physical report: the fits of the assessment."""
    q = a.question
    then = [a.fits[h].future.later(-q.view.day).stands(q.horizon) for h in OUTCOMES]
    return Strength(a.log_z, a.table, tabulate(then))


def _weighed(
    a: Assessment,
    h: str,
    wanted: Mapping[Coalition, np.ndarray],
    refit: Refit,
    progress: Progress,
) -> tuple[Pool, dict[Coalition, Reweighted]]:
    """Fit the set that no fit is near to, until the weights of every set hold."""
    pool = Pool(a.question, h, a.prior_runs[h])
    pool.add(np.zeros(len(a.question.observations.reports), bool), a.fits[h])
    fitted: set[Coalition] = set()
    while True:
        found = {s: pool.weights(left_out) for s, left_out in wanted.items()}
        short = [s for s in wanted if not found[s].holds and s not in fitted]
        if not short:
            return pool, found
        # the first of equals in the order of the sets: the same inputs give the same fits
        worst = min(short, key=lambda s: found[s].ess)
        progress(f"Fitting {h.replace('_', ' ')} given {', '.join(sorted(worst))} alone")
        pool.add(wanted[worst], refit(wanted[worst], h))
        fitted.add(worst)
