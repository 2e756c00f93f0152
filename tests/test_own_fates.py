"""A site with a fate of its own: what it means for the outcomes, and what it must not say."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from cases import syria_with
from drawdown.answers.assess import ask
from drawdown.files.priors import load_priors
from drawdown.model.hyper import hyper_values
from drawdown.model.layout import layout_of
from drawdown.model.likelihood import natural, pattern_terms
from drawdown.model.own_fates import FULL, PARTIAL, RETAINED, prior_values
from drawdown.outcomes import CUT_LINE, FATES, OUTCOMES

PRIORS = load_priors()
CLOSED = FATES.index("closed")


@pytest.fixture
def case(tmp_path):
    return syria_with(tmp_path, [], PRIORS)


def with_site(case, name, **changes):
    return replace(case, sites=case.sites | {name: replace(case.sites[name], **changes)})


def weights(values, layout):
    """Chance of each pattern of fates under a hypothesis, from fresh draws of the prior."""
    z = np.random.default_rng(11).standard_normal((20_000, layout.n_parameters))
    terms = logsumexp(pattern_terms(natural(z, values, layout), values, None), axis=0)
    return np.exp(terms - logsumexp(terms))


def fates_of(values, layout, site):
    weight = weights(values, layout)
    return np.array([weight[layout.patterns[:, site] == k].sum() for k in range(len(FATES))])


def below_the_line(case, layout, hypothesis, draws=200_000):
    """Chance that a force with the fates of a hypothesis is retained by the rule; by counting."""
    rng = np.random.default_rng(5)
    values = hyper_values(case, PRIORS, layout, hypothesis)
    chance = np.exp(values["log_fate"])
    fate = (rng.random((draws, len(chance), 1)) > chance.cumsum(axis=1)).sum(axis=2)
    fate = np.minimum(fate, CLOSED)
    sites = np.arange(len(chance))
    normal = rng.standard_normal((draws, len(chance)))
    gone = expit(values["gone_mu"][sites, fate] + values["gone_sd"][sites, fate] * normal)
    share = values["share_mean"] + np.sqrt(values["share_var"]) * rng.standard_normal(gone.shape)
    cut = (share * (gone - CUT_LINE)).sum(axis=1)
    held = ~(fate == CLOSED)[:, layout.named].any(axis=1)
    return float((held & (cut < 0)).mean())


def test_an_own_fate_says_nothing_of_a_full_exit(case):
    """Its chance under full exit is that over the other outcomes, between which it may tell."""
    layout = layout_of(case, PRIORS)
    site = layout.sites.index("inland")
    found = prior_values(case, PRIORS, layout)
    retained, partial, full = (fates_of(found.hyper[h], layout, site) for h in OUTCOMES)
    others = np.array([0.5, 0.5, 0.0]) @ found.crossing
    assert full == pytest.approx(others[RETAINED] * retained + others[PARTIAL] * partial, abs=0.01)
    assert partial[CLOSED] > retained[CLOSED] + 0.1
    tilted = hyper_values(case, PRIORS, layout, "full_exit")
    assert fates_of(tilted, layout, site)[CLOSED] > full[CLOSED] + 0.05


def test_what_crosses_is_what_the_rule_puts_past_the_line(case):
    """The share of the base rate that stays, against episodes counted one by one."""
    layout = layout_of(case, PRIORS)
    shared = replace(case, sites={n: replace(s, fate=None) for n, s in case.sites.items()})
    own, plain = (below_the_line(c, layout, "retained") for c in (case, shared))
    crossing = prior_values(case, PRIORS, layout).crossing
    assert crossing[RETAINED, RETAINED] == pytest.approx(own / plain, abs=0.015)
    assert crossing.sum(axis=1) == pytest.approx(1.0)
    assert np.array_equal(crossing[FULL], [0.0, 0.0, 1.0])
    assert np.array_equal(crossing[PARTIAL], [0.0, 1.0, 0.0])


def test_half_of_the_force_lost_on_the_first_day_is_no_retained_presence(case):
    """Whatever the base rates: the rule counts who is left."""
    half = replace(
        case.sites["inland"].share,
        mu=case.sites["hmeimim"].share.mu * 2,
        sd=case.sites["inland"].share.sd / 9,
    )
    case = with_site(case, "inland", share=half, fate={"kept": 0.0, "thinned": 0.01, "closed": 0.99})
    q = ask(case, PRIORS, None, 1)
    stated, rates = q.stated_rates, q.besides.base_rates
    assert stated[RETAINED] > 0.4 and rates[RETAINED] < 0.02
    assert rates[FULL] == stated[FULL] and rates.sum() == pytest.approx(1.0)


def test_posts_that_hardly_count_change_hardly_anything(case):
    small = replace(case.sites["inland"].share, mu=1e-4, sd=1e-5)
    layout = layout_of(case, PRIORS)
    crossing = prior_values(with_site(case, "inland", share=small), PRIORS, layout).crossing
    assert crossing == pytest.approx(np.eye(3), abs=0.01)


def test_posts_that_are_sure_to_stay_cross_the_other_way(case):
    stay = {"kept": 0.98, "thinned": 0.01, "closed": 0.01}
    layout = layout_of(case, PRIORS)
    crossing = prior_values(with_site(case, "inland", fate=stay), PRIORS, layout).crossing
    assert crossing[RETAINED, RETAINED] == 1.0
    assert 0.0 < crossing[PARTIAL, RETAINED] < 0.5


def test_what_crosses_brings_the_fates_it_came_with(case):
    """Partial is a mixture of its own patterns and of those of a force that stays, by their masses."""
    layout = layout_of(case, PRIORS)
    found = prior_values(case, PRIORS, layout)
    own = hyper_values(case, PRIORS, layout, "partial_redeployment")
    came = own | {"log_fate": hyper_values(case, PRIORS, layout, "retained")["log_fate"]}
    share = found.crossing[RETAINED, PARTIAL]
    expected = (weights(own, layout) + share * weights(came, layout)) / (1.0 + share)
    assert weights(found.hyper["partial_redeployment"], layout) == pytest.approx(expected, abs=0.005)
    site = layout.sites.index("hmeimim")
    plain = fates_of(own, layout, site)
    assert fates_of(found.hyper["partial_redeployment"], layout, site)[CLOSED] < plain[CLOSED]


def test_without_own_fates_nothing_changes(case):
    case = replace(case, sites={n: replace(s, fate=None) for n, s in case.sites.items()})
    layout = layout_of(case, PRIORS)
    found = prior_values(case, PRIORS, layout)
    assert np.array_equal(found.crossing, np.eye(3))
    for h, values in found.hyper.items():
        plain = hyper_values(case, PRIORS, layout, h)
        assert all(np.array_equal(values[name], plain[name]) for name in plain)


def test_base_rates_do_not_enter(case):
    """Another base rate is exact: nothing that is sampled may depend on it."""
    layout = layout_of(case, PRIORS)
    other = replace(
        PRIORS, outcome_chance={"retained": 0.2, "partial_redeployment": 0.2, "full_exit": 0.6}
    )
    one, two = (prior_values(case, p, layout) for p in (PRIORS, other))
    assert np.array_equal(one.crossing, two.crossing)
    assert all(np.array_equal(one.hyper[h][n], two.hyper[h][n]) for h in OUTCOMES for n in one.hyper[h])


def test_a_major_base_with_a_fate_of_its_own_still_closes_in_a_full_exit(case):
    """What the rule of an outcome excludes no own fate brings back."""
    own = {"kept": 0.5, "thinned": 0.2, "closed": 0.3}
    layout = layout_of(case, PRIORS)
    hyper = prior_values(with_site(case, "tartus", fate=own), PRIORS, layout).hyper
    assert fates_of(hyper["full_exit"], layout, layout.sites.index("tartus"))[CLOSED] == 1.0
