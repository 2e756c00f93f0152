"""A mixture of normals: a density, that of its draws, and near the rows that it was fitted to."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal

from drawdown.inference.mixture import Mixture


def two_heaps(rng, number=4000):
    heap = rng.random(number) < 0.3
    rows = rng.standard_normal((number, 2)) * np.where(heap[:, None], 0.5, 1.0)
    return rows + np.where(heap[:, None], [4.0, 0.0], [0.0, 1.0])


def truth(rows):
    parts = multivariate_normal([4.0, 0.0], 0.25 * np.eye(2)), multivariate_normal([0.0, 1.0], np.eye(2))
    return np.log(0.3 * parts[0].pdf(rows) + 0.7 * parts[1].pdf(rows))


def test_two_heaps_are_found():
    rng = np.random.default_rng(1)
    found = Mixture.of(two_heaps(rng), 2)
    assert np.sort(np.exp(found.log_chance)) == pytest.approx([0.3, 0.7], abs=0.03)
    fresh = two_heaps(rng)
    assert np.mean(truth(fresh) - found.log_density(fresh)) < 0.01


def test_it_is_a_density():
    found = Mixture.of(np.random.default_rng(2).gamma(2.0, size=(3000, 1)), 4)
    mass, _ = quad(lambda x: float(np.exp(found.log_density(np.array([[x]])))[0]), -20, 40, limit=400)
    assert np.exp(found.log_chance).sum() == pytest.approx(1.0)
    assert mass == pytest.approx(1.0, abs=1e-6)


def test_its_draws_are_of_its_density():
    rng = np.random.default_rng(3)
    found = Mixture.of(two_heaps(rng), 4)
    rows = found.draw(40_000, rng)
    mean = (np.exp(found.log_chance)[:, None] * found.mean).sum(axis=0)
    assert rows.mean(axis=0) == pytest.approx(mean, abs=0.03)
    # the mean of one density over another, at draws of the other, is one
    narrow = multivariate_normal(rows.mean(axis=0), 0.5 * np.cov(rows, rowvar=False))
    assert np.exp(narrow.logpdf(rows) - found.log_density(rows)).mean() == pytest.approx(1.0, abs=0.03)


def test_rows_in_one_plane_have_no_density():
    rows = np.random.default_rng(4).standard_normal((200, 1)).repeat(2, axis=1)
    with pytest.raises(np.linalg.LinAlgError):
        Mixture.of(rows - rows.mean(axis=0), 2)
