"""What simple methods say of past episodes: the scores that a learned strand must beat."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from drawdown.model.episodes import Coded, normalised
from drawdown.outcomes import OUTCOMES

PENALTY = 2.0
"""Of 0.5 to 10, the best for the ridge itself when each shared case is left out."""


def climatology(train: Coded, test: Coded) -> np.ndarray:
    """Shares of the outcomes among the training cases; dims (case, outcome)."""
    return np.tile(train.shares, (len(test.outcome), 1))


def naive_bayes(train: Coded, test: Coded) -> np.ndarray:
    """Independent indicators, with half a case added to each side; dims (case, outcome)."""
    stands = np.eye(len(OUTCOMES))[train.outcome]
    yes, coded = train.yes.T @ stands, train.known.T @ stands
    chance = (yes + 0.5) / (coded + 1.0)
    log = test.yes @ np.log(chance) + test.no @ np.log1p(-chance)
    return normalised(log + np.log(train.shares))


def ridge(train: Coded, test: Coded) -> np.ndarray:
    """Multinomial logistic regression with a ridge penalty; dims (case, outcome).

    A code that is not known stands at the indicator's mean, so that it says nothing.
    """
    mean = train.yes.sum(axis=0) / np.maximum(train.known.sum(axis=0), 1.0)
    x = train.known * (train.present - mean)
    size, came = x.shape[1], np.eye(len(OUTCOMES))[train.outcome]

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        slope, level = beta[:-3].reshape(len(OUTCOMES), size), beta[-3:]
        odds = x @ slope.T + level
        log = odds - logsumexp(odds, axis=1, keepdims=True)
        gap = np.exp(log) - came
        value = -(came * log).sum() + 0.5 * PENALTY * (slope**2).sum()
        return float(value), np.append((gap.T @ x + PENALTY * slope).ravel(), gap.sum(axis=0))

    beta = minimize(loss, np.zeros(len(OUTCOMES) * (size + 1)), jac=True, method="L-BFGS-B").x
    at = (test.known * (test.present - mean)) @ beta[:-3].reshape(len(OUTCOMES), size).T
    return normalised(at + beta[-3:])


BASELINES = {"climatology": climatology, "naive_bayes": naive_bayes, "ridge": ridge}
