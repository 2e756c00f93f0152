"""Simulation-based calibration of the learned strand, run by `make long`."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import chisquare

from cases import REFERENCE
from drawdown.answers.learn import Learner
from drawdown.files.learning import load_learning
from drawdown.files.reference import load_reference
from drawdown.model.episodes import NARROWED, Coded, log_likelihood
from drawdown.seeds import stage_generator, stage_seed

pytestmark = pytest.mark.long
SIMULATIONS = 100
SIZE = {"draws": 250, "tune": 300}
KEPT = 199
"""Draws that a true value is ranked among: two hundred places, ten bins of twenty."""
BINS = 10
LEAST = 0.001
"""Smallest p-value of a sound model, over some dozen quantities."""


@pytest.fixture(scope="module")
def learner():
    """One compiled model of the shipped class; every simulation has its cases and its gaps."""
    return Learner(load_reference(REFERENCE), load_learning())


def simulate(learner, rng):
    """Draw parameters from the prior and codes under the real mask; NumPy, apart from the model."""
    size, settings = len(learner.indicators), learner.learning
    rate = NARROWED + (1 - 2 * NARROWED) * rng.random(size)
    cases = np.exp(settings.pseudo_cases.mu + settings.pseudo_cases.sd * rng.standard_normal())
    loading = np.exp(settings.loading.mu + settings.loading.sd * rng.standard_normal())
    spread = 1 / np.sqrt(cases * rate * (1 - rate))
    chance = expit(logit(rate)[:, None] + spread[:, None] * rng.standard_normal((size, 3)))
    real = learner.coded
    factor = rng.standard_normal(len(real.outcome))
    p = expit(logit(chance).T[real.outcome] + loading * factor[:, None])
    present = (rng.random(p.shape) < p) * real.known
    return chance, loading, cases, Coded(present, real.known, real.outcome)


def quantities(chance, loading, cases, coded):
    """What is ranked; dims (draw, quantity). The last one, of data and parameters, sees most."""
    own = np.arange(len(coded.outcome)), coded.outcome
    each = log_likelihood(chance, loading, coded)[:, *own]
    some = chance[:, ::4, :].reshape(len(chance), -1)
    return np.column_stack([some, loading, cases, chance.mean(axis=(1, 2)), each.sum(axis=1)])


def ranks(learner, weight, simulations):
    """Place of each true value among draws of its posterior; dims (simulation, quantity)."""
    out = []
    for n in range(simulations):
        rng = stage_generator(11, "simulation", str(n))
        chance, loading, cases, coded = simulate(learner, rng)
        weights = np.full(len(coded.outcome), weight)
        draws = learner.draw(coded, weights, stage_seed(11, "fit", str(n)), SIZE)
        found = learner.read(draws, coded.shares)
        pick = np.linspace(0, len(found.loading) - 1, KEPT).astype(int)
        drawn = quantities(found.chance[pick], found.loading[pick], found.cases[pick], coded)
        true = quantities(chance[None], np.array([loading]), np.array([cases]), coded)
        out.append((drawn < true).sum(axis=0))
    return np.array(out)


def p_values(found):
    """Of uniform ranks, a quantity at a time."""
    bins = found * BINS // (KEPT + 1)
    return np.array([chisquare(np.bincount(row, minlength=BINS)).pvalue for row in bins.T])


def test_ranks_are_uniform(learner):
    """True parameters and the likelihood of the codes fall anywhere among their posterior draws."""
    found = p_values(ranks(learner, 1.0, SIMULATIONS))
    print("p-values", np.sort(found).round(3))
    assert found.min() > LEAST


def test_a_doubled_likelihood_is_caught(learner):
    """The check can fail: with every case counted twice the posterior is too narrow and too sure."""
    found = p_values(ranks(learner, 2.0, SIMULATIONS // 2))
    print("p-values", np.sort(found)[:3])
    assert found.min() < LEAST
