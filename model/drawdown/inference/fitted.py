"""One density, sampled and integrated: draws, their diagnostics, and the marginal likelihood."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from drawdown.inference.bridge import Evidence, LogDensity, bridge
from drawdown.inference.gate import SLACK, convergence, would_stop
from drawdown.inference.sample import Draws, Sampler

Arrays = dict[str, np.ndarray]
FULL = {"draws": 1500, "tune": 600}
QUICK = {"draws": 500, "tune": 400}
LONGER = (3, 9)
"""A fit that the gate would stop is drawn again, tuned and drawn so many times as long, and again; the
gate is the same."""
CAREFUL = 0.95
"""Acceptance aimed at then if a draw diverged: shorter steps."""


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
    again: bool = True,
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
    again : bool
        Draw again, longer, where the gate would stop the fit; without it a guard-rail, whose error need
        not be that of an answer, takes what it gets.
    """
    size = QUICK if quick else FULL
    draws = sampler.fit(data, seed=seeds("fit"), **size)
    rhat, ess = convergence(draws)
    for n, times in enumerate(LONGER if again else ()):
        if not would_stop(draws, rhat, ess, SLACK if quick else 1.0):
            break
        longer: dict[str, Any] = {name: times * number for name, number in size.items()}
        if draws.divergent.any():
            longer["target_accept"] = CAREFUL
        draws = sampler.fit(data, seed=seeds("fit", *["longer"] * (n + 1)), **longer)
        rhat, ess = convergence(draws)
    evidence = bridge(draws.z, log_density, np.random.default_rng(seeds("bridge")))
    return Fitted(draws, evidence, rhat, ess)
