"""A fit that the gate would stop is drawn further: how, by a sampler that hands out known draws."""

import numpy as np
import pytest

from drawdown.inference.fitted import CAREFUL, QUICK, fit
from drawdown.inference.sample import Draws

PARAMETERS = 3
SHIFTED = {"slow": 0.5, "stuck": 0.9}
"""A chain away by so much: by the first, twice the draws are enough for the limit of a quick run."""


def log_normal(z):
    return -0.5 * (z**2).sum(axis=1) - 0.5 * PARAMETERS * np.log(2 * np.pi)


class Scripted:
    """Gives standard normals; the first runs shifted by chain, or with a draw that diverged."""

    def __init__(self, *faults):
        self.faults, self.asked = list(faults), []

    def fit(self, data, *, draws, tune, seed, target_accept, start):
        self.asked.append((draws, tune, target_accept, None if start is None else len(start)))
        rng = np.random.default_rng(len(self.asked))
        z, divergent = rng.standard_normal((4, draws, PARAMETERS)), np.zeros((4, draws), dtype=bool)
        fault = self.faults.pop(0) if self.faults else ""
        z[0] += SHIFTED.get(fault, 0.0)
        divergent[0, 0] = fault == "divergent"
        return Draws(z, divergent, np.zeros_like(divergent))


def run(*faults, effort=QUICK):
    sampler = Scripted(*faults)
    return fit(sampler, {}, log_normal, lambda *stage: len(stage), effort), sampler.asked


def test_a_sound_fit_is_drawn_once():
    found, asked = run()
    assert asked == [(700, 300, 0.85, None)]
    assert found.evidence.log == pytest.approx(0.0, abs=0.02)


def test_chains_that_disagree_go_on_from_where_they_are():
    found, asked = run("slow")
    assert asked == [(700, 300, 0.85, None), (700, 150, 0.85, 2800)]
    assert found.draws.z.shape == (4, 1400, PARAMETERS)
    assert found.draws.z[0, :700].mean() > 0.4


def test_chains_that_still_disagree_are_drawn_anew_and_longer():
    found, asked = run("stuck")
    assert [a[:2] for a in asked] == [(700, 300), (700, 150), (2100, 900)]
    assert found.draws.z.shape == (4, 2100, PARAMETERS)


def test_draws_that_diverged_are_not_kept():
    found, asked = run("divergent")
    assert asked[1:] == [(700, 300, CAREFUL, None)]
    assert not found.draws.divergent.any()
    found, asked = run("divergent", "divergent", "stuck")
    assert [a[0] for a in asked] == [700, 700, 2100, 6300]
    assert {a[2] for a in asked[1:]} == {CAREFUL}


def test_one_run_behind_another_keeps_both():
    rng = np.random.default_rng(0)
    one, two = (
        Draws(rng.standard_normal((4, n, PARAMETERS)), np.zeros((4, n), bool), np.ones((4, n), bool))
        for n in (5, 7)
    )
    both = one.followed_by(two)
    assert np.array_equal(both.z[:, :5], one.z) and np.array_equal(both.z[:, 5:], two.z)
    assert both.divergent.shape == both.deep.shape == (4, 12)
