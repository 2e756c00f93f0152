"""One density, sampled and integrated: draws, the health of the chains, the marginal likelihood."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from drawdown.inference.bridge import Density, Evidence, bridge
from drawdown.inference.gate import SLACK, Health
from drawdown.inference.sample import Draws, Sampler

Arrays = dict[str, np.ndarray]
CAREFUL = 0.95
"""Acceptance aimed at if a draw diverged: shorter steps."""
MORE, TIMES = 600, 2
"""A fit that the gate would stop goes on for so many draws of each chain, so many times."""
ANEW = (3, 9)
"""Where that does not help it is drawn anew, so many times as long, and again. The gate is the same."""
SHARPER = 3
"""An answer whose error the gate would stop is made of so many times as many draws."""


@dataclass(frozen=True)
class Effort:
    """How long a density is sampled.

    Attributes
    ----------
    draws, tune : int
        Of each chain.
    fresh : int
        Proposals that the chains are integrated against.
    kept : int
        Draws chosen from both, of which answers are made.
    target_accept : float
        Mean acceptance that the step is adapted to.
    slack : float
        How many times the error of a full run the gate allows.
    again : bool
        Whether a fit that the gate would stop is drawn further; else it is not even asked.
    nearby : bool
        Whether chains start from draws of a fit of nearly the same density, if there are any.

    Notes
    -----
    Chains are as long as it takes to see that they agree and to fit a proposal; how sharp the answer is
    hangs on the proposals, which are independent and cost a fortieth of a draw of a chain each. At 0.8
    a step is nearly twice that at 0.9, for as many effective draws; but a draw in some 10,000 diverges,
    which stops an answer and not a guard-rail (docs/performance.md).
    """

    draws: int
    tune: int
    fresh: int
    kept: int
    target_accept: float = 0.85
    slack: float = 1.0
    again: bool = True
    nearby: bool = False

    def near(self) -> "Effort":
        """The same, started nearby: half the tuning does."""
        return replace(self, tune=self.tune // 2, nearby=True)

    def sharper(self) -> "Effort":
        """The same with so many times as many draws of everything."""
        n = SHARPER
        return replace(self, draws=n * self.draws, fresh=n * self.fresh, kept=n * self.kept)


FULL = Effort(1200, 400, fresh=200_000, kept=4800)
QUICK = Effort(600, 300, fresh=40_000, kept=2800, slack=SLACK)
ROUGH = Effort(200, 300, fresh=10_000, kept=1600, target_accept=0.8, slack=SLACK, again=False)
"""A guard-rail, whose error need not be that of an answer: it takes what it gets."""


def usual(quick: bool) -> Effort:
    """Effort of an answer."""
    return QUICK if quick else FULL


@dataclass(frozen=True)
class Fitted:
    """What sampling one hypothesis gave.

    Attributes
    ----------
    draws : dims (draw, parameter)
        Equally likely. Batches of consecutive ones are independent of one another; within each they are
        in some order, so that a part of them is taken by `even.some`.
    evidence : Evidence
        Of the unnormalised density; the mass of its prior's region is not yet taken off.
    worth : float
        Independent draws that they are worth; at most as many as they are.
    health : Health
        Of the chains.
    """

    draws: np.ndarray
    evidence: Evidence
    worth: float
    health: Health

    @classmethod
    def independent(cls, draws: np.ndarray, evidence: Evidence, worth: float | None = None) -> "Fitted":
        """Draws that no chain made; worth as many as they are, if not said."""
        number = float(len(draws)) if worth is None else worth
        return cls(draws, evidence, number, Health.independent(draws.shape[1], number))


def fit(
    sampler: Sampler,
    data: Arrays,
    density: Density,
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
    density : Density
        The same density for rows.
    seeds : callable
        Seed of a stage, by its name.
    effort : Effort
    start : array, optional, dims (draw, parameter)
        Draws of a density near this one; each chain starts from one of them.
    """
    chains, health = _sound(sampler, data, seeds, effort, start)
    rng = np.random.default_rng(seeds("bridge"))
    evidence, chosen = bridge(chains.z, density, rng, effort.fresh, effort.kept)
    return Fitted(chosen.draws, evidence, min(chosen.worth, float(effort.kept)), health)


def _sound(
    sampler: Sampler,
    data: Arrays,
    seeds: Callable[..., int],
    effort: Effort,
    start: np.ndarray | None,
) -> tuple[Draws, Health]:
    """Draw chains until the gate would let them pass, or it has been tried often enough."""
    how: dict[str, Any] = {"target_accept": effort.target_accept, "start": start}
    draws = sampler.fit(data, draws=effort.draws, tune=effort.tune, seed=seeds("fit"), **how)
    health = Health.of(draws, read=effort.again)
    for n, times in enumerate((1,) * TIMES + ANEW if effort.again else (), start=1):
        if not health.would_stop(effort.slack):
            break
        seed = seeds("fit", *["longer"] * n)
        if n <= TIMES and not health.divergent:
            near = how | {"start": draws.flat}
            more = sampler.fit(data, draws=MORE, tune=effort.tune // 2, seed=seed, **near)
            draws = draws.followed_by(more)
        else:
            if health.divergent:
                how["target_accept"] = CAREFUL
            long, tune = times * effort.draws, times * effort.tune
            draws = sampler.fit(data, draws=long, tune=tune, seed=seed, **how)
        health = Health.of(draws)
    return draws, health
