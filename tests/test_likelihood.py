"""Every term of the likelihood: against SciPy, against Monte Carlo, and against the compiled model."""

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import nbinom

from cases import report, syria_with
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.files.view import view
from drawdown.model import noise
from drawdown.model.build import build_model
from drawdown.model.hyper import hyper_values
from drawdown.model.layout import layout_of
from drawdown.model.likelihood import (
    interval_chance,
    log_density,
    natural,
    pattern_terms,
    region_terms,
    s_curve,
)
from drawdown.model.observations import observe
from drawdown.outcomes import OUTCOMES

PRIORS = load_priors()
ROWS = [
    report("2024-12-13", "hmeimim", "transports_on_apron", "2", flow="out", origin="maxar_1213"),
    report("2024-12-13", "hmeimim", "helicopters_packed", "1", flow="out", origin="maxar_1213"),
    report("2024-12-13", "hmeimim", "combat_aircraft", ">=15", origin="drone", grade="C3"),
    report("2024-12-15", "inland", "convoys", "3..6", flow="out"),
    report("2024-12-12", "tartus", "warships", "no"),
    report("2025-01-10", "tartus", "vehicles_staged", "10..18"),
    report("2025-01-25", "tartus", "ships_loading", "yes"),
    report("2025-03-01", "hmeimim", "transport_flights", "<=4", until="2025-03-07"),
    report("2025-10-24", "hmeimim", "transport_flights", "3", until="2025-10-29", flow="in"),
]


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Layout, prior values by hypothesis and observations of a case with one row of every form."""
    case = syria_with(tmp_path_factory.mktemp("case"), ROWS, PRIORS)
    layout = layout_of(case, PRIORS)
    hyper = {h: hyper_values(case, PRIORS, layout, h) for h in OUTCOMES}
    return layout, hyper, observe(view(case, case.horizon), PRIORS, layout)


def test_compiled_model_equals_the_reference(parts):
    """Log density at 20 random points, under each hypothesis, in one compiled function."""
    import pymc as pm

    layout, hyper, observations = parts
    z = np.random.default_rng(0).standard_normal((20, layout.n_parameters)) * 1.2
    model = build_model(layout, hyper["retained"] | observations.arrays)
    compiled = pm.compile(model.value_vars, model.logp(), mode="FAST_COMPILE")
    for h in OUTCOMES:
        with model:
            pm.set_data(hyper[h] | observations.arrays)
        values = [compiled(*(layout.split(row)[name] for name in layout.sizes)) for row in z]
        expected = log_density(z, hyper[h], observations.arrays, layout)
        assert np.array(values) == pytest.approx(expected, abs=1e-8)


def test_intervals_are_negative_binomial(parts):
    """Every form of a count, against SciPy's distribution function."""
    observations = parts[2]
    mean = np.random.default_rng(1).gamma(2.0, 3.0, (5, len(observations.low), 3))
    found = interval_chance(mean, observations.arrays)
    size = observations.size[:, None]
    p = size / (size + mean)
    high = np.where(np.isfinite(observations.high), observations.high, 1e9)[:, None]
    expected = nbinom.cdf(high, size, p) - nbinom.cdf(observations.low[:, None] - 1, size, p)
    assert found == pytest.approx(expected, abs=1e-10)


def test_a_mistaken_report_is_broad_and_proper(parts):
    """Counts and a last bound share the chance of one; half say none; draws agree."""
    middle = parts[2].noise_middle
    low = np.append(np.arange(4000.0), 4000.0)[:, None]
    high = np.append(np.arange(4000.0), np.inf)[:, None]
    assert noise.chance(low, high, middle).sum(axis=0) == pytest.approx(1.0, abs=1e-12)
    none = np.zeros_like(middle)
    assert noise.chance(none, none, middle) == pytest.approx(0.5)
    assert noise.chance(none, none + 3.0, middle) == pytest.approx(
        sum(noise.chance(none + n, none + n, middle) for n in range(4))
    )
    drawn = noise.draw(middle[:, None], np.random.default_rng(0), (len(middle), 20_000))
    for least in (0.0, 1.0, 2.0, 5.0, 400.0):
        share = (drawn >= least).mean(axis=1)
        assert share == pytest.approx(noise.at_least(np.full(len(middle), least), middle), abs=0.015)


