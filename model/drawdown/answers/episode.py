"""Simulated episodes: what the model would have us see under the looks of a real case."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from drawdown.answers.assess import Question
from drawdown.answers.prior import run_prior
from drawdown.model.likelihood import State, expected_pace, expected_remaining
from drawdown.model.observations import NOISE_SIZE, Observations
from drawdown.model.politics import Code, one_vote_each, political_log_likelihood
from drawdown.outcomes import OUTCOMES


@dataclass(frozen=True)
class Episode:
    """A question whose answer is known.

    Attributes
    ----------
    question : Question
        The real looks and dates with simulated counts and codes.
    hypothesis, outcome : str
        How it ends, and where it stands on the horizon.
    """

    question: Question
    hypothesis: str
    outcome: str


def simulate_episodes(
    q: Question, hypothesis: str, number: int, rng: np.random.Generator
) -> list[Episode]:
    """Draw parameters, fates, counts and codes under one hypothesis.

    Parameters
    ----------
    q : Question
        Gives the looks: sites, indicators, dates, grades and origins of the real reports.
    """
    run = run_prior(q.hyper[hypothesis], q.layout, q.late, q.view.day, q.horizon, rng)
    picks = rng.choice(len(run.weights), number, p=run.weights / run.weights.sum())
    out = []
    for pick in picks:
        outcome = OUTCOMES[run.outcome[pick]]
        state = run.state.take(np.array([pick]))
        observations = _counts(q.observations, state, run.future.fate[pick], rng)
        codes = _codes(q, outcome, rng)
        log = political_log_likelihood(codes, q.priors, q.view.day)
        question = replace(
            q,
            observations=observations,
            codes=codes,
            log_politics=np.array([log[o] for o in OUTCOMES]),
        )
        out.append(Episode(question, hypothesis, outcome))
    return out


def _counts(
    observations: Observations, state: State, fate: np.ndarray, rng: np.random.Generator
) -> Observations:
    """Simulate a count for every look, in the form in which the real report gave it.

    A lower bound stays one at half the simulated count; everything else becomes an exact count.
    """
    arrays = observations.arrays
    mean = np.concatenate([expected_remaining(state, arrays), expected_pace(state, arrays)], axis=1)
    site = arrays["group_site"][observations.group_of]
    mean = mean[0, np.arange(len(site)), fate[site]]
    right = rng.random(len(observations.groups)) < np.exp(arrays["log_right"])
    right = right[observations.group_of]
    mean = np.where(right, mean, observations.noise_mean)
    size = np.where(right, observations.size, NOISE_SIZE)
    counts = rng.poisson(mean * rng.gamma(size, 1.0 / size)).astype(float)
    bound = ~np.isfinite(observations.high) & (counts > 0)
    low = np.where(bound, np.ceil(counts / 2.0), counts)
    return observations.recount(low, np.where(bound, np.inf, counts))


def _codes(q: Question, outcome: str, rng: np.random.Generator) -> tuple[Code, ...]:
    """Simulate what is said of each indicator that the real case codes, by as many voices."""
    factor = rng.standard_normal()
    out = []
    for code in q.codes:
        if not code.known:
            continue
        indicator = q.priors.indicators[code.indicator]
        judgement = indicator.present[outcome]
        effect = judgement.mu + judgement.sd * rng.standard_normal() + indicator.shared * factor
        present = rng.random() < expit(effect)
        # a silence or a defining fact has one voice, as sure as the real one was
        voices = one_vote_each(list(code.reports), q.priors) or [2.0 * max(code.said) - 1.0]
        chance = np.ones(2)
        for right in voices:
            agrees = right + (1.0 - right) / 2.0
            says_yes = present if rng.random() < agrees else not present
            chance *= (1.0 - agrees, agrees) if says_yes else (agrees, 1.0 - agrees)
        out.append(replace(code, said=(float(chance[0]), float(chance[1]))))
    return tuple(out)
