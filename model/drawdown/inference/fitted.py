"""One density, sampled and integrated: draws, their diagnostics, and the marginal likelihood."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drawdown.inference.bridge import Evidence, LogDensity, bridge
from drawdown.inference.gate import MAX_RHAT, MIN_ESS, convergence
from drawdown.inference.sample import Draws, Sampler

Arrays = dict[str, np.ndarray]
FULL = {"draws": 1500, "tune": 600}
QUICK = {"draws": 500, "tune": 400}
LONGER = 3
"""A fit that the gate would stop is drawn once more, so many times as long; the gate is the same."""


@dataclass(frozen=True)
class Fitted:
    """What sampling one hypothesis gave.

    Attributes
    ----------
    draws : Draws
    evidence : Evidence
        Of the unnormalised density; the mass of its prior's region is not yet taken off.
    rhat, ess : dims (parameter,)
    """

    draws: Draws
    evidence: Evidence
    rhat: np.ndarray
    ess: np.ndarray


def fit(
    sampler: Sampler,
    data: Arrays,
    log_density: LogDensity,
    seeds: Callable[..., int],
    *,
    quick: bool = False,
    once: bool = False,
) -> Fitted:
    """Sample a density and integrate it.

    Parameters
    ----------
    sampler : Sampler
    data : dict of array
        Prior values and observations of the density.
    log_density : callable
        The same density in NumPy, unnormalised; dims (draw, parameter) to (draw,).
    seeds : callable
        Seed of a stage, by its name.
    quick : bool
        A third of the draws; the gate allows twice the error.
    once : bool
        Never draw again: for draws that no gate reads, and that are weighed among others.
    """
    size = QUICK if quick else FULL
    draws = sampler.fit(data, seed=seeds("fit"), **size)
    rhat, ess = convergence(draws)
    short = ess.min() < (MIN_ESS / 2 if quick else MIN_ESS) or rhat.max() > MAX_RHAT
    if short and not once:
        longer = size | {"draws": LONGER * size["draws"]}
        draws = sampler.fit(data, seed=seeds("fit", "longer"), **longer)
        rhat, ess = convergence(draws)
    evidence = bridge(draws.z, log_density, np.random.default_rng(seeds("bridge")))
    return Fitted(draws, evidence, rhat, ess)
