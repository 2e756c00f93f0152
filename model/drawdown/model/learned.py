"""The PyMC model of the reference class: pooled chances of indicators, and a factor of the case."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from drawdown.files.learning import Learning
from drawdown.model.episodes import NARROWED, NODES, Coded, normal_nodes
from drawdown.outcomes import OUTCOMES

PARAMETERS = ("rate", "chance", "cases", "loading")


def build_learned(coded: Coded, weights: np.ndarray, learning: Learning) -> pm.Model:
    """Build the model of a reference class.

        rate[i]            ~ Uniform(0, 1)                    over all outcomes
        cases, loading     ~ LogNormal
        logit chance[i, o] ~ Normal(logit rate[i], 1 / sqrt(cases rate[i] (1 - rate[i])))

    The spread of the log odds is that of a Beta with so many pseudo-cases, so that a rare indicator
    may differ more between outcomes than a common one; a Beta itself has a pole at zero, where no
    sampler moves (fewest effective draws 16 of 6,000, against some 3,500 of 4,000).

    Parameters
    ----------
    coded : Coded
    weights : dims (case,)
        Power of each case's likelihood. Codes and weights enter as data, so that leaving cases out
        or simulating others compiles nothing again.

    Returns
    -------
    pm.Model
        Standard-normal vectors, and the deterministic `PARAMETERS` that they become.
    """
    nodes, shares = normal_nodes(NODES)
    size = coded.present.shape[1]
    with pm.Model() as model:
        d = {name: pm.Data(name, value) for name, value in learned_data(coded, weights).items()}
        for_rate = pm.Normal("for_rate", 0.0, 1.0, shape=size)
        for_chance = pm.Normal("for_chance", 0.0, 1.0, shape=(size, len(OUTCOMES)))
        for_cases, for_loading = pm.Normal("for_cases", 0.0, 1.0), pm.Normal("for_loading", 0.0, 1.0)
        rate = NARROWED + (1.0 - 2.0 * NARROWED) * pm.math.invprobit(for_rate)
        cases = pt.exp(learning.pseudo_cases.mu + learning.pseudo_cases.sd * for_cases)
        loading = pt.exp(learning.loading.mu + learning.loading.sd * for_loading)
        spread = 1.0 / pt.sqrt(cases * rate * (1.0 - rate))
        odds = pm.math.logit(rate)[:, None] + spread[:, None] * for_chance
        values = (rate, pm.math.invlogit(odds), cases, loading)
        for name, value in zip(PARAMETERS, values, strict=True):
            pm.Deterministic(name, value)
        pm.Potential("codes", (d["weight"] * _log_likelihood(odds, loading, d, nodes, shares)).sum())
    return model


def _log_likelihood(odds, loading, d, nodes, shares):
    """Log chance of the codes of each case under its own outcome; dims (case,)."""
    at = odds[:, :, None] + loading * nodes[None, None, :]
    yes = -pt.softplus(-at)
    total = pt.tensordot(d["yes"], yes, axes=1) + pt.tensordot(d["no"], yes - at, axes=1)
    own = (d["stands"][:, :, None] * total).sum(axis=1)
    return pt.logsumexp(own + np.log(shares)[None, :], axis=1)


def learned_data(coded: Coded, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Arrays that the model takes as data."""
    return {
        "yes": coded.yes,
        "no": coded.no,
        "stands": np.eye(len(OUTCOMES))[coded.outcome],
        "weight": np.asarray(weights, dtype=float),
    }
