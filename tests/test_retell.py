"""The same draws under another question: weights, ratios and variants against exact answers."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

from drawdown.answers.assess import ask, assess
from drawdown.answers.contribute import NOT_COMPUTED, bearing, by_indicator, by_origin, log_odds
from drawdown.answers.retell import Teller
from drawdown.answers.screening import foremost, ratios
from drawdown.answers.variants import (
    physical_alone,
    political_alone,
    with_priors,
    with_reports,
    with_view,
    without_origins,
    without_reports,
)
from drawdown.answers.weigh import weigh
from drawdown.files.view import view
from drawdown.inference.fitted import FULL
from drawdown.inference.reweight import reweight
from drawdown.model.likelihood import log_weight
from drawdown.outcomes import OUTCOMES
from small import PRIORS, ROWS, judged, small_case, small_question


@pytest.fixture(scope="module")
def teller(tmp_path_factory, sampler):
    q = small_question(tmp_path_factory.mktemp("base"), ROWS)
    return Teller(assess(q, sampler=sampler), lambda: sampler)


@pytest.fixture
def q(teller):
    return teller.base.question


def weights_at(q, h, z):
    """Log of region times likelihood at some draws."""
    return log_weight(z, q.hyper[h], q.observations.arrays, q.layout)


@pytest.mark.parametrize("left_out", [{"image_a"}, {"monitor", "tracker"}, {"image_b", "minister"}])
def test_an_origin_left_out_is_a_log_without_it(tmp_path, teller, q, left_out):
    """Leaving rows without a say gives the density of the log that never had them."""
    rest = without_origins(q, left_out)
    rows = [r for r in ROWS if r["origin"] not in left_out]
    anew = small_question(tmp_path, rows)
    for h in OUTCOMES:
        z = teller.base.fits[h].draws[::40]
        assert weights_at(rest, h, z) == pytest.approx(weights_at(anew, h, z), abs=1e-9)
    assert rest.log_politics == pytest.approx(anew.log_politics, abs=1e-12)
    assert [r.fact for r in rest.view.reports] == [r.fact for r in anew.view.reports]


def test_reports_in_any_order_are_the_same_question(q):
    """The view's order is canonical, so that chosen reports may come in any."""
    again = with_reports(q, list(reversed(q.view.reports)))
    assert again.view.reports == q.view.reports
    for name, value in q.observations.arrays.items():
        assert np.array_equal(value, again.observations.arrays[name])


def test_a_view_is_what_asking_on_its_date_gives(q):
    """The same judgements on an earlier date."""
    day = date(2024, 12, 19)
    moved = with_view(q, view(q.case, day))
    asked = ask(q.case, PRIORS, day, q.seed)
    assert moved.log_politics == pytest.approx(asked.log_politics)
    for name, value in asked.observations.arrays.items():
        assert np.array_equal(value, moved.observations.arrays[name])


def test_priors_are_what_asking_by_them_gives(q):
    """Every array of the model follows the priors."""
    over = judged(lasts={o: replace(j, mu=j.mu + 0.3) for o, j in PRIORS.lasts.items()}, reserve=0.1)
    moved, asked = with_priors(q, over), ask(q.case, over, q.view.as_of, q.seed)
    assert moved.besides.reserve == 0.1
    for h in OUTCOMES:
        for name, value in asked.hyper[h].items():
            assert np.array_equal(value, moved.hyper[h][name])
    assert not np.array_equal(moved.hyper["retained"]["duration_mu"], q.hyper["retained"]["duration_mu"])


def test_the_ratio_is_the_mean_change_of_density(teller, q):
    """Against the change computed draw by draw from the plain likelihood."""
    rest = without_origins(q, {"image_b"})
    found = teller.ratio(rest)
    for i, h in enumerate(OUTCOMES):
        z = teller.base.fits[h].draws
        change = weights_at(rest, h, z) - weights_at(q, h, z)
        assert found[i] == pytest.approx(logsumexp(change) - np.log(len(z)), abs=1e-9)


def test_reweighted_is_refitted(teller, q):
    """One origin less: the draws at hand say what a new fit says."""
    rest = without_origins(q, {"image_b"})
    told, fitted = teller.reweighted(rest), teller.refitted(rest, FULL)
    assert teller.holds(told)
    assert told.method == "reweighted"
    assert fitted.method == "refitted"
    error = np.hypot(told.mcse, fitted.mcse)
    assert np.all(np.abs(told.outcomes - fitted.outcomes) < 4 * error)
    assert np.abs(told.outcomes - teller.base.weighed.outcomes).max() > 2 * error.max()


def test_politics_alone_need_no_weights(teller, q):
    """Other codes change the last step of the arithmetic, and nothing that was sampled."""
    rest = without_origins(q, {"minister"})
    told = teller.reweighted(rest)
    assert (told.method, told.khat) == ("exact", -np.inf)
    a = teller.base
    direct = weigh(a.log_z, a.table.chance, a.prior_table.chance, rest.besides)
    assert told.outcomes == pytest.approx(direct.outcomes, abs=1e-12)
    assert not np.allclose(told.outcomes, a.weighed.outcomes)


def test_the_same_question_has_the_same_answer(teller, q):
    told = teller.reweighted(q)
    assert told.method == "exact"
    assert told.outcomes == pytest.approx(teller.base.weighed.outcomes, abs=1e-12)


