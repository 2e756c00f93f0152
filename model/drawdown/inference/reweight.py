"""Reweighting: draws and a change in log density in; weights, evidence ratio and limits out."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

MAX_KHAT = 0.7
MIN_ESS = 400
FLAT = -1.0
"""Shape of a tail of equal weights: bounded, as a uniform distribution's."""
TIED = 1e-12
"""Log weights closer than this are one."""
UNSEEN = 0.01
"""Share of the weight that draws which no chain made may carry where weights have a bound: a point of
a probability at most, as the gate allows of Monte Carlo error."""
NONE_OF = 3.0
"""What was seen in none of n draws has a chance of at most 3/n, with 95 % confidence."""
LARGE = 700.0
"""Of a log weight: more overflows."""
LEAST_TAIL = 5
"""Weights of different size from which the shape of a tail is read."""


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
    unseen : float
        Share of the weight that may lie where there is no draw, at most; infinite where weights have no
        bound that is known.
    """

    weights: np.ndarray
    log_ratio: float
    khat: float
    ess: float
    unseen: float = np.inf

    @property
    def se(self) -> float:
        """Standard error of `log_ratio`, in nats, as if the draws were independent."""
        return float(np.sqrt(max(1.0 / self.ess - 1.0 / len(self.weights), 0.0)))

    @property
    def holds(self) -> bool:
        """Whether the weights may be used in place of a refit."""
        return within_limits(self.khat, self.ess, self.unseen)

    def bounded(self, log_most: float, effective: float) -> "Reweighted":
        """The same, knowing that no draw can have a log weight above `log_most`.

        Parameters
        ----------
        log_most : float
        effective : float
            Number of independent draws that the draws are worth.
        """
        unseen = NONE_OF / effective * np.exp(min(log_most - self.log_ratio, LARGE))
        return replace(self, unseen=float(unseen))


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
    n = len(change)
    if np.ptp(change) < TIED:
        return Reweighted(np.full(n, 1.0 / n), float(change[0]), -np.inf, float(n))
    log_ratio = float(logsumexp(change) - np.log(n))
    tail = int(3.0 * np.sqrt(n)) if n > 225 else n // 5
    above = change[change > np.partition(change, n - tail - 1)[n - tail - 1] + TIED]
    sizes = 1 + int((np.diff(np.sort(above)) > TIED).sum())
    if sizes < LEAST_TAIL:
        # weights of a few sizes, as fates have: their largest are common, and there is no tail to fit
        log_weights, khat = change, FLAT
    else:
        # a second to import, and nothing for an answer that needs no weights
        from arviz_stats.base import array_stats

        # where many draws share one weight, the tail is what lies above it
        log_weights, khat = array_stats.psislw(-change, r_eff=9.0 * n / (len(above) + 0.5) ** 2)
        if not np.isfinite(log_weights).all():
            log_weights, khat = change, np.inf
    weights = np.exp(log_weights - logsumexp(log_weights))
    return Reweighted(weights, log_ratio, float(khat), float(1.0 / (weights**2).sum()))


def within_limits(khat: float, ess: float, unseen: float = np.inf) -> bool:
    """Whether weights with this tail and so many effective draws may stand in place of a refit.

    The shape of a tail is asked for since what lies beyond the draws may carry everything. Where weights
    are bounded it is known how much that can be, and the shape adds nothing.
    """
    return (khat <= MAX_KHAT or unseen <= UNSEEN) and ess >= MIN_ESS
