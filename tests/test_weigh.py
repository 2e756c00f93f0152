"""Weighing hypotheses: base rates come back, the reserve is spread, errors are honest."""

import numpy as np
import pytest

from drawdown.answers.weigh import (
    REACH,
    Besides,
    Weighing,
    monte_carlo_error,
    solve_hypotheses,
    tabulate,
    weigh,
)
from drawdown.outcomes import resolve

RATES = np.array([0.41, 0.23, 0.36])
LEAK = np.array([[0.9, 0.1, 0.0], [0.02, 0.97, 0.01], [0.0, 0.15, 0.85]])


def test_nothing_seen_gives_the_base_rates_back():
    """Whatever leaks between how it ends and where it stands."""
    silent = np.zeros(3)
    answer = weigh(silent, LEAK, LEAK, Besides(RATES, 0.03, silent))
    assert answer.outcomes == pytest.approx(RATES)
    assert answer.prior_hypotheses @ LEAK == pytest.approx(RATES)


def test_base_rates_out_of_reach_are_refused():
    """If late starts alone make more partial cases than stated, say so, or how near one may come."""
    far = np.array([[0.6, 0.4, 0], [0.1, 0.8, 0.1], [0, 0.5, 0.5]])
    with pytest.raises(ValueError, match="base rates"):
        solve_hypotheses(far, RATES)
    nearest, gap = solve_hypotheses(far, RATES, reach=np.inf)
    assert nearest.sum() == pytest.approx(1.0)
    besides = Besides(RATES, 0.0, np.zeros(3), reach=np.inf)
    answer = weigh(np.zeros(3), far, far, besides)
    assert answer.outcomes == pytest.approx(nearest @ far)
    assert answer.gap == gap > REACH


def test_the_reserve_bounds_every_outcome():
    """No outcome is printed as certain."""
    answer = weigh(np.array([0.0, -500.0, -500.0]), LEAK, LEAK, Besides(RATES, 0.03, np.zeros(3)))
    assert answer.outcomes.sum() == pytest.approx(1.0)
    assert answer.outcomes[2] >= 0.03 * 0.36


def test_politics_attach_to_where_it_stands():
    """Alone, they are Bayes' rule over the outcomes."""
    log = np.log([0.2, 0.3, 0.6])
    answer = weigh(np.zeros(3), LEAK, LEAK, Besides(RATES, 0.0, log))
    expected = RATES * np.exp(log)
    assert answer.outcomes == pytest.approx(expected / expected.sum())


def test_monte_carlo_error_matches_repetition():
    """Perturbing one run tells what many runs would show."""
    rng, silent = np.random.default_rng(3), np.zeros(3)
    prior = tabulate([rng.choice(3, 200_000, p=row) for row in LEAK])
    answers, errors = [], []
    for _ in range(60):
        table = tabulate([rng.choice(3, 1000, p=row) for row in LEAK])
        log_z = np.array([0.0, 0.5, -0.3]) + 0.05 * rng.standard_normal(3)
        weighing = Weighing(log_z, np.full(3, 0.05), table, prior, Besides(RATES, 0.03, silent))
        answers.append(weighing.weighed.outcomes)
        errors.append(monte_carlo_error(weighing, rng))
    ratio = np.std(answers, axis=0) / np.mean(errors, axis=0)
    assert ratio.max() < 1.4
    assert ratio.min() > 0.7


def test_the_rule():
    """Full, partial by a base, partial by the cut, retained; an outpost alone decides nothing."""
    major = np.array([True, True, False, False])
    named = np.array([True, True, True, False])
    up = np.array(
        [
            [True, True, True, True],
            [True, True, False, False],
            [True, False, False, False],
            [False, False, True, False],
            [False, False, False, False],
            [False, False, False, True],
        ]
    )
    gone = np.array([0.97, 0.94, 0.5, 0.05, 0.3, 0.2])
    cut = np.array([0.97, 0.94, 0.5, 0.05, 0.26, 0.2])
    assert resolve(up, major, named, gone, cut).tolist() == [2, 1, 1, 1, 1, 0]
