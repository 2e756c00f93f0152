"""Marginal likelihoods against models whose answer is known exactly."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import multivariate_normal, norm

from drawdown.answers.weigh import Besides, weigh
from drawdown.inference.bridge import bridge
from drawdown.inference.reweight import reweight


def conjugate(prior_mean, rng, n=8):
    """Normal data with known variance and a normal prior of the mean, in many dimensions at once."""
    dims, noise = 30, 1.5
    y = rng.normal(0.4, noise, (n, dims))
    precision = 1.0 + n / noise**2
    mean = (prior_mean + y.sum(axis=0) / noise**2) / precision
    draws = mean + rng.standard_normal((4, 1000, dims)) / np.sqrt(precision)

    def log_density(theta):
        prior = norm.logpdf(theta, prior_mean, 1.0).sum(axis=1)
        return prior + norm.logpdf(y[None], theta[:, None], noise).sum(axis=(1, 2))

    cov = noise**2 * np.eye(n) + 1.0
    exact = sum(multivariate_normal.logpdf(y[:, k], np.full(n, prior_mean), cov) for k in range(dims))
    return draws, log_density, exact


def test_three_conjugate_hypotheses():
    """Log evidence and the posterior of three hypotheses, against the closed form."""
    found, exact, claimed = [], [], []
    for prior_mean in (0.2, 0.4, 0.5):
        rng = np.random.default_rng(7)
        draws, log_density, truth = conjugate(prior_mean, rng)
        evidence = bridge(draws, log_density, rng)
        found.append(evidence.log)
        claimed.append(evidence.se)
        exact.append(truth)
    assert np.abs(np.array(found) - exact).max() < 0.02
    assert max(claimed) < 0.02
    rates = np.array([0.41, 0.23, 0.36])
    table, silent = np.eye(3), np.zeros(3)
    answer = weigh(np.array(found), table, table, Besides(rates, 0.0, silent)).outcomes
    truth = rates * np.exp(np.array(exact) - max(exact))
    assert answer == pytest.approx(truth / truth.sum(), abs=0.005)


def test_skewed_posterior_and_its_error():
    """A likelihood that bends two of a hundred dimensions; the stated error is what repetition shows."""
    rng, dims = np.random.default_rng(1), 100

    def bend(x):
        return expit(3 * x - 2)

    exact = np.log(quad(lambda t: norm.pdf(t) * bend(t), -10, 10)[0])
    found = []
    for _ in range(12):
        proposals = rng.standard_normal(60_000)
        kept = proposals[rng.random(60_000) < bend(proposals)][:4000]
        z = rng.standard_normal((4, 1000, dims))
        z[:, :, 0] = kept.reshape(4, 1000)

        def log_density(x):
            normal = -0.5 * (x**2).sum(axis=1) - 0.5 * dims * np.log(2 * np.pi)
            return normal + np.log(bend(x[:, 0]))

        evidence = bridge(z, log_density, rng)
        found.append((evidence.log - exact, evidence.se))
    misses, claimed = np.array(found).T
    assert np.abs(misses).max() < 0.02
    assert 0.5 < misses.std() / claimed.mean() < 1.6


def test_reweighting_knows_a_normal_shift_and_its_limit():
    """The change exp(a z) of a standard normal has mean exp(a^2 / 2) and moves the mean by a."""
    z = np.random.default_rng(0).standard_normal(4000)
    near = reweight(0.5 * z)
    assert near.log_ratio == pytest.approx(0.125, abs=0.03)
    assert near.weights @ z == pytest.approx(0.5, abs=0.05)
    assert near.holds
    far = reweight(0.45 * z**2)  # E exp(0.45 z^2) exists, its variance does not
    assert far.khat > 0.7
    assert not far.holds


def test_a_tail_of_equal_weights_needs_no_smoothing():
    """A report that most draws agree on: two weights, and their exact mean."""
    sure = np.arange(4000) < 3000
    found = reweight(np.where(sure, np.log(0.9), np.log(0.1)))
    assert found.log_ratio == pytest.approx(np.log(0.7))
    assert found.weights[sure].sum() == pytest.approx(0.675 / 0.7)
    assert found.holds


def test_a_change_of_nothing_is_nothing():
    """Equal weights, and no evidence either way."""
    same = reweight(np.zeros(1000))
    assert same.log_ratio == 0.0
    assert same.ess == 1000
