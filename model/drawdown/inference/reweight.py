"""Reweighting: draws and a change in log density in; weights, evidence ratio and limits out."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

MAX_KHAT = 0.7
MIN_ESS = 400
FLAT = -1.0
"""Shape of a tail of equal weights: bounded, as a uniform distribution's."""


@dataclass(frozen=True)
class Reweighted:
    """Draws seen under another density.

    Attributes
    ----------
    weights : dims (draw,), sum to one
    log_ratio : float
        Log of the ratio of marginal likelihoods, new over old: the mean weight.
    khat : float
        Shape of the tail of the weights.
    ess : float
        Effective number of draws.
    """

    weights: np.ndarray
    log_ratio: float
    khat: float
    ess: float

    @property
    def se(self) -> float:
        """Standard error of `log_ratio`, in nats, as if the draws were independent."""
        return float(np.sqrt(max(1.0 / self.ess - 1.0 / len(self.weights), 0.0)))

    @property
    def holds(self) -> bool:
        """Whether the weights may be used in place of a refit."""
        return self.khat <= MAX_KHAT and self.ess >= MIN_ESS


def reweight(change: np.ndarray) -> Reweighted:
    """Pareto-smoothed importance weights.

    Parameters
    ----------
    change : dims (draw,)
        New log density minus old, at draws from the old.

    Returns
    -------
    Reweighted

    Notes
    -----
    `psislw` of arviz-stats takes a log likelihood and negates it to get log weights, so that the
    change is handed over with its sign turned.
    """
    from arviz_stats.base import array_stats

    if np.ptp(change) < 1e-12:
        n = len(change)
        return Reweighted(np.full(n, 1.0 / n), float(change[0]), -np.inf, float(n))
    if _flat(change):
        log_weights, khat = change, FLAT
    else:
        log_weights, khat = array_stats.psislw(-change)
    weights = np.exp(log_weights - logsumexp(log_weights))
    log_ratio = float(logsumexp(change) - np.log(len(change)))
    return Reweighted(weights, log_ratio, float(khat), float(1.0 / (weights**2).sum()))


def _flat(change: np.ndarray) -> bool:
    """Whether the largest weights are all one, as where most draws are sure of what was seen.

    There is then no tail to smooth, and the library refuses to fit one.
    """
    tail = max(5, int(min(len(change) / 5, 3.0 * np.sqrt(len(change)))))
    return bool(np.ptp(np.partition(change, -tail)[-tail:]) < 1e-12)
