"""Simulated episodes: what the model would have us see under the looks of a real case."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from drawdown.answers.assess import Question
from drawdown.answers.simulate import Future, simulate
from drawdown.model.blocks import log_masses
from drawdown.model.heard import standing
from drawdown.model.hyper import Arrays
from drawdown.model.layout import Layout
from drawdown.model.likelihood import (
    State,
    expected_pace,
    expected_remaining,
    natural,
)
from drawdown.model.noise import draw
from drawdown.model.observations import Observations
from drawdown.model.politics import (
    Code,
    chance_present,
    one_vote_each,
    political_log_likelihood,
)
from drawdown.outcomes import OUTCOMES

AT_ONCE = 256
"""Draws of the prior that are tried together."""


@dataclass(frozen=True)
class Episode:
    """A question whose answer is known.

    Attributes
    ----------
    question : Question
        The real looks and dates with simulated counts and codes.
    hypothesis, outcome : str
        How it ends, and where it stands on the horizon.
    z : dims (1, parameter)
    future : Future
        Of the one draw.
    """

    question: Question
    hypothesis: str
    outcome: str
    z: np.ndarray
    future: Future


def simulate_episodes(
    q: Question, hypothesis: str, number: int, rng: np.random.Generator
) -> list[Episode]:
    """Draw so many episodes under one hypothesis; see `simulate_episode`."""
    return [simulate_episode(q, hypothesis, rng) for _ in range(number)]


def simulate_episode(q: Question, hypothesis: str, rng: np.random.Generator) -> Episode:
    """Draw parameters, fates, counts and codes under one hypothesis.

    Parameters
    ----------
    q : Question
        Gives the looks: sites, indicators, dates, grades and origins of the real reports.
    """
    hyper = q.hyper[hypothesis]
    z, state = _one_draw(q, hyper, rng)
    future = simulate(state, hyper, None, q.late, q.view.day, rng)
    outcome = OUTCOMES[future.stands(q.horizon)[0]]
    observations = _counts(q.observations, state, future.fate[0], rng)
    codes = _codes(q, outcome, rng)
    log = political_log_likelihood(codes, q.priors, q.view.day)
    question = replace(
        q,
        observations=observations,
        codes=codes,
        log_politics=np.array([log[o] for o in OUTCOMES]),
    )
    return Episode(question, hypothesis, outcome, z, future)


def _one_draw(q: Question, hyper: Arrays, rng: np.random.Generator) -> tuple[np.ndarray, State]:
    """One draw of the prior in the region of a hypothesis, by rejection: exact, and no draw twice."""
    most = _most(hyper, q.layout)
    while True:
        z = rng.standard_normal((AT_ONCE, q.layout.n_parameters))
        state = natural(z, hyper, q.layout)
        log_weight = logsumexp(standing(state, hyper, None).terms(), axis=1)
        taken = np.flatnonzero(np.log(rng.random(AT_ONCE)) < log_weight - most)[:1]
        if len(taken):
            return z[taken], state.take(taken)


def _most(hyper: Arrays, layout: Layout) -> float:
    """Log of the greatest weight that a draw of the prior can have."""
    if not layout.enumerated:
        return float(logsumexp(log_masses(np.zeros((1, *hyper["log_fate"].shape)), hyper)))
    sites = np.arange(len(layout.sites))
    # no draw weighs more than this: the cut falls where a pattern has it with a chance of one at most
    least = np.where(hyper["pattern_sign"] == 0, np.log(2.0), 0.0)
    fates = hyper["log_fate"][sites, layout.patterns].sum(axis=1)
    return float(logsumexp(fates + hyper["pattern_log"] - least))


def _counts(
    observations: Observations, state: State, fate: np.ndarray, rng: np.random.Generator
) -> Observations:
    """Simulate a count for every look, in the form in which the real report gave it."""
    arrays = observations.arrays
    mean = np.concatenate([expected_remaining(state, arrays), expected_pace(state, arrays)], axis=1)
    site = arrays["group_site"][observations.group_of]
    mean = mean[0, np.arange(len(site)), fate[site]]
    right = rng.random(len(observations.groups)) < np.exp(arrays["log_right"])
    right = right[observations.group_of]
    true = rng.poisson(mean * rng.gamma(observations.size, 1.0 / observations.size)).astype(float)
    counts = np.where(right, true, draw(observations.noise_middle, rng, true.shape))
    return observations.recount(*as_told(counts, observations.low, observations.high))


def as_told(counts: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell a count as exactly as a real report told its own.

    An exact report stays exact; one that gave an interval says whether the count lies below it, in it
    or above it. What is told must be a set that was fixed before the count was known: a bound placed by
    the count would say more than the likelihood of a bound reads in it.

    Parameters
    ----------
    counts : dims (observation,)
    low, high : dims (observation,)
        Interval of the real report; `high` may be infinite.
    """
    exact, below, above = low == high, counts < low, counts > high
    new_low = np.where(below, 0.0, np.where(above, high + 1.0, low))
    new_high = np.where(below, low - 1.0, np.where(above, np.inf, high))
    return np.where(exact, counts, new_low), np.where(exact, counts, new_high)


def _codes(q: Question, outcome: str, rng: np.random.Generator) -> tuple[Code, ...]:
    """Simulate what is said of each indicator that the real case codes, by as many voices."""
    factor = rng.standard_normal(1)
    out = []
    for code in q.codes:
        if not code.known:
            continue
        indicator = q.priors.indicators[code.indicator]
        present = rng.random() < chance_present(indicator, outcome, factor, q.view.day)[0]
        # a silence or a defining fact has one voice, as sure as the real one was
        voices = one_vote_each(list(code.reports), q.priors) or [2.0 * max(code.said) - 1.0]
        chance = np.ones(2)
        for right in voices:
            agrees = right + (1.0 - right) / 2.0
            says_yes = present if rng.random() < agrees else not present
            chance *= (1.0 - agrees, agrees) if says_yes else (agrees, 1.0 - agrees)
        out.append(replace(code, said=(float(chance[0]), float(chance[1]))))
    return tuple(out)
