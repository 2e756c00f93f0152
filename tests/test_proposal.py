"""The proposal of the bridge: a density, near the draws that it was fitted to, without their noise."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal

from drawdown.inference.proposal import POWERS, Proposal


def skewed(rng, draws, parameters):
    """Normals, of which the first is bent to one side and the second to the other."""
    z = rng.standard_normal((draws, parameters))
    z[:, 0], z[:, 1] = np.exp(0.5 * z[:, 0]) - 1.0, 1.0 - np.exp(0.6 * z[:, 1])
    return z


def test_straight_draws_give_a_normal():
    rng = np.random.default_rng(1)
    root = np.array([[1.0, 0.0], [0.9, 0.5]])
    z = rng.standard_normal((5000, 2)) @ root.T + [1.0, -2.0]
    found = Proposal.of(z)
    assert np.all(found.power == 1.0)
    there = multivariate_normal(z.mean(axis=0), np.cov(z, rowvar=False))
    assert found.log_density(z[:50]) == pytest.approx(there.logpdf(z[:50]))


@pytest.mark.parametrize("power", [*POWERS, 0.6, 1.0, 1.4])
def test_it_is_a_density(power):
    """It integrates to one on the line, for powers at both ends of their range."""
    found = Proposal(np.array([power]), np.array([0.3]), np.array([[0.8]]))
    mass, _ = quad(lambda x: float(np.exp(found.log_density(np.array([[x]])))[0]), -60, 60, limit=400)
    assert mass == pytest.approx(1.0, abs=1e-3)


def test_drawn_rows_come_with_their_density():
    rng = np.random.default_rng(2)
    found = Proposal.of(skewed(rng, 4000, 6))
    assert found.power[0] < 1.0 < found.power[1] and np.all(found.power[2:] == 1.0)
    rows, log = found.draw(1000, rng)
    assert log == pytest.approx(found.log_density(rows))


def test_bent_parameters_are_met():
    """The true density over the proposal's is nearly even, where over a normal's it is not."""
    rng = np.random.default_rng(3)
    z = skewed(rng, 20_000, 2)
    bent, straight = Proposal.of(z), Proposal(np.ones(2), z.mean(axis=0), np.diag(z.std(axis=0)))

    def log_truth(x):
        inner = np.stack([np.log1p(np.maximum(x[:, 0], -0.999)) / 0.5, np.log1p(-x[:, 1]) / 0.6], axis=1)
        slope = -np.log(0.5 * (1.0 + x[:, 0])) - np.log(0.6 * (1.0 - x[:, 1]))
        return -0.5 * (inner**2).sum(axis=1) - np.log(2 * np.pi) + slope

    rows = skewed(rng, 4000, 2)
    spread = [np.std(log_truth(rows) - p.log_density(rows)) for p in (bent, straight)]
    assert spread[0] < 0.3 * spread[1]


def test_noise_is_no_correlation():
    """Of a hundred independent parameters and one true pair, the pair alone is kept."""
    rng = np.random.default_rng(4)
    z = rng.standard_normal((1400, 100))
    z[:, 7] = 0.6 * z[:, 3] + 0.8 * z[:, 7]
    covariance = (root := Proposal.of(z).root) @ root.T
    off = covariance - np.diag(np.diag(covariance))
    kept = {(int(i), int(j)) for i, j in np.argwhere(np.abs(off) > 1e-9) if i < j}
    assert (3, 7) in kept and len(kept) <= 2
    assert off[3, 7] == pytest.approx(0.6, abs=0.08)


def test_what_the_threshold_leaves_is_a_covariance():
    """One common cause of forty parameters, weak enough that some of its correlations are left out."""
    rng = np.random.default_rng(5)
    z = rng.standard_normal((300, 40)) + 0.75 * rng.standard_normal((300, 1))
    found = Proposal.of(z)
    assert np.all(np.diag(found.root) > 0.0)
    assert np.isfinite(found.log_density(z)).all()


@pytest.mark.filterwarnings("ignore")
def test_draws_in_one_plane_have_no_density():
    z = np.random.default_rng(6).standard_normal((200, 3))
    z[:, 2] = 1.0
    with pytest.raises((np.linalg.LinAlgError, ValueError)):
        Proposal.of(z)
