"""Which of many origins carry the answer: a rough move of each, from a few draws, all in one pass.

Leaving an origin out in earnest costs some tenths of a second. With thousands of origins only those that
may matter are; what the others move is known to be less by this rule.
"""

from collections.abc import Sequence

import numpy as np

from drawdown.answers.assess import Assessment
from drawdown.even import some
from drawdown.model.heard import Heard, hear
from drawdown.model.likelihood import group_terms, log_chances
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator

FEW = 300
"""Draws of a hypothesis."""


def foremost(a: Assessment, origins: Sequence[str], most: int) -> list[str]:
    """Choose the origins that move an outcome most if left out, in the order in which they are given.

    Taken as if where each hypothesis stands did not change, and as if the sites of an origin did not
    depend on one another. Political origins are all kept: they cost nothing.

    Parameters
    ----------
    a : Assessment
    origins : sequence of str
    most : int
        Of those with physical reports.
    """
    groups = a.question.observations.groups
    physical = {origin for origin, _ in groups}
    if sum(origin in physical for origin in origins) <= most:
        return list(origins)
    names = sorted(physical)
    at = np.searchsorted(names, [origin for origin, _ in groups])
    ratio = np.stack([ratios(a, h, at, len(names)) for h in OUTCOMES])
    move = dict(zip(names, _moves(a, ratio), strict=True))
    ranked = sorted((o for o in origins if o in physical), key=lambda o: -move[o])
    kept = set(ranked[:most]) | (set(origins) - physical)
    return [origin for origin in origins if origin in kept]


def ratios(a: Assessment, h: str, at: np.ndarray, number: int) -> np.ndarray:
    """Log of the marginal likelihood without each origin over that with it; dims (origin,)."""
    q, z = a.question, a.fits[h].draws
    z = z[some(len(z), FEW, stage_generator(q.seed, "screened", h))]
    obs = q.observations.arrays
    heard = hear(z, q.hyper[h], obs, q.layout)
    fates = heard.fates()
    logs = np.empty((len(z), number))
    for i in range(len(z)):
        without = _without_each(heard, i, fates[i], obs)
        logs[i] = np.bincount(at, without, number)
    most = logs.max(axis=0)
    out: np.ndarray = most + np.log(np.exp(logs - most).mean(axis=0))
    return out


def _without_each(heard: Heard, i: int, fates: np.ndarray, obs: dict[str, np.ndarray]) -> np.ndarray:
    """Log of a draw's weight without each group over that with it; dims (group,)."""
    state = heard.state.take(slice(i, i + 1))
    said = group_terms(log_chances(state, obs), obs)[0]
    chance = fates[obs["group_site"]]
    least = said.min(axis=1)
    out: np.ndarray = np.log((chance * np.exp(least[:, None] - said)).sum(axis=1) + 1e-300) - least
    return out


def _moves(a: Assessment, ratio: np.ndarray) -> np.ndarray:
    """Largest move of an outcome, given ratios of dims (hypothesis, origin); dims (origin,)."""
    # the joint of the answer already has the marginal likelihoods in it
    joint = np.exp(ratio - ratio.max(axis=0))[:, None] * a.weighed.joint[..., None]
    outcomes = joint.sum(axis=0) / joint.sum(axis=(0, 1))
    out: np.ndarray = np.abs(outcomes - a.weighed.joint.sum(axis=0)[:, None]).max(axis=0)
    return out
