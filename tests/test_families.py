"""Families of evidence: shares that sum to the move, by values that can be checked."""

from datetime import date
from itertools import permutations

import numpy as np
import pytest

from drawdown.answers.assess import assemble, fit_each
from drawdown.answers.coalitions import outermost, silent, strengths, subsets, whole
from drawdown.answers.contribute import log_odds
from drawdown.answers.families import (
    MONTE_CARLO,
    POLITICS,
    TIME,
    families,
    first_and_last,
    physical_families,
    shapley,
)
from drawdown.answers.retell import Teller
from drawdown.answers.variants import with_reports
from drawdown.answers.weigh import weigh
from drawdown.inference.fitted import QUICK
from drawdown.outcomes import OUTCOMES
from small import ROWS, small_assessment, small_question

NAMES = ["a", "b", "c", "d"]
FOUR = {"remaining stock", "airlift", "sealift", "outposts"}


def pairwise(seed):
    """A game in which players interact in pairs at most; dims of a value (outcome,)."""
    rng = np.random.default_rng(seed)
    alone = {n: rng.normal(size=3) for n in NAMES}
    pairs = {frozenset(p): rng.normal(size=3) for p in subsets(NAMES) if len(p) == 2}
    return lambda s: (
        np.sum([alone[n] for n in s], axis=0) + np.sum([v for p, v in pairs.items() if p <= s], axis=0)
    )


def any_game(seed):
    """A game in which anything may interact."""
    rng = np.random.default_rng(seed)
    worth = {s: rng.normal(size=3) for s in subsets(NAMES)}
    return lambda s: worth[s]


def test_shapley_is_the_mean_over_all_orders():
    value = any_game(1)
    found = shapley(NAMES, value)
    orders = list(permutations(NAMES))
    for player in NAMES:
        added = []
        for order in orders:
            before = frozenset(order[: order.index(player)])
            added.append(value(before | {player}) - value(before))
        assert found[player] == pytest.approx(np.mean(added, axis=0))
    assert sum(found.values()) == pytest.approx(value(frozenset(NAMES)) - value(frozenset()))


def test_first_and_last_is_shapley_where_players_interact_in_pairs():
    value = pairwise(2)
    exact, found = shapley(NAMES, value), first_and_last(NAMES, value)
    for player in NAMES:
        assert found[player] == pytest.approx(exact[player])


def test_first_and_last_sums_whatever_interacts():
    value = any_game(3)
    found = first_and_last([*NAMES, "null"], lambda s: value(s - {"null"}))
    assert sum(found.values()) == pytest.approx(value(frozenset(NAMES)) - value(frozenset()))
    assert found["null"] == pytest.approx(0.0)
    assert first_and_last([], value) == {}


def test_first_and_last_asks_only_the_outermost_sets():
    asked = set()
    first_and_last(NAMES, lambda s: asked.add(s) or np.ones(3))
    assert asked == set(outermost(NAMES))
    assert set(outermost("abc")) == set(subsets("abc"))


@pytest.fixture(scope="module")
def teller(tmp_path_factory, sampler):
    q = small_question(tmp_path_factory.mktemp("base"), ROWS)
    return Teller(small_assessment(q, sampler), lambda: sampler)


@pytest.fixture(scope="module")
def found(teller):
    return families(teller)


def move(a):
    return log_odds(a.weighed.outcomes) - log_odds(a.question.besides.base_rates)


def test_families_sum_to_answer_less_base_rates(teller, found):
    assert sum(f.log_odds for f in found.shares) == pytest.approx(move(teller.base), abs=1e-9)


