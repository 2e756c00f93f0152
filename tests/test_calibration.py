"""Long checks, run by `make long`: a marginal likelihood, simulated episodes, a broken model."""

from dataclasses import replace
from datetime import date, timedelta
from unittest import mock

import numpy as np
import pytest
from scipy.special import logsumexp

from cases import SYRIA, well_watched
from drawdown.answers import trial
from drawdown.answers.assess import ask, assess, fit_hypothesis
from drawdown.answers.batch import Kept, run
from drawdown.answers.calibration import check
from drawdown.answers.episode import simulate_episodes
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.inference.fitted import ROUGH
from drawdown.inference.sample import Sampler
from drawdown.model.likelihood import log_weight
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator
from small import row, small_case

PRIORS = load_priors()
pytestmark = pytest.mark.long
PARTICLES = 4000
MOVES = 12


@pytest.fixture(scope="module")
def sampler():
    """One compiled model of the shipped case."""
    q = ask(load_case(SYRIA, PRIORS), PRIORS, None, 1)
    return Sampler.of_case(q.layout, q.hyper["retained"] | q.observations.arrays)


@pytest.fixture
def short(monkeypatch):
    """Which outcome is the most probable needs fewer draws than a probability that is printed."""
    monkeypatch.setattr("drawdown.answers.trial.QUICK", replace(ROUGH, draws=300))


def smc(log_likelihood, dims, rng):
    """Log evidence by tempering a standard-normal prior; independent of NUTS and of the bridge.

    Each temperature keeps 80 % of the particles effective, and moves them by Crank-Nicolson steps
    around their own mean and variance.
    """
    z = rng.standard_normal((PARTICLES, dims))
    like, power, total, step = log_likelihood(z), 0.0, 0.0, 0.3
    while power < 1.0:
        new = _next_power(like, power)
        change = (new - power) * like
        total += logsumexp(change) - np.log(PARTICLES)
        weight = np.exp(change - logsumexp(change))
        pick = rng.choice(PARTICLES, PARTICLES, p=weight)
        z, like, power = z[pick], like[pick], new
        mean, sd = z.mean(axis=0), z.std(axis=0)
        for _ in range(MOVES):
            noise = mean + sd * rng.standard_normal(z.shape)
            move = mean + np.sqrt(1 - step**2) * (z - mean) + step * (noise - mean)
            there = log_likelihood(move)
            reference = 0.5 * (((move - mean) / sd) ** 2 - ((z - mean) / sd) ** 2).sum(axis=1)
            prior = 0.5 * (z**2 - move**2).sum(axis=1)
            accept = np.log(rng.random(PARTICLES)) < power * (there - like) + prior + reference
            z, like = np.where(accept[:, None], move, z), np.where(accept, there, like)
            step = float(np.clip(step * np.exp(0.5 * (accept.mean() - 0.3)), 0.02, 0.95))
    return total


def _next_power(like, power):
    low, high = 0.0, 1.0 - power
    for _ in range(40):
        middle = (low + high) / 2
        weight = np.exp(middle * (like - like.max()))
        enough = weight.sum() ** 2 / (weight**2).sum() > 0.8 * PARTICLES
        low, high = (middle, high) if enough else (low, middle)
    return min(1.0, power + high) if 1.0 - power - high > 1e-6 else 1.0


def test_marginal_likelihood_of_the_real_case(sampler):
    """Bridge sampling and a sequential Monte Carlo of 4,000 particles agree within 0.15 nats."""
    q = ask(load_case(SYRIA, PRIORS), PRIORS, date(2024, 12, 31), 1)
    obs = q.observations.arrays
    for h in OUTCOMES:
        bridge = fit_hypothesis(q, h, sampler).evidence

        def log_likelihood(z, h=h):
            return log_weight(z, q.hyper[h], obs, q.layout)

        other = smc(log_likelihood, q.layout.n_parameters, stage_generator(1, "smc", h))
        print(f"{h}: bridge {bridge.log:.3f} (se {bridge.se:.3f}), SMC {other:.3f}")
        assert abs(bridge.log - other) < 0.15


