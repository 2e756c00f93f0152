"""Marginal likelihoods against models whose answer is known exactly."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import multivariate_normal, norm

from drawdown.answers.weigh import Besides, weigh
from drawdown.even import BATCHES
from drawdown.inference.bridge import Density, bridge
from drawdown.inference.chosen import TRIED
from drawdown.inference.reweight import reweight


def first(z):
    """What draws are chosen along: the first parameter."""
    return z[:, 0]


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

    density = Density(log_density, lambda theta: -(theta - mean) * precision, first)
    cov = noise**2 * np.eye(n) + 1.0
    exact = sum(multivariate_normal.logpdf(y[:, k], np.full(n, prior_mean), cov) for k in range(dims))
    return draws, density, exact


def test_three_conjugate_hypotheses():
    """Log evidence and the posterior of three hypotheses, against the closed form."""
    found, exact, claimed = [], [], []
    for prior_mean in (0.2, 0.4, 0.5):
        rng = np.random.default_rng(7)
        draws, density, truth = conjugate(prior_mean, rng)
        evidence, _ = bridge(draws, density, rng, 20_000, 400)
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


DIMS = 100
"""Of a posterior that a likelihood bends in one dimension."""


def bend(x):
    return expit(3 * x - 2)


def bent_log(x):
    normal = -0.5 * (x**2).sum(axis=1) - 0.5 * DIMS * np.log(2 * np.pi)
    return normal + np.log(bend(x[:, 0]))


def bent_slopes(x):
    out = -x
    out[:, 0] += 3 * (1.0 - bend(x[:, 0]))
    return out


BENT = Density(bent_log, bent_slopes, first)


def moment(power, given=lambda _: 1.0):
    """Integral of a power of the bent dimension over its unnormalised density, where it is so."""
    return quad(lambda t: t**power * given(t) * norm.pdf(t) * bend(t), -10, 10, limit=400)[0]


def bent_chains(rng, draws=1000):
    proposals = rng.standard_normal(60 * draws)
    kept = proposals[rng.random(60 * draws) < bend(proposals)][: 4 * draws]
    z = rng.standard_normal((4, draws, DIMS))
    z[:, :, 0] = kept.reshape(4, draws)
    return z


def test_skewed_posterior_and_its_error():
    """A likelihood that bends one of a hundred dimensions; the stated error is what repetition shows."""
    rng, found = np.random.default_rng(1), []
    for _ in range(12):
        evidence, _ = bridge(bent_chains(rng, 200), BENT, rng, 4000, 400)
        found.append((evidence.log - np.log(moment(0)), evidence.se))
    misses, claimed = np.array(found).T
    assert np.abs(misses).max() < 0.02
    assert 0.5 < misses.std() / claimed.mean() < 1.6


def test_the_pool_is_worth_more_than_its_chains():
    """Chains of few draws, each five times: its own draws are from the density, and far more."""
    rng, means, worth, told = np.random.default_rng(2), [], [], []
    exact = moment(1) / moment(0)
    for _ in range(20):
        chains = np.repeat(bent_chains(rng, 100), 5, axis=1)
        _, pool = bridge(chains, BENT, rng, 20_000, 2000)
        means.append(pool.draws[:, [0, 1]].mean(axis=0))
        worth.append(pool.worth)
        runs = pool.draws[:, 0].reshape(BATCHES, -1).mean(axis=1)
        told.append(runs.std(ddof=1) / np.sqrt(BATCHES))
    spread = moment(2) / moment(0) - exact**2
    error = np.std(means, axis=0)
    assert 0.6 < np.mean(told) / error[0] < 1.5
    assert np.mean(means, axis=0) == pytest.approx([exact, 0.0], abs=0.015)
    # along the first parameter, where draws are chosen evenly, as good as all that were tried
    tried = np.sqrt(spread / np.mean(worth) + spread / (TRIED * 2000))
    assert 0.6 * tried < error[0] < 1.4 * tried
    # along another, as many as are kept at least
    assert error[1] < 1.5 / np.sqrt(2000)
    assert np.mean(worth) > 5 * 400


def test_draws_of_the_pool_have_the_distribution():
    rng = np.random.default_rng(3)
    _, pool = bridge(bent_chains(rng), BENT, rng, 40_000, 8000)
    for line in (0.0, 0.7, 1.5):
        share = moment(0, lambda t, line=line: float(t < line)) / moment(0)
        assert np.mean(pool.draws[:, 0] < line) == pytest.approx(share, abs=0.01)
        assert np.mean(pool.draws[:, 5] < line) == pytest.approx(norm.cdf(line), abs=0.02)


def test_a_proposal_that_misses_leaves_the_chains():
    """A far heap that holds a third of the mass in the chains and has hardly a proposal."""
    rng = np.random.default_rng(4)

    def heaps(x, sign):
        near, far = (-0.5 * ((x - m) ** 2).sum(axis=1) / s**2 for m, s in ((0.0, 1.0), (6.0, 0.02)))
        near, far = near + np.log(2 / 3), far + np.log(1 / 3) - 3 * np.log(0.02)
        if sign == 0:
            return np.logaddexp(near, far) - 1.5 * np.log(2 * np.pi)
        share = expit(far - near)[:, None]
        return -(1 - share) * x - share * (x - 6.0) / 0.02**2

    chains = rng.standard_normal((4, 1500, 3))
    far = rng.random((4, 1500)) < 1 / 3
    chains[far] = 6.0 + 0.02 * chains[far]
    density = Density(lambda x: heaps(x, 0), lambda x: heaps(x, 1), first)
    evidence, pool = bridge(chains, density, rng, 20_000, 2000)
    assert abs(evidence.log) < 4 * evidence.se + 0.01 < 0.2
    assert np.mean(pool.draws[:, 0] > 3.0) == pytest.approx(1 / 3, abs=0.05)


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


@pytest.mark.parametrize("seed", range(40))
def test_weights_of_a_few_sizes_are_numbers(seed):
    """As fates have them: no tail is fitted to what has none, and nothing becomes no number."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 9)
    log = rng.standard_normal(sizes)
    found = reweight(log[rng.choice(sizes, 10_000, p=rng.dirichlet(np.full(sizes, 0.3)))])
    assert np.isfinite(found.weights).all() and found.weights.sum() == pytest.approx(1.0)


def test_a_change_of_nothing_is_nothing():
    """Equal weights, and no evidence either way."""
    same = reweight(np.zeros(1000))
    assert same.log_ratio == 0.0
    assert same.ess == 1000