def test_every_family_is_named_and_one_without_reports_has_no_share(found):
    by_name = {f.family: f for f in found.shares}
    assert set(by_name) == FOUR | {POLITICS, TIME}
    assert len(by_name) == len(found.shares) <= 8
    assert by_name["sealift"].reports == 0
    assert np.all(by_name["sealift"].log_odds == 0.0)
    assert by_name["sealift"].method == "exact"
    assert by_name["airlift"].reports == 2
    assert by_name[POLITICS].reports == 1
    assert all(np.abs(by_name[f].log_odds).max() > 0.0 for f in (*FOUR - {"sealift"}, POLITICS, TIME))


def test_every_physical_report_is_of_one_family(teller):
    masks = physical_families(teller.base)
    assert np.all(np.sum(list(masks.values()), axis=0) == 1)


def test_a_set_of_families_is_the_log_with_these_reports_alone(teller, sampler):
    """The same question asked of a log that never had the others."""
    a = teller.base
    masks = {name: m for name, m in physical_families(a).items() if m.any()}

    def refit(left_out, effort):
        q = a.question
        rest = [r for r, out in zip(q.observations.reports, left_out, strict=True) if not out]
        return fit_each(with_reports(q, rest), OUTCOMES, sampler, effort, a.fits)

    told = strengths(a, masks, refit)
    assert set(told) == set(subsets(masks))
    one = frozenset({"remaining stock"})
    kept = [
        r for r, m in zip(a.question.observations.reports, masks["remaining stock"], strict=True) if m
    ]
    q = with_reports(a.question, kept)
    anew = assemble(q, fit_each(q, OUTCOMES, sampler, QUICK), quick=True)
    se = np.array([anew.fits[h].evidence.se for h in OUTCOMES])
    assert np.all(np.abs(told[one].log_z - anew.log_z) < 5 * np.hypot(se, se) + 0.02)
    assert np.abs(told[one].now.chance - anew.table.chance).max() < 0.05


def test_none_and_all_are_the_prior_and_the_answer(teller):
    a, q = teller.base, teller.base.question
    nothing, everything = silent(a), whole(a)
    silence = q.besides.saying(np.zeros(3))
    prior = weigh(nothing.log_z, nothing.now.chance, nothing.now.chance, silence).outcomes
    assert prior == pytest.approx(q.besides.base_rates, abs=1e-9)
    now = weigh(everything.log_z, everything.now.chance, nothing.now.chance, q.besides).outcomes
    assert now == pytest.approx(a.weighed.outcomes, abs=1e-12)


def test_politics_alone_are_exact(tmp_path, sampler):
    """One word and no physical report: its share is Bayes' rule, and nothing is fitted."""
    rows = [r for r in ROWS if r["origin"] == "minister"]
    q = small_question(tmp_path, rows)
    a = small_assessment(q, sampler)

    def never():
        raise AssertionError("fitted")

    got = families(Teller(a, never)).shares
    assert {f.method for f in got} == {"exact", "remainder"}
    assert sum(f.log_odds for f in got) == pytest.approx(move(a), abs=1e-9)
    assert all(np.all(f.log_odds == 0.0) for f in got if f.family in FOUR)
    by_rule = log_odds(
        weigh(np.zeros(3), a.prior_table.chance, a.prior_table.chance, q.besides).outcomes
    )
    error = got[-1].log_odds
    assert got[-1].family == MONTE_CARLO
    assert move(a) - error == pytest.approx(by_rule - log_odds(q.besides.base_rates), abs=1e-9)
    assert np.abs(error).max() < 0.1


def test_on_the_day_of_the_trigger_no_time_has_passed(tmp_path, sampler):
    rows = [ROWS[0] | {"date": "2024-12-08", "published": "2024-12-08"}]
    q = small_question(tmp_path, rows, as_of=date(2024, 12, 8))
    a = small_assessment(q, sampler)
    shares = {f.family: f.log_odds for f in families(Teller(a, lambda: sampler)).shares}
    assert np.all(shares[TIME] == 0.0)
    assert np.abs(shares["remaining stock"]).max() > 0.0
    assert sum(shares.values()) == pytest.approx(move(a), abs=1e-9)
