"""Draws carried to other prior values: against exact answers, and against draws of the prior."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

from conftest import ROW
from drawdown.answers.assess import ask
from drawdown.answers.variants import with_priors
from drawdown.inference.reweight import MIN_ESS, reweight
from drawdown.model.layout import layout_of
from drawdown.model.likelihood import log_weight, natural
from drawdown.model.transport import carried
from drawdown.outcomes import OUTCOMES

DRAWS = 40_000
ROWS = [
    ROW,
    ROW | {"date": "2024-12-14", "indicator": "transport_flights", "observed": "2..4", "origin": "a"},
    ROW | {"date": "2024-12-20", "indicator": "perimeter_held", "observed": "yes", "origin": "b"},
    ROW
    | {"date": "2024-12-16", "site": "posts", "indicator": "posts_vacated", "observed": ">=8"}
    | {"until": "2024-12-20", "origin": "c"},
]


def shifted(judgement, factor=1.0, widen=1.0):
    """The judgement with its median times a factor and its scale times another."""
    return replace(judgement, mu=judgement.mu + np.log(factor), sd=judgement.sd * widen)


def all_of(judgements, *change):
    return {key: shifted(j, *change) for key, j in judgements.items()}


def gaussian(z, mu, sd, seen, error):
    """Log likelihood of a measurement of the natural value mu + sd z."""
    return norm.logpdf(seen, mu + sd * z, error)


@pytest.mark.parametrize(("factor", "widen"), [(1.3, 1.0), (1.0, 1.4), (0.7, 0.7), (1.5, 0.8)])
def test_exact_where_prior_and_likelihood_are_normal(make_case, priors, factor, widen):
    """Each way gives the closed-form evidence ratio and posterior mean of a normal measurement."""
    case = make_case([])
    layout = layout_of(case, priors)
    q = ask(case, priors, None, 1)
    old = q.hyper["retained"]
    new = with_priors(q, replace(priors, crisis=shifted(priors.crisis, factor, widen))).hyper["retained"]
    place = layout.labels().index("crisis")
    (mu, sd), (to_mu, to_sd) = ((float(h["crisis_mu"][0]), float(h["crisis_sd"][0])) for h in (old, new))
    seen, error = mu + 0.8 * sd, 0.4 * sd
    rng = np.random.default_rng(3)
    z = rng.standard_normal((DRAWS, layout.n_parameters))
    # the posterior of a standard normal z seen as seen = mu + sd z + error
    precision = 1.0 + (sd / error) ** 2
    z[:, place] = sd * (seen - mu) / error**2 / precision + z[:, place] / np.sqrt(precision)
    ratio = norm.logpdf(seen, to_mu, np.hypot(to_sd, error)) - norm.logpdf(seen, mu, np.hypot(sd, error))
    share = to_sd**2 / (to_sd**2 + error**2)
    mean = to_mu + share * (seen - to_mu)
    ways = carried(z, old, new, layout)
    assert len(ways) == 2
    for way in ways:
        there, here = way.z[:, place], z[:, place]
        change = gaussian(there, to_mu, to_sd, seen, error) - gaussian(here, mu, sd, seen, error)
        found = reweight(change + way.shift)
        assert found.log_ratio == pytest.approx(ratio, abs=5 * found.se + 1e-3)
        theta = to_mu + to_sd * there
        spread = np.sqrt(share) * error
        assert found.weights @ theta == pytest.approx(mean, abs=5 * spread / np.sqrt(found.ess))


def test_still_means_that_nothing_natural_moves(make_case, priors):
    q = ask(make_case(ROWS), priors, None, 1)
    z = np.random.default_rng(4).standard_normal((50, q.layout.n_parameters))
    other = replace(priors, lasts=all_of(priors.lasts, 1.5), lift=shifted(priors.lift, 0.8, 1.2))
    for h in OUTCOMES:
        old, new = q.hyper[h], with_priors(q, other).hyper[h]
        still = [way for way in carried(z, old, new, q.layout) if way.still]
        assert len(still) == 1
        before, after = natural(z, old, q.layout), natural(still[0].z, new, q.layout)
        for name in ("onset", "duration", "gone", "baseline", "lift", "visible", "load", "routine"):
            assert np.allclose(getattr(before, name), getattr(after, name), rtol=1e-9)


def test_nothing_is_still_where_fates_have_other_ends(make_case, priors):
    q = ask(make_case(ROWS), priors, None, 1)
    z = np.random.default_rng(4).standard_normal((50, q.layout.n_parameters))
    gone = priors.gone_stock | {"thinned": shifted(priors.gone_stock["thinned"], 1.0, 1.2)}
    new = with_priors(q, replace(priors, gone_stock=gone, lift=shifted(priors.lift, 2.0)))
    ways = carried(z, q.hyper["retained"], new.hyper["retained"], q.layout)
    assert not any(way.still for way in ways)


CHANGES = {
    "lift": lambda p: replace(p, lift=shifted(p.lift, 1.6)),
    "lasts": lambda p: replace(p, lasts=all_of(p.lasts, 1.5)),
    "starts, narrower": lambda p: replace(p, starts=all_of(p.starts, 1.0, 0.8)),
    "crisis, wider": lambda p: replace(p, crisis=shifted(p.crisis, 0.8, 1.2)),
    "where a stock ends": lambda p: replace(p, gone_stock=all_of(p.gone_stock, 1.3)),
    "fates": lambda p: replace(
        p,
        fates=p.fates
        | {
            h: p.fates[h] | {"major": {"kept": 0.6, "thinned": 0.4, "closed": 0.0}} for h in ["retained"]
        },
    ),
    "several": lambda p: replace(
        p,
        lift=shifted(p.lift, 0.7),
        lasts=all_of(p.lasts, 0.8),
        site_lasts=shifted(p.site_lasts, 1.0, 1.2),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_marginal_likelihood_against_draws_of_the_prior(make_case, priors, change):
    """Every way to carry draws gives the integral that fresh draws of the new prior give."""
    q = ask(make_case(ROWS), priors, None, 1)
    other = with_priors(q, CHANGES[change](priors))
    h = "retained" if change == "fates" else "partial_redeployment"
    obs = q.observations.arrays
    rng = np.random.default_rng(5)
    z = rng.standard_normal((DRAWS, q.layout.n_parameters))

    def integral(hyper, seed):
        fresh = np.random.default_rng(seed).standard_normal(z.shape)
        log_w = log_weight(fresh, hyper, other.observations.arrays, q.layout)
        weight = np.exp(log_w - logsumexp(log_w))
        return logsumexp(log_w) - np.log(len(log_w)), np.sqrt((weight**2).sum())

    log_old = log_weight(z, q.hyper[h], obs, q.layout)
    base = logsumexp(log_old) - np.log(DRAWS)
    chance = np.exp(log_old - logsumexp(log_old))
    # resampled by the old likelihood: draws of the old posterior
    pick = rng.choice(DRAWS, 8000, p=chance)
    draws, log_at = z[pick], log_old[pick]
    truth, se = integral(other.hyper[h], 6)
    effective = []
    for way in carried(draws, q.hyper[h], other.hyper[h], q.layout):
        log_new = log_weight(way.z, other.hyper[h], other.observations.arrays, q.layout)
        found = reweight(log_new + way.shift - log_at)
        effective.append(found.ess)
        if found.ess >= MIN_ESS:
            error = np.sqrt(se**2 + (chance**2).sum() + found.se**2)
            assert base + found.log_ratio == pytest.approx(truth, abs=4 * error)
    assert max(effective) >= MIN_ESS