def test_no_count_is_beyond_a_mistake(parts):
    """Twice as large a count is half as likely to be exceeded, however large: no exponential tail."""
    large = np.array([1e3, 2e3, 4e3])
    tail = noise.at_least(large, np.full(3, 1.0))
    assert tail[:-1] / tail[1:] == pytest.approx(2.0, rel=1e-3)


def test_region_is_the_chance_over_shares(parts):
    """The closed form of the cut's side, against draws of the shares."""
    layout, hyper, _ = parts
    z = np.random.default_rng(2).standard_normal((3, layout.n_parameters))
    rng = np.random.default_rng(3)
    for h in OUTCOMES:
        values = hyper[h]
        state = natural(z, values, layout)
        found = np.exp(region_terms(state, values))
        sd = np.sqrt(values["share_var"])
        share = values["share_mean"] + sd * rng.standard_normal((100_000, len(layout.sites)))
        for pattern in (0, 8, 17, 40, 62, 80):
            if values["pattern_log"][pattern] < -100:
                assert found[:, pattern].max() < 1e-6
                continue
            fate = layout.patterns[pattern]
            gone = state.gone[:, np.arange(len(fate)), fate]
            cut = gone @ share.T / share.sum(axis=1)
            sign, line = values["pattern_sign"][pattern], layout.pattern_line[pattern]
            side = np.ones_like(cut) if sign == 0 else (cut < line) if sign > 0 else (cut >= line)
            assert found[:, pattern] == pytest.approx(side.mean(axis=1), abs=0.01)


def test_fates_are_summed_out(parts):
    """The sum over patterns equals the sum over sites one at a time where no region binds."""
    layout, hyper, observations = parts
    values = hyper["partial_redeployment"] | {
        "pattern_sign": np.zeros(len(layout.patterns)),
        "pattern_log": np.full(len(layout.patterns), np.log(2.0)),
    }
    z = np.random.default_rng(4).standard_normal((6, layout.n_parameters))
    state = natural(z, values, layout)
    terms = pattern_terms(state, values, observations.arrays)
    total = np.zeros(len(z))
    for i in range(len(layout.sites)):
        marginal = [logsumexp(terms[:, layout.patterns[:, i] == fate], axis=1) for fate in range(3)]
        total += logsumexp(marginal, axis=0)
    n = len(layout.sites)
    assert total / n == pytest.approx(logsumexp(terms, axis=1))


def test_s_curve():
    """From nought to one, never falling, half way at the middle."""
    x = np.linspace(-1, 2, 301)
    y = s_curve(x)
    assert y[0] == 0.0
    assert y[-1] == 1.0
    assert np.diff(y).min() >= 0.0
    assert s_curve(np.array([0.5]))[0] == pytest.approx(0.5)


def test_leaving_a_report_out_equals_never_having_it(tmp_path):
    """Masked observations have the likelihood of a case without them."""
    case, less = syria_with(tmp_path / "a", ROWS), syria_with(tmp_path / "b", ROWS[2:])
    layout = layout_of(case, PRIORS)
    full = observe(view(case, case.horizon), PRIORS, layout)
    rest = observe(view(less, case.horizon), PRIORS, layout)
    drop = np.array([r.origin == "maxar_1213" for r in full.reports])
    z = np.random.default_rng(5).standard_normal((4, layout.n_parameters))
    values = hyper_values(case, PRIORS, layout, "full_exit")
    masked = log_density(z, values, full.without(drop).arrays, layout)
    assert masked == pytest.approx(log_density(z, values, rest.arrays, layout))


def test_recounting_the_same_counts_changes_nothing(parts):
    """The simulator's door gives the same arrays as the file's."""
    observations = parts[2]
    again = observations.recount(observations.low, observations.high)
    for name, value in observations.arrays.items():
        assert np.array_equal(again.arrays[name], value), name


def test_shipped_case_has_arrays():
    """Every modelled physical report of the shipped log is in a group of its own site."""
    from cases import SYRIA

    case = load_case(SYRIA, PRIORS)
    layout = layout_of(case, PRIORS)
    observations = observe(view(case, case.horizon), PRIORS, layout)
    sites = observations.arrays["group_site"][observations.group_of]
    assert [layout.sites[site] for site in sites] == [r.site for r in observations.reports]
    assert np.isfinite(observations.arrays["log_noise"]).all()
