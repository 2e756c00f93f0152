"""Past episodes as arrays, and in NumPy what a set of codes says of each outcome.

The chance of indicator i under outcome o has log odds logit(chance[i, o]) + loading * eta, with eta a
standard-normal factor of the case, summed out over Gauss-Hermite nodes. A code that is missing says
nothing. This is the reference of the PyMC model in `learned` and the density of every prediction.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import logit, logsumexp

from drawdown.files.learning import Learning
from drawdown.files.reference import Episode, ReferenceClass
from drawdown.outcomes import OUTCOMES

NODES = 11
NARROWED = 0.005
"""No indicator is taken to be rarer than this over all outcomes, or commoner than one less this."""
EFFECT_NODES = 15


@cache
def normal_nodes(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Hermite nodes and weights of the standard normal distribution; dims (node,)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(number)
    weights = weights / weights.sum()
    for shared in (nodes, weights):
        shared.setflags(write=False)
    return nodes, weights


@dataclass(frozen=True)
class Coded:
    """Codes and outcomes of a set of cases.

    Attributes
    ----------
    present, known : float array, dims (case, indicator)
        Zero or one; `present` is zero where a code is not known.
    outcome : int array, dims (case,)
    """

    present: np.ndarray
    known: np.ndarray
    outcome: np.ndarray

    @property
    def yes(self) -> np.ndarray:
        """One where an indicator is known to be present; dims (case, indicator)."""
        return self.known * self.present

    @property
    def no(self) -> np.ndarray:
        """One where an indicator is known to be absent; dims (case, indicator)."""
        return self.known * (1.0 - self.present)

    @property
    def shares(self) -> np.ndarray:
        """Share of each outcome among the cases; dims (outcome,)."""
        count = np.bincount(self.outcome, minlength=len(OUTCOMES)).astype(float)
        return count / count.sum()

    def take(self, cases: np.ndarray) -> "Coded":
        """Return some of the cases."""
        return Coded(self.present[cases], self.known[cases], self.outcome[cases])


def code(episodes: tuple[Episode, ...], indicators: tuple[str, ...]) -> Coded:
    """Arrays of episodes; an indicator that an episode does not have is not known."""
    found = [[episode.codes.get(name) for name in indicators] for episode in episodes]
    shape = (len(episodes), len(indicators))
    present = np.array([[float(c or 0) for c in row] for row in found]).reshape(shape)
    known = np.array([[float(c is not None) for c in row] for row in found]).reshape(shape)
    outcome = np.array([OUTCOMES.index(episode.outcome) for episode in episodes], dtype=np.int64)
    return Coded(present, known, outcome)


def case_weights(reference: ReferenceClass, learning: Learning, kept: np.ndarray) -> np.ndarray:
    """Weight of each case in the likelihood; dims (case,).

    Parameters
    ----------
    kept : bool array, dims (case,)
        Cases to learn from. The cap on a cluster holds among them.
    """
    weight = np.array([learning.confidence[e.confidence] for e in reference.episodes])
    settled = np.array([e.near_settled for e in reference.episodes])
    weight = np.where(settled, learning.near_settled, 1.0) * weight * kept
    total: Counter[str] = Counter()
    for episode, w in zip(reference.episodes, weight, strict=True):
        total[episode.cluster] += w
    cap = [learning.cluster_at_most / max(total[e.cluster], 1e-12) for e in reference.episodes]
    out: np.ndarray = weight * np.minimum(cap, 1.0)
    return out


def normalised(log: np.ndarray) -> np.ndarray:
    """Probabilities of the outcomes from their log weights; dims (case, outcome)."""
    out: np.ndarray = np.exp(log - logsumexp(log, axis=1, keepdims=True))
    return out


def log_likelihood(chance: np.ndarray, loading: np.ndarray, coded: Coded) -> np.ndarray:
    """Log chance of the codes of each case under each outcome.

    Parameters
    ----------
    chance : dims (draw, indicator, outcome)
        Chance that the indicator is present at eta = 0.
    loading : dims (draw,)

    Returns
    -------
    array, dims (draw, case, outcome)
    """
    nodes, weights = normal_nodes(NODES)
    odds = logit(chance)
    total = np.zeros((len(chance), len(coded.outcome), len(OUTCOMES), NODES))
    for node, eta in enumerate(nodes):
        at = odds + (loading * eta)[:, None, None]
        yes, no = -np.logaddexp(0.0, -at), -np.logaddexp(0.0, at)
        total[..., node] = np.einsum("ci,dio->dco", coded.yes, yes)
        total[..., node] += np.einsum("ci,dio->dco", coded.no, no)
    out: np.ndarray = logsumexp(total + np.log(weights), axis=-1)
    return out


def log_likelihood_of_intervals(
    mu: np.ndarray, sd: np.ndarray, loading: float, coded: Coded
) -> np.ndarray:
    """Log chance of the codes where each chance is known by an interval of its own alone.

    This is what `learned.yaml` can say: the joint posterior of the chances is lost.

    Parameters
    ----------
    mu, sd : dims (indicator, outcome)
        Of the log odds.

    Returns
    -------
    array, dims (case, outcome)
    """
    nodes, weights = normal_nodes(NODES)
    effect, share = normal_nodes(EFFECT_NODES)
    total = np.zeros((len(coded.outcome), len(OUTCOMES), NODES))
    for node, eta in enumerate(nodes):
        at = mu[..., None] + sd[..., None] * effect + loading * eta
        chance = (1.0 / (1.0 + np.exp(-at))) @ share
        yes, no = np.log(chance), np.log1p(-chance)
        total[..., node] = coded.yes @ yes + coded.no @ no
    out: np.ndarray = logsumexp(total + np.log(weights), axis=-1)
    return out
