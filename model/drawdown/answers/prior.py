"""The prior on its own: what each hypothesis expects before any report, and where it would stand."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace

import numpy as np
from scipy.special import logsumexp

from drawdown.answers.simulate import Future, simulate
from drawdown.answers.weigh import Table, tabulate
from drawdown.even import Even
from drawdown.few import Few
from drawdown.model.heard import hear
from drawdown.model.hyper import Arrays, Late
from drawdown.model.layout import Layout
from drawdown.model.likelihood import State
from drawdown.outcomes import OUTCOMES

DRAWS = 20_000
BEARS = (
    *("on_clock", "onset_mu", "onset_sd", "duration_mu", "duration_sd", "site_onset_mu"),
    *("site_onset_sd", "site_duration_mu", "site_duration_sd", "log_fate", "share_mean", "share_var"),
    *("pattern_sign", "pattern_log"),
)
"""Prior values that the region of a hypothesis and its outcome rest on, besides those of garrisons."""
GARRISONS = ("gone_mu", "gone_sd", "together")
MOST_PATTERNS = 4_000_000
"""Largest number of draws times patterns held at once."""
A_SITE = 10
"""Patterns that cost about as much as one of many sites."""
KEPT = 3
"""Runs that are kept in memory: one of each hypothesis."""


@dataclass(frozen=True)
class PriorRun:
    """Draws of the prior of one hypothesis.

    Attributes
    ----------
    state : State
    weights : dims (draw,), mean one
        Chance of the region of the hypothesis at each draw.
    log_region : float
        Log of the prior's mass in the region: what the unnormalised density lacks.
    future : Future
    outcome : int array, dims (draw,)
        Where each draw stands on the horizon.
    z : dims (draw, parameter)
    """

    state: State
    weights: np.ndarray
    log_region: float
    future: Future
    outcome: np.ndarray
    z: np.ndarray


def same_run(new: Arrays, old: Arrays, layout: Layout) -> bool:
    """Whether the region and the outcomes of a prior run are the same under other prior values.

    What is seen, lifted or routine, and every stock but the garrisons, has no say in either.
    """
    n_site = len(layout.sites)
    names = (*BEARS, *(name for name in new if name.startswith("block_")))
    bears = all(np.array_equal(new[name], old[name]) for name in names)
    return bears and all(np.array_equal(new[k][:n_site], old[k][:n_site]) for k in GARRISONS)


def run_prior(
    hyper: Arrays, layout: Layout, late: Late, as_of: int, horizon: int, rng: np.random.Generator
) -> PriorRun:
    """Draw the prior of a hypothesis and simulate it to the horizon.

    Parameters
    ----------
    as_of, horizon : int
        Days; late starts and returns happen after `as_of`, as in the run with reports.
    """
    patterns = len(layout.patterns) if layout.enumerated else A_SITE * len(layout.sites)
    draws = int(min(DRAWS, max(2000, MOST_PATTERNS // patterns)))
    even = Even(rng)
    z = even.standard_normal((draws, layout.n_parameters))
    silent = hear(z, hyper, None, layout)
    log_region = float(logsumexp(silent.log_weight) - np.log(draws))
    future = simulate(silent.state, hyper, None, late, as_of, even, silent.patterns(even))
    weights = np.exp(silent.log_weight - log_region)
    return PriorRun(silent.state, weights, log_region, future, future.stands(horizon), z)


def prior_table(runs: Mapping[str, PriorRun]) -> Table:
    """Where each hypothesis stands on the horizon before any report."""
    return tabulate([runs[h].outcome for h in OUTCOMES], [runs[h].weights for h in OUTCOMES])


_DRAWN: Few[PriorRun] = Few(KEPT)


def prior_as_of(
    hyper: Arrays, layout: Layout, late: Late, as_of: int, horizon: int, seed: int
) -> PriorRun:
    """`run_prior` with the generator of a seed, drawn once for every date.

    Of all that is drawn only the days of late events depend on the date, and those as a sum; so a run
    that is kept gives the same bits as one drawn anew.
    """
    key = _key(hyper, layout, late, seed)
    drawn = _DRAWN.get(
        key, lambda: run_prior(hyper, layout, late, 0, horizon, np.random.default_rng(seed))
    )
    future = drawn.future.later(as_of)
    return replace(drawn, future=future, outcome=future.stands(horizon))


def _key(hyper: Arrays, layout: Layout, late: Late, seed: int) -> str:
    digest = hashlib.sha256(repr((seed, astuple(layout), late.starts, late.returns)).encode())
    for name, values in sorted((hyper | {"late_closes": late.closes}).items()):
        digest.update(f"{name}{values.shape}".encode() + np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
