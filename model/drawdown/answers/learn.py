"""The learned strand: chances of the political indicators, fitted to the reference class."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logit, logsumexp

from drawdown.files.learning import Learning
from drawdown.files.reference import ReferenceClass
from drawdown.inference.gate import Health
from drawdown.inference.sample import Draws, Sampler
from drawdown.model.episodes import (
    Coded,
    case_weights,
    code,
    log_likelihood,
    log_likelihood_of_intervals,
    normalised,
)
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_seed

Progress = Callable[[str], None]
WHOLE = {"draws": 1500, "tune": 1000}
FOLD = {"draws": 500, "tune": 300}
WORST_RHAT = 1.05
"""Of a fold, before it is drawn again at full length."""
SURE = 0.8
NORMAL_90 = 1.2815515655446004


@dataclass(frozen=True)
class Learned:
    """Draws of the learned strand.

    Attributes
    ----------
    indicators : tuple of str
    chance : dims (draw, indicator, outcome)
    loading, cases : dims (draw,)
    shares : dims (outcome,)
        Share of each outcome among the cases that were learned from, unweighted.
    draws : Draws
    """

    indicators: tuple[str, ...]
    chance: np.ndarray
    loading: np.ndarray
    cases: np.ndarray
    shares: np.ndarray
    draws: Draws

    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """Middle 80 % of each chance; dims (indicator, outcome), twice."""
        low, high = np.quantile(self.chance, [(1 - SURE) / 2, (1 + SURE) / 2], axis=0)
        return low, high

    def predict(self, coded: Coded) -> np.ndarray:
        """Probability of each outcome given codes, averaged over the draws; dims (case, outcome)."""
        log = log_likelihood(self.chance, self.loading, coded)
        return self._weighed(logsumexp(log, axis=0))

    def predict_from_intervals(self, coded: Coded) -> np.ndarray:
        """The same from what `learned.yaml` holds; dims (case, outcome)."""
        low, high = (logit(side) for side in self.interval())
        sd = (high - low) / 2 / NORMAL_90
        loading = float(np.median(self.loading))
        return self._weighed(log_likelihood_of_intervals((low + high) / 2, sd, loading, coded))

    def _weighed(self, log: np.ndarray) -> np.ndarray:
        return normalised(log + np.log(self.shares))


class Learner:
    """One compiled model of a reference class; every fit gets other weights or other codes."""

    def __init__(
        self, reference: ReferenceClass, learning: Learning, only: frozenset[str] | None = None
    ):
        from drawdown.model.learned import PARAMETERS, build_learned, learned_data

        self.reference, self.learning = reference, learning
        names = reference.indicators
        self.indicators = tuple(name for name in names if only is None or name in only)
        self.coded = code(reference.episodes, self.indicators)
        self._data = learned_data
        weights = self.weights(np.ones(len(reference.episodes), dtype=bool))
        self._sampler = Sampler(build_learned(self.coded, weights, learning), PARAMETERS)

    def weights(self, kept: np.ndarray) -> np.ndarray:
        """Weight of each case where some are kept; dims (case,)."""
        return case_weights(self.reference, self.learning, kept)

    def fit(self, kept: np.ndarray, seed: int, *, whole: bool = False) -> Learned:
        """Learn from some of the cases.

        Parameters
        ----------
        kept : bool array, dims (case,)
        whole : bool
            As many draws as a published fit needs, rather than a fold.
        """
        weights = self.weights(kept)
        found = self.draw(self.coded, weights, seed, WHOLE if whole else FOLD)
        if not whole and Health.of(found).rhat.max() > WORST_RHAT:
            found = self.draw(self.coded, weights, seed, WHOLE)
        return self.read(found, self.coded.take(kept).shares)

    def draw(self, coded: Coded, weights: np.ndarray, seed: int, size: dict[str, Any]) -> Draws:
        """Sample the posterior given codes and weights of the cases."""
        return self._sampler.fit(self._data(coded, weights), seed=seed, **size)

    def read(self, draws: Draws, shares: np.ndarray) -> Learned:
        """Cut the flat draws into parameters."""
        n = len(self.indicators)
        flat, chances = draws.flat, n * len(OUTCOMES)
        return Learned(
            indicators=self.indicators,
            chance=flat[:, n : n + chances].reshape(-1, n, len(OUTCOMES)),
            cases=flat[:, n + chances],
            loading=flat[:, n + chances + 1],
            shares=shares,
            draws=draws,
        )


def learn(reference: ReferenceClass, learning: Learning, seed: int, progress: Progress) -> Learned:
    """Fit the whole reference class.

    Raises
    ------
    FitError
        If the chains do not agree, or too few draws are effective.
    """
    from drawdown.errors import FitError

    progress("Compiling the model of the past episodes")
    learner = Learner(reference, learning)
    progress(f"Learning from {len(reference.episodes)} episodes")
    everything = np.ones(len(reference.episodes), dtype=bool)
    found = learner.fit(everything, stage_seed(seed, "learn"), whole=True)
    health = Health.of(found.draws)
    if health.would_stop():
        raise FitError(
            f"the learned strand did not converge (R-hat {health.rhat.max():.3f}, fewest effective"
            f" draws {health.ess.min():.0f}, {health.divergent} divergent): nothing is written"
        )
    return found
