"""Draws of two fits weighed together, and weights that are known to be bounded."""

from dataclasses import replace

import numpy as np
import pytest

from drawdown.answers.assess import fit_each
from drawdown.answers.retell import Teller
from drawdown.answers.variants import with_reports, without_origins
from drawdown.inference.fitted import FULL, QUICK
from drawdown.inference.reweight import UNSEEN, reweight, within_limits
from drawdown.model.heard import hear
from drawdown.model.observations import log_most
from drawdown.outcomes import OUTCOMES
from small import ROWS, small_assessment, small_question


@pytest.fixture(scope="module")
def teller(tmp_path_factory, sampler):
    """The small case, and beside its fit one that heard neither of the images."""
    q = small_question(tmp_path_factory.mktemp("base"), ROWS)
    teller = Teller(small_assessment(q, sampler), lambda: sampler)
    less = without_origins(q, {"image_a", "image_b"})
    teller.heard_less(less, fit_each(less, OUTCOMES, sampler, QUICK.near(), teller.base.fits))
    return teller


@pytest.fixture
def q(teller):
    return teller.base.question


@pytest.mark.parametrize("left_out", [set(), {"image_b"}, {"image_a", "image_b"}])
def test_a_pool_is_a_refit(teller, q, left_out):
    """All reports, some and fewest: the two ends of the pool, and what lies between."""
    rest = without_origins(q, left_out) if left_out else q
    told, fitted = teller.pooled(rest), teller.refitted(rest, FULL)
    assert told is not None
    assert told.method == "reweighted"
    assert teller.holds(told)
    assert np.all(np.abs(told.outcomes - fitted.outcomes) < 4 * np.hypot(told.mcse, fitted.mcse))
    assert told.log_z == pytest.approx(fitted.log_z, abs=0.25)


def test_a_pool_weighs_its_ends_as_their_own_draws_do(teller, q):
    """Toward the question of either fit no weight is above the number of fits, and most are even."""
    pool = teller._fewer[0].pools["retained"]
    for end, evidence in ((q, pool.fit.evidence), (pool.other, pool.fewer.evidence)):
        part, told = pool.weigh(end)
        assert part.weights.max() * len(told.z) < 2.0 * np.exp(0.25) * len(told.z) / len(
            pool.fit.heard.z
        )
        assert part.log_ratio == pytest.approx(evidence.log, abs=0.1)


def test_runs_of_draws_hold_both_fits(teller):
    """Batches of consecutive draws carry the Monte Carlo error, so that each must be like the others."""
    pool = teller._fewer[0].pools["retained"]
    ours = {row.tobytes() for row in pool.fit.heard.z}
    mixed = np.array([row.tobytes() in ours for row in pool.heard.z])
    shares = [part.mean() for part in np.array_split(mixed, 40)]
    assert np.ptp(shares) < 0.1


def test_what_neither_fit_lies_below_is_not_pooled(teller, q):
    """The fits know nothing of a question that leaves out what both heard."""
    assert teller.pooled(without_origins(q, {"tracker"})) is None
    assert teller.pooled(without_origins(q, {"image_a", "resident"})) is None


def graded(q, grade):
    """The same log with one origin graded anew."""
    rows = [replace(r, grade=grade) if r.origin == "image_b" else r for r in q.view.reports]
    return with_reports(q, rows)


def test_no_draw_gains_more_than_the_bound(q):
    """At prior draws, where reports fit worst, and where a left-out origin weighs most."""
    z = 2.0 * np.random.default_rng(0).standard_normal((4000, q.layout.n_parameters))
    others = [
        without_origins(q, {"image_b"}),
        without_origins(q, {"image_a", "monitor"}),
        graded(q, "F6"),
    ]
    for other in others:
        was, now = q.observations.arrays, other.observations.arrays
        for h in OUTCOMES:
            own = hear(z, q.hyper[h], was, q.layout)
            gain = own.told(was, now).log_weight - own.log_weight
            assert gain.max() <= log_most(was, now) + 1e-9
            assert gain.max() > 0.25 * log_most(was, now)


def test_a_bound_stands_in_for_the_shape_of_a_tail():
    """Rare draws of one large weight: no shape could be told, but what they can carry is known."""
    change = np.where(np.arange(6000) % 1000 == 0, 2.0, 0.0) + np.linspace(0.0, 1e-3, 6000)
    plain = reweight(change)
    assert not within_limits(2.0, plain.ess)
    bounded = plain.bounded(2.0, 3000.0)
    assert bounded.unseen == pytest.approx(3.0 / 3000.0 * np.exp(2.0 - plain.log_ratio))
    assert within_limits(2.0, plain.ess, bounded.unseen)
    # a looser bound, or fewer draws, and the tail must speak for itself
    assert plain.bounded(6.0, 3000.0).unseen > UNSEEN
    assert plain.bounded(2.0, 300.0).unseen > UNSEEN
    assert not within_limits(0.0, 399.0, 0.0)
