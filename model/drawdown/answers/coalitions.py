"""What the physical reports of a set of families say, with the others left out: one fit a hypothesis.

Weights from the fit to all reports fail here, and pooled fits are no cheaper (docs/explaining.md).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from drawdown.answers.assess import Assessment, Progress
from drawdown.answers.simulate import simulate
from drawdown.answers.variants import with_observations
from drawdown.answers.weigh import Table, tabulate
from drawdown.even import Even
from drawdown.inference.fitted import ROUGH, Effort, Fitted
from drawdown.model.heard import hear
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator

Coalition = frozenset[str]
Refit = Callable[[np.ndarray, Effort], Mapping[str, Fitted]]
"""Fits every hypothesis with some observations left out (bool array, dims (observation,))."""
ONE_LEFT_OUT = replace(ROUGH, draws=300, fresh=30_000, kept=3000).near()
"""Effort of what is an answer that the page gives; other sets are parts of a mean."""
FUTURES = 4
"""Simulated from each draw of a fit: cheap, and a fit of few draws has too few futures."""


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


def outermost(names: Iterable[str]) -> list[Coalition]:
    """Sets of one name, of all but one, of all and of none; with up to three names that is every set."""
    every = frozenset(names)
    return [s for s in subsets(every) if len(s) < 2 or len(s) > len(every) - 2]


def strengths(
    a: Assessment,
    families: Mapping[str, np.ndarray],
    refit: Refit,
    progress: Progress = lambda _: None,
) -> dict[Coalition, Strength]:
    """Weigh the outermost sets of families.

    Parameters
    ----------
    a : Assessment
    families : dict of bool array, dims (observation,)
        Which observations belong to each; together all of them, each to one.
    refit : callable
    progress : callable
        Told each set.

    Returns
    -------
    dict of Strength
        All reports together and none at all are the assessment's own.
    """
    out: dict[Coalition, Strength] = {}
    for s in outermost(families):
        if not s:
            out[s] = silent(a)
        elif len(s) == len(families):
            out[s] = whole(a)
        else:
            progress(f"Fitting {', '.join(sorted(s))} without the rest")
            left_out = ~np.any([families[name] for name in s], axis=0)
            effort = ONE_LEFT_OUT if len(s) == len(families) - 1 else ROUGH
            out[s] = _fitted(a, left_out, refit(left_out, effort))
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


def _fitted(a: Assessment, left_out: np.ndarray, fits: Mapping[str, Fitted]) -> Strength:
    """Some of the physical reports: fits of few draws, each with several futures."""
    q = with_observations(a.question, a.question.observations.without(left_out))
    now, then = [], []
    for h in OUTCOMES:
        hyper, obs = q.hyper[h], q.observations.arrays
        heard = hear(fits[h].draws, hyper, obs, q.layout)
        rng = Even(stage_generator(q.seed, "futures", h))
        futures = [
            simulate(heard.state, hyper, obs, q.late, q.view.day, rng, heard.patterns(rng))
            for _ in range(FUTURES)
        ]
        now.append(np.concatenate([f.stands(q.horizon) for f in futures]))
        early = [f.later(-q.view.day) for f in futures]
        then.append(np.concatenate([f.stands(q.horizon) for f in early]))
    log_z = [fits[h].evidence.log - a.prior_runs[h].log_region for h in OUTCOMES]
    return Strength(np.array(log_z), tabulate(now), tabulate(then))