def test_one_strand_silent(teller, q):
    """Without politics the other strand; without physical reports the base rates under the codes."""
    assert np.all(physical_alone(q).log_politics == 0.0)
    mute = political_alone(q)
    z = teller.base.fits["retained"].draws[::200]
    bare = log_weight(z, q.hyper["retained"], None, q.layout)
    assert weights_at(mute, "retained", z) == pytest.approx(bare, abs=1e-9)
    a = teller.base
    expected = weigh(np.zeros(3), a.prior_table.chance, a.prior_table.chance, mute.besides)
    refit = teller.refitted(mute)
    assert np.all(np.abs(refit.outcomes - expected.outcomes) < 4 * refit.mcse + 0.01)


def test_where_a_site_ends_is_always_fitted_again(teller, q):
    """Weights look well behaved under another chance of fates, and are not trusted."""
    fates = {o: {kind: dict(chances) for kind, chances in by.items()} for o, by in PRIORS.fates.items()}
    fates["retained"]["major"] = {"kept": 0.8, "thinned": 0.2, "closed": 0.0}
    assert not teller.holds(teller.reweighted(with_priors(q, judged(fates=fates))))


def test_contributions_are_the_answer_less_the_answer_without(teller, q):
    """Each origin that bears on the answer is left out once, and told as a difference."""
    found = {c.origin: c for c in by_origin(teller, refit=False)}
    assert set(found) == {r.origin for r in bearing(q)}
    assert "pundit" not in found
    for origin in ("minister", "image_b"):
        rest = teller.reweighted(without_origins(q, {origin})).outcomes
        now = teller.base.weighed.outcomes
        assert found[origin].delta == pytest.approx(now - rest, abs=1e-12)
        assert found[origin].log_odds == pytest.approx(log_odds(now) - log_odds(rest), abs=1e-9)
    assert found["minister"].method == "exact"


def test_contributions_by_indicator_count_every_report(teller, q):
    found = by_indicator(teller, refit=False)
    physical = [c for c in found if c.site != "theatre"]
    assert sum(c.reports for c in physical) == len(q.observations.reports)
    pairs = {(r.site, r.indicator) for r in q.observations.reports}
    assert {(c.site, c.indicator) for c in physical} == pairs


def test_a_report_that_is_not_there_is_no_loss(tmp_path, teller, q):
    """A row of another log left out changes nothing."""
    other = small_case(tmp_path, ROWS).reports[0]
    assert without_reports(q, [other]).observations is q.observations


def test_weights_of_a_known_case():
    """Draws from one normal under another: the known mean, ratio and tail; the sign is right."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal(20_000)
    narrow = norm.logpdf(x, 0.3, 0.8) + 2.5 - norm.logpdf(x)
    good = reweight(narrow)
    assert good.weights @ x == pytest.approx(0.3, abs=0.02)
    assert good.log_ratio == pytest.approx(2.5, abs=0.02)
    assert good.holds


@pytest.mark.parametrize("tail", [0.2, 0.5, 0.9])
def test_the_tail_of_weights_has_the_right_sign(tail):
    """Weights exp(k x) of an exponential x are Pareto of shape k; turned round, they are bounded."""
    x = np.random.default_rng(6).exponential(size=20_000)
    found = reweight(tail * x)
    assert found.khat == pytest.approx(tail, abs=0.12)
    assert found.holds == (tail < 0.7)
    if tail < 0.5:
        assert found.log_ratio == pytest.approx(-np.log1p(-tail), abs=0.02)
    assert reweight(-tail * x).khat < 0.0


def test_of_many_origins_those_that_move_most_are_left_out(teller, q, monkeypatch):
    """The screening has the ratios of weights, of all draws at once; by them it chooses."""
    every = by_origin(teller, refit=False)
    groups = [origin for origin, _ in q.observations.groups]
    physical, names = sorted(set(groups)), sorted(c.origin for c in every)
    assert 3 < len(physical) < len(names)
    assert foremost(teller.base, names, len(physical)) == names
    monkeypatch.setattr("drawdown.answers.screening.FEW", 10**6)
    at = np.searchsorted(physical, groups)
    found = [ratios(teller.base, h, at, len(physical)) for h in OUTCOMES]
    a, moves = teller.base, {}
    for origin in physical:
        n = physical.index(origin)
        if groups.count(origin) == 1:
            expected = teller.ratio(without_origins(q, [origin]))
            assert np.stack(found)[:, n] == pytest.approx(expected, abs=1e-8)
        # by ratios alone, as the screening has it: where each hypothesis stands is taken as it is
        rest = weigh(a.log_z + np.stack(found)[:, n], a.table.chance, a.prior_table.chance, q.besides)
        moves[origin] = np.abs(rest.outcomes - a.weighed.outcomes).max()
    assert set(foremost(a, names, 1)) & set(physical) == {max(moves, key=moves.__getitem__)}
    monkeypatch.setattr("drawdown.answers.contribute.MOST_ORIGINS", 2)
    some = {c.origin: c for c in by_origin(teller, refit=False)}
    assert set(some) == set(names)
    out = set(physical) - set(foremost(a, names, 2))
    assert len(out) == len(physical) - 2
    assert all(some[o].method == NOT_COMPUTED and not some[o].delta.any() for o in out)
    for c in every:
        if c.origin not in out:
            assert np.array_equal(some[c.origin].delta, c.delta)