def _recognised(q, sampler, hypothesis):
    """Probabilities given to ten simulated episodes that stand as they end."""
    rng = stage_generator(5, "episodes", hypothesis)
    episodes = [e for e in simulate_episodes(q, hypothesis, 16, rng) if e.outcome == hypothesis]
    found = []
    for episode in episodes[:10]:
        found.append(assess(episode.question, quick=True, sampler=sampler).weighed.outcomes)
        print(hypothesis, found[-1].round(3), flush=True)
    assert len(found) == 10
    return np.array(found)


@pytest.mark.parametrize("hypothesis", OUTCOMES)
def test_simulated_episodes_are_recognised(tmp_path, sampler, hypothesis, short):
    """Well watched to the horizon, the simulated outcome is the most probable in 8 of 10."""
    q = ask(well_watched(tmp_path, PRIORS), PRIORS, None, 1)
    found = _recognised(q, sampler, hypothesis)
    assert (found.argmax(axis=1) == OUTCOMES.index(hypothesis)).sum() >= 8


def test_the_looks_of_the_real_case_inform(sampler, short):
    """Under the looks that Syria had, the truth scores better than the base rates give it."""
    q = ask(load_case(SYRIA, PRIORS), PRIORS, None, 1)
    gain = []
    for i, hypothesis in enumerate(OUTCOMES):
        found = _recognised(q, sampler, hypothesis)
        gain.append(np.log(found[:, i]).mean() - np.log(q.besides.base_rates[i]))
    print("gain in nats over the base rates", np.round(gain, 2))
    assert np.mean(gain) > 0.2


WATCHED = 60
"""Days of the watched case; jets are counted and the gate looked at every fifth day."""
TRIALS = 50


def watched(folder):
    """The small case with a count of the jets and a look at the gate every fifth day."""
    first, rows = date(2024, 12, 8), []
    for day in range(3, WATCHED, 5):
        when = (first + timedelta(days=day)).isoformat()
        for indicator, observed in (("combat_aircraft", "12"), ("perimeter_held", "yes")):
            rows.append(row(when, "base", indicator, observed, f"{indicator}_{day}"))
    rows.append(row("2024-12-20", "theatre", "official_statement_staying", "yes", "minister"))
    return small_case(folder, rows)


def doubled(observations):
    """Every look at what remains twice, as if a second origin had seen it: its term counts double."""
    arrays, number = observations.arrays, len(observations.groups)
    looks = len(arrays["r_stock"])
    twice = [*range(looks), *range(looks), *range(looks, len(observations.reports))]
    again = np.repeat([0, number, 0], [looks, looks, len(observations.reports) - looks])
    more = {name: np.tile(arrays[name], 2) for name in ("r_stock", "r_indicator", "r_day")}
    more |= {name: np.tile(arrays[name], 2) for name in ("group_site", "log_right", "log_wrong")}
    group_of = observations.group_of[twice] + again
    new = replace(
        observations,
        arrays=arrays | more | {"group_of": group_of, "said": arrays["said"][twice]},
        reports=tuple(observations.reports[n] for n in twice),
        groups=observations.groups * 2,
        group_of=group_of,
        low=observations.low[twice],
        high=observations.high[twice],
        size=observations.size[twice],
        noise_middle=observations.noise_middle[twice],
    )
    return new.recount(new.low, new.high)


def broken_attempt(plan, n):
    """A trial whose answer counts one term of the likelihood twice."""

    def fit_twice(q, h, sampler, effort):
        return fit_hypothesis(replace(q, observations=doubled(q.observations)), h, sampler, effort)

    with mock.patch.object(trial, "fit_hypothesis", fit_twice):
        return trial.attempt(plan, n)


def checked(plan, work, folder):
    """Tests of so many trials; the same episodes whatever answers them."""
    mask = plan.masks[0]
    found = check(run(work, plan, TRIALS, Kept(folder, "a")), mask.chances @ mask.table)
    worst = sorted((c["p"], c["name"]) for c in found["checks"])[:5]
    print(f"{work.__name__}: passed {found['passed']}, limit {found['limit']:.2g}, worst {worst}")
    return found


def test_a_doubled_term_is_caught(tmp_path):
    """`calibrate` passes the model on simulated episodes, and fails it with one term doubled."""
    plan = trial.trials([watched(tmp_path)], PRIORS, 1, days=(WATCHED,))
    assert checked(plan, trial.attempt, tmp_path / "sound")["passed"]
    assert not checked(plan, broken_attempt, tmp_path / "broken")["passed"]
