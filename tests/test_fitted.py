"""A fit that the gate would stop is drawn further: how, by a sampler that hands out known draws."""

import numpy as np
import pytest

from drawdown.inference.bridge import Density
from drawdown.inference.fitted import CAREFUL, FULL, QUICK, ROUGH, fit
from drawdown.inference.sample import Draws

PARAMETERS = 3
SHIFTED = {"slow": 0.5, "stuck": 0.9}
"""A chain away by so much: by the first, twice the draws are enough for the limit of a quick run."""


def log_normal(z):
    return -0.5 * (z**2).sum(axis=1) - 0.5 * PARAMETERS * np.log(2 * np.pi)


NORMAL = Density(log_normal, lambda z: -z, lambda z: z[:, 0])


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
    return fit(sampler, {}, NORMAL, lambda *stage: len(stage), effort), sampler.asked


def test_a_sound_fit_is_drawn_once():
    found, asked = run()
    assert asked == [(600, 300, 0.85, None)]
    assert found.draws.shape == (QUICK.kept, PARAMETERS) and found.worth == QUICK.kept
    assert found.evidence.log == pytest.approx(0.0, abs=0.02)


def test_chains_that_disagree_go_on_from_where_they_are():
    found, asked = run("slow")
    assert asked == [(600, 300, 0.85, None), (600, 150, 0.85, 2400)]
    assert not found.health.would_stop(2.0)


def test_a_full_fit_goes_on_for_half_of_its_length():
    _, asked = run("slow", effort=FULL)
    assert [a[:2] for a in asked[:2]] == [(1200, 400), (600, 200)]


def test_chains_that_still_disagree_go_on_twice_and_are_then_drawn_anew():
    found, asked = run("stuck", "stuck", "stuck")
    assert [a[:2] for a in asked] == [(600, 300), (600, 150), (600, 150), (1800, 900)]
    assert [a[3] for a in asked] == [None, 2400, 4800, None]
    assert not found.health.would_stop(2.0)


def test_chains_that_never_agree_say_so():
    found, asked = run(*["stuck"] * 5)
    assert [a[0] for a in asked] == [600, 600, 600, 1800, 5400]
    assert found.health.would_stop(2.0)


def test_draws_that_diverged_are_not_kept():
    found, asked = run("divergent")
    assert asked[1:] == [(600, 300, CAREFUL, None)]
    assert not found.health.divergent
    _, asked = run("divergent", "divergent", "divergent")
    assert [a[0] for a in asked] == [600, 600, 600, 1800]
    assert {a[2] for a in asked[1:]} == {CAREFUL}


def test_a_guard_rail_takes_what_it_gets():
    """No gate reads it: its chains are not even asked whether they agree."""
    found, asked = run("stuck", effort=ROUGH)
    assert len(asked) == 1 and np.isnan(found.health.rhat).all()


def test_one_run_behind_another_keeps_both():
    rng = np.random.default_rng(0)
    one, two = (
        Draws(rng.standard_normal((4, n, PARAMETERS)), np.zeros((4, n), bool), np.ones((4, n), bool))
        for n in (5, 7)
    )
    both = one.followed_by(two)
    assert np.array_equal(both.z[:, :5], one.z) and np.array_equal(both.z[:, 5:], two.z)
    assert both.divergent.shape == both.deep.shape == (4, 12)
