"""One density, sampled and integrated: draws, their diagnostics, and the marginal likelihood."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from drawdown.inference.bridge import Evidence, LogDensity, bridge
from drawdown.inference.gate import SLACK, convergence, would_stop
from drawdown.inference.sample import Draws, Sampler

Arrays = dict[str, np.ndarray]
CAREFUL = 0.95
"""Acceptance aimed at if a draw diverged: shorter steps."""
AGAIN = (1, 3, 9)
"""A fit that the gate would stop goes on for as long again; then it is drawn anew, so many times as
long, and again. The gate is the same."""
SHARPER = 3
"""An answer whose error the gate would stop is made of so many times as many draws."""


@dataclass(frozen=True)
class Effort:
    """How long a density is sampled.

    Attributes
    ----------
    draws, tune : int
        Of each chain.
    target_accept : float
        Mean acceptance that the step is adapted to.
    slack : float
        How many times the error of a full run the gate allows.
    fresh : int
        Proposals of the bridge for each draw.
    again : bool
        Whether a fit that the gate would stop is drawn further; else it is not even asked.
    nearby : bool
        Whether chains start from draws of a fit of nearly the same density, if there are any.

    Notes
    -----
    At 0.8 a step is nearly twice that at 0.9, for as many effective draws and the same error of log Z;
    but a draw in some 10,000 diverges, which stops an answer and not a guard-rail
    (docs/performance.md).
    """

    draws: int
    tune: int
    target_accept: float = 0.9
    slack: float = 1.0
    fresh: int = 12
    again: bool = True
    nearby: bool = False

    def near(self) -> "Effort":
        """The same, started nearby: half the tuning does."""
        return replace(self, tune=self.tune // 2, nearby=True)


FULL = Effort(1500, 600)
QUICK = Effort(700, 300, target_accept=0.85, slack=SLACK)
ROUGH = Effort(400, 300, target_accept=0.8, slack=SLACK, fresh=6, again=False)
"""A guard-rail, whose error need not be that of an answer: it takes what it gets."""


def usual(quick: bool) -> Effort:
    """Effort of an answer."""
    return QUICK if quick else FULL


@dataclass(frozen=True)
class Fitted:
    """What sampling one hypothesis gave.

    Attributes
    ----------
    draws : Draws
    evidence : Evidence
        Of the unnormalised density; the mass of its prior's region is not yet taken off.
    rhat, ess : dims (parameter,)
        Not a number where they were not asked for, which no gate lets pass.
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
    effort: Effort = FULL,
    start: np.ndarray | None = None,
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
    effort : Effort
    start : array, optional, dims (draw, parameter)
        Draws of a density near this one; each chain starts from one of them.
    """
    how: dict[str, Any] = {"target_accept": effort.target_accept, "start": start}
    draws = sampler.fit(data, draws=effort.draws, tune=effort.tune, seed=seeds("fit"), **how)
    unread = np.full(draws.z.shape[-1], np.nan)
    rhat, ess = convergence(draws) if effort.again else (unread, unread)
    for n, times in enumerate(AGAIN if effort.again else ()):
        if not would_stop(draws, rhat, ess, effort.slack):
            break
        seed = seeds("fit", *["longer"] * (n + 1))
        draws = _drawn_on(sampler, data, draws, effort, times, seed, how)
        rhat, ess = convergence(draws)
    rng = np.random.default_rng(seeds("bridge"))
    return Fitted(draws, bridge(draws.z, log_density, rng, effort.fresh), rhat, ess)


def _drawn_on(
    sampler: Sampler,
    data: Arrays,
    draws: Draws,
    effort: Effort,
    times: int,
    seed: int,
    how: dict[str, Any],
) -> Draws:
    """Draw so many times as long: behind the draws that are there if these are sound, else anew.

    `how` is kept for the next time: shorter steps once a draw diverged.
    """
    if draws.divergent.any():
        how["target_accept"] = CAREFUL
    elif times == 1:
        near = how | {"start": draws.flat}
        more = sampler.fit(data, draws=effort.draws, tune=effort.tune // 2, seed=seed, **near)
        return draws.followed_by(more)
    return sampler.fit(data, draws=times * effort.draws, tune=times * effort.tune, seed=seed, **how)
