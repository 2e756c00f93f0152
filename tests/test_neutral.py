"""A site with a fate of its own may speak of the cut, and not of a full exit."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp

from cases import syria_with
from drawdown.files.priors import load_priors
from drawdown.model.hyper import hyper_values
from drawdown.model.layout import layout_of
from drawdown.model.likelihood import natural, pattern_terms
from drawdown.model.neutral import prior_values
from drawdown.outcomes import FATES, OUTCOMES

PRIORS = load_priors()


def own_fates(values, layout, site):
    """Chance of each fate of a site under a hypothesis, from fresh draws of the prior."""
    z = np.random.default_rng(11).standard_normal((20_000, layout.n_parameters))
    terms = pattern_terms(natural(z, values, layout), values, None)
    mass = [logsumexp(terms[:, layout.patterns[:, site] == k]) for k in range(len(FATES))]
    return np.exp(mass - logsumexp(mass))


def test_an_own_fate_says_nothing_of_a_full_exit(tmp_path):
    """Its chance under full exit is that over the other outcomes, between which it may tell."""
    case = syria_with(tmp_path, [], PRIORS)
    layout = layout_of(case, PRIORS)
    site = layout.sites.index("inland")
    values = prior_values(case, PRIORS, layout)
    retained, partial, full = (own_fates(values[h], layout, site) for h in OUTCOMES)
    assert full == pytest.approx((retained + partial) / 2, abs=0.01)
    closed = FATES.index("closed")
    assert partial[closed] > retained[closed] + 0.1
    tilted = hyper_values(case, PRIORS, layout, "full_exit")
    assert own_fates(tilted, layout, site)[closed] > full[closed] + 0.1


def test_without_own_fates_nothing_changes(tmp_path):
    case = syria_with(tmp_path, [], PRIORS)
    case = replace(case, sites={n: replace(s, fate=None) for n, s in case.sites.items()})
    layout = layout_of(case, PRIORS)
    for h, values in prior_values(case, PRIORS, layout).items():
        plain = hyper_values(case, PRIORS, layout, h)
        assert all(np.array_equal(values[name], plain[name]) for name in plain)


def test_base_rates_do_not_enter(tmp_path):
    """Another base rate is exact: nothing that is sampled may depend on it."""
    case = syria_with(tmp_path, [], PRIORS)
    layout = layout_of(case, PRIORS)
    other = replace(
        PRIORS, outcome_chance={"retained": 0.2, "partial_redeployment": 0.2, "full_exit": 0.6}
    )
    one, two = prior_values(case, PRIORS, layout), prior_values(case, other, layout)
    assert all(np.array_equal(one[h][name], two[h][name]) for h in OUTCOMES for name in one[h])
