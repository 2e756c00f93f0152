"""The proposal of the bridge: a density, near the draws that it was fitted to, without their noise."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import multivariate_normal

from drawdown.inference.proposal import MOST, Proposal


def normal(rng, draws, parameters, coupled=0.6):
    """Draws of a normal of which two parameters have to do with one another, and their slopes."""
    covariance = np.eye(parameters)
    covariance[0, 1] = covariance[1, 0] = coupled
    z = rng.standard_normal((draws, parameters)) @ np.linalg.cholesky(covariance).T + 1.0
    return z, -(z - 1.0) @ np.linalg.inv(covariance), covariance


def heaps(rng, draws, parameters):
    """A parameter in two heaps, one that leans on it, others normal."""
    z = rng.standard_normal((draws, parameters))
    z[:, 0] = 0.5 * z[:, 0] + np.where(rng.random(draws) < 0.3, -2.0, 1.0)
    z[:, 1] += 0.8 * z[:, 0]
    return z


def heaps_log(z):
    left, right = (np.log(p) - 2.0 * (z[:, 0] - m) ** 2 for p, m in ((0.3, -2.0), (0.7, 1.0)))
    rest = z[:, 1:] - np.c_[0.8 * z[:, 0], np.zeros((len(z), z.shape[1] - 2))]
    scale = 0.5 * np.log(2 * np.pi) * z.shape[1] + np.log(0.5)
    return np.logaddexp(left, right) - 0.5 * (rest**2).sum(axis=1) - scale


def heaps_slopes(z):
    share = expit(np.log(0.3 / 0.7) - 2.0 * (z[:, 0] + 2.0) ** 2 + 2.0 * (z[:, 0] - 1.0) ** 2)
    away, out = z[:, 1] - 0.8 * z[:, 0], -z
    out[:, 0] = -4.0 * (share * (z[:, 0] + 2.0) + (1.0 - share) * (z[:, 0] - 1.0)) + 0.8 * away
    out[:, 1] = -away
    return out


def test_of_a_normal_the_slopes_say_all():
    """From few draws, its covariance exactly: the noise of the draws is only in the middle."""
    z, slopes, covariance = normal(np.random.default_rng(1), 300, 100)
    found = Proposal.of(z, slopes)
    assert not len(found.odd)
    assert found.root @ found.root.T == pytest.approx(covariance, abs=1e-5)
    there = multivariate_normal(z.mean(axis=0), covariance)
    assert found.log_density(z[:50]) == pytest.approx(there.logpdf(z[:50]), abs=1e-3)


def test_noise_is_no_effect():
    """Of a hundred independent parameters with slopes that are bent, hardly a pair is kept."""
    rng = np.random.default_rng(4)
    z = rng.standard_normal((1400, 100))
    precision = np.linalg.inv((root := Proposal.of(z, -z - 0.1 * z**3).root) @ root.T)
    off = np.abs(precision[~np.eye(100, dtype=bool)])
    assert (off > 1e-3).mean() < 0.05


def test_odd_parameters_are_met():
    """What is not normal is found, and the proposal is near it, where a normal is not."""
    rng = np.random.default_rng(3)
    z, fresh = heaps(rng, 4000, 10), heaps(rng, 4000, 10)
    found = Proposal.of(z, heaps_slopes(z))
    assert found.odd.tolist() == [0]
    plain = multivariate_normal(z.mean(axis=0), np.cov(z, rowvar=False))
    spread = [np.std(heaps_log(fresh) - log(fresh)) for log in (found.log_density, plain.logpdf)]
    assert spread[0] < 0.2 and spread[0] < 0.25 * spread[1]


def test_rows_come_with_their_density():
    rng = np.random.default_rng(2)
    z = heaps(rng, 3000, 6)
    found = Proposal.of(z, heaps_slopes(z))
    rows, log = found.draw(20_000, rng)
    assert log == pytest.approx(found.log_density(rows))
    # the mean of another density over it is one
    other = multivariate_normal(rows.mean(axis=0), 0.4 * np.cov(rows, rowvar=False))
    assert np.exp(other.logpdf(rows) - log).mean() == pytest.approx(1.0, abs=0.05)


def test_few_are_odd_at_most():
    """The least linear ones, however many there are."""
    rng = np.random.default_rng(5)
    z = rng.standard_normal((2000, 30))
    found = Proposal.of(z, -z + np.linspace(3.0, 1.0, 30) * np.sin(4.0 * z))
    assert len(found.odd) == MOST and found.odd.max() < MOST + 4
    assert np.isfinite(found.log_density(z)).all()


def test_fewer_draws_than_parameters_are_enough():
    """Of a guard-rail of many sites: most parameters are standard normals still, the rest is near."""
    rng = np.random.default_rng(7)
    z, _, _ = normal(rng, 150, 200, coupled=0.0)
    z[0] = z[1]  # a chain that stood still once

    def log(x):
        # five parameters that the reports speak of, not by a normal
        return -0.5 * ((x - 1.0) ** 2).sum(axis=1) - 3.0 * np.logaddexp(0.0, x[:, :5].sum(axis=1) - 6.0)

    def slopes(x):
        out = 1.0 - x
        out[:, :5] -= 3.0 * expit(x[:, :5].sum(axis=1, keepdims=True) - 6.0)
        return out

    fresh, _, _ = normal(rng, 400, 200, coupled=0.0)
    found, bare = (
        Proposal.of(z, slopes(z)),
        multivariate_normal(z.mean(axis=0), np.cov(z[:, :1].T) * np.eye(200)),
    )
    near = [np.std(log(fresh) - other(fresh)) for other in (found.log_density, bare.logpdf)]
    assert near[0] < near[1]
    assert np.abs(found.root @ found.root.T - np.eye(200)).max() < 0.5


def test_draws_in_one_plane_have_no_density():
    z = np.random.default_rng(6).standard_normal((200, 3))
    z[:, 2] = 1.0
    with pytest.raises((np.linalg.LinAlgError, ValueError)):
        Proposal.of(z, -z)
