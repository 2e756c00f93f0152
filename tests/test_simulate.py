"""Futures: shares on the demanded side, late events only after the date, and the rule applied."""

from dataclasses import replace

import numpy as np
import pytest

from cases import syria_with
from drawdown.answers.prior import prior_as_of, run_prior
from drawdown.answers.simulate import simulate
from drawdown.files.priors import load_priors
from drawdown.model.hyper import Late, hyper_values, late_values
from drawdown.model.layout import layout_of
from drawdown.model.likelihood import natural
from drawdown.outcomes import EXIT_LINE, OUTCOMES

PRIORS = load_priors()
HORIZON = 365


@pytest.fixture(scope="module")
def setting(tmp_path_factory):
    """Layout and prior values of a case without reports."""
    case = syria_with(tmp_path_factory.mktemp("case"), [], PRIORS)
    layout = layout_of(case, PRIORS)
    return layout, {h: hyper_values(case, PRIORS, layout, h) for h in OUTCOMES}


def never(layout):
    """No late event at all."""
    return Late(0.0, 0.0, late_values(PRIORS, layout).closes)


def test_paths_end_where_the_hypothesis_says(setting):
    """With nothing late and all paths run out, each hypothesis stands as it ends."""
    layout, hyper = setting
    for i, h in enumerate(OUTCOMES):
        run = run_prior(hyper[h], layout, never(layout), 0, 1e7, np.random.default_rng(1))
        p = run.weights / run.weights.sum()
        assert p @ (run.future.stands(1e7) == i) > 0.98, h


def test_survival_moves_only_timing(setting):
    """Before the horizon an exit under way is not yet an exit."""
    layout, hyper = setting
    run = run_prior(hyper["full_exit"], layout, never(layout), 0, HORIZON, np.random.default_rng(1))
    p = run.weights / run.weights.sum()
    by = [p @ (run.future.stands(day) == 2) for day in (10, 60, 180, HORIZON)]
    assert by == sorted(by)
    assert by[0] < 0.05
    assert 0.75 < by[-1] < 0.95


def test_late_events_come_after_the_date(setting):
    """Up to the date of the assessment nothing late has happened."""
    layout, hyper = setting
    rng = np.random.default_rng(2)
    z = rng.standard_normal((500, layout.n_parameters))
    state = natural(z, hyper["retained"], layout)
    busy = Late(0.3, 0.3, late_values(PRIORS, layout).closes)
    days = np.arange(0.0, 101.0, 20.0)
    quiet = simulate(state, hyper["retained"], None, never(layout), 100, np.random.default_rng(3))
    moved = simulate(state, hyper["retained"], None, busy, 100, np.random.default_rng(3))
    assert moved.garrisons(days) == pytest.approx(quiet.garrisons(days))
    later = np.array([300.0])
    assert np.abs(moved.garrisons(later) - quiet.garrisons(later)).max() > 0.5


def test_a_prior_that_is_kept_is_one_drawn_anew(setting):
    """To the last bit, on any date; and another seed or hazard is another run."""
    layout, hyper = setting
    late = late_values(PRIORS, layout)
    for day in (0, 30, 200):
        for h in ("full_exit", "retained"):
            kept = prior_as_of(hyper[h], layout, late, day, HORIZON, 5)
            anew = run_prior(hyper[h], layout, late, day, HORIZON, np.random.default_rng(5))
            assert np.array_equal(kept.outcome, anew.outcome)
            assert np.array_equal(kept.future.late_day, anew.future.late_day)
            assert np.array_equal(kept.future.return_day, anew.future.return_day)
            assert kept.log_region == anew.log_region
    first = prior_as_of(hyper["retained"], layout, late, 30, HORIZON, 5)
    for other in (
        prior_as_of(hyper["retained"], layout, late, 30, HORIZON, 6),
        prior_as_of(hyper["retained"], layout, replace(late, starts=0.1), 30, HORIZON, 5),
    ):
        assert not np.array_equal(first.future.late_day, other.future.late_day)


def test_a_given_up_base_is_an_empty_garrison(setting):
    """Given up means that the garrison has gone, whatever the yard holds."""
    layout, hyper = setting
    run = run_prior(hyper["full_exit"], layout, never(layout), 0, HORIZON, np.random.default_rng(4))
    up = run.future.given_up(HORIZON)
    gone = run.future.garrisons(np.array([float(HORIZON)]))[:, :, 0]
    assert (up == (gone >= EXIT_LINE)).all()
    assert run.future.share.sum(axis=1) == pytest.approx(np.ones(len(up)))


def test_where_paths_stand_given_where_others_stand(setting):
    """The same as asked of every path, and only those that differ are worked out."""
    layout, hyper = setting
    state = run_prior(
        hyper["retained"], layout, never(layout), 0, HORIZON, np.random.default_rng(6)
    ).state
    state, late = state.take(np.arange(400)), late_values(PRIORS, layout)
    one, two = (
        simulate(state, hyper["retained"], None, late, day, np.random.default_rng(7))
        for day in (100, 140)
    )
    part = np.arange(400) % 3 == 0
    for name, array in vars(two).items():
        if name != "layout":
            array[~part] = getattr(one, name)[~part]
    stood = one.stands(HORIZON)
    assert np.array_equal(two.stands_given(one, stood, HORIZON), two.stands(HORIZON))
    assert not np.array_equal(stood, two.stands(HORIZON))
    # what the others are said to be stands where nothing differs
    wrong = 2 - stood
    assert np.array_equal(two.stands_given(one, wrong, HORIZON)[~part], wrong[~part])
    assert np.array_equal(two.stands_given(one, wrong, HORIZON)[part], two.stands(HORIZON)[part])
