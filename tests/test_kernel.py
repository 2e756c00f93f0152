"""The compiled density: its values and gradient against the plain one and the model, and its sampler."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from cases import SYRIA, report, syria_with
from drawdown.errors import FitError
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.files.view import view
from drawdown.inference.compiled import CaseModel, check_density
from drawdown.inference.sample import Sampler
from drawdown.model.build import build_model
from drawdown.model.heard import hear
from drawdown.model.hyper import hyper_values
from drawdown.model.kernel import log_density_rows, log_density_slopes, site_terms_rows, slopes_rows
from drawdown.model.layout import layout_of
from drawdown.model.likelihood import log_density, log_weight, natural, pattern_terms, site_terms
from drawdown.model.observations import observe, select, spoken
from drawdown.outcomes import OUTCOMES

PRIORS = load_priors()
DAYS = (date(2024, 12, 31), None)
WIDE = [
    report("2024-12-20", "hmeimim", "combat_aircraft", "0..400", origin="a"),
    report("2024-12-21", "hmeimim", "combat_aircraft", ">=120", origin="b"),
    report("2024-12-22", "tartus", "warships", "2..3", origin="c"),
    report("2024-12-23", "inland", "convoys", "40..900", flow="out", origin="d"),
]


@pytest.fixture(scope="module")
def parts():
    """Layout, prior values and observations of the shipped case at two dates."""
    case = load_case(SYRIA, PRIORS)
    layout = layout_of(case, PRIORS)
    return SimpleNamespace(
        case=case,
        layout=layout,
        hyper={h: hyper_values(case, PRIORS, layout, h) for h in OUTCOMES},
        seen=[observe(view(case, day or case.horizon), PRIORS, layout) for day in DAYS],
        z=1.2 * np.random.default_rng(0).standard_normal((20, layout.n_parameters)),
    )


def variants(parts):
    """Every date, whole and with a third of the rows left out; and no reports at all."""
    for seen in parts.seen:
        yield seen.arrays
        yield seen.without(np.arange(len(seen.low)) % 3 == 0).arrays
    nothing = parts.seen[0].without(np.ones(len(parts.seen[0].low), dtype=bool))
    yield nothing.arrays
    yield None


def test_values_equal_the_plain_ones(parts):
    for hyper in parts.hyper.values():
        for obs in variants(parts):
            plain = log_density(parts.z, hyper, obs, parts.layout)
            assert log_density_rows(parts.z, hyper, obs, parts.layout) == pytest.approx(plain, abs=1e-8)
            one = log_density_slopes(parts.z[0], hyper, obs, parts.layout)[0]
            assert one == pytest.approx(plain[0], abs=1e-8)


def test_what_is_said_of_each_site_equals_the_plain_one(parts):
    for hyper in parts.hyper.values():
        state = natural(parts.z, hyper, parts.layout)
        for obs in variants(parts):
            if obs is not None:
                found = site_terms_rows(parts.z, hyper, obs, parts.layout)
                assert found == pytest.approx(site_terms(state, obs), abs=1e-8)


def test_groups_selected_say_what_they_say_among_all(parts):
    """The groups of one half and those of the other add up to all."""
    for seen in parts.seen:
        half = np.arange(len(seen.groups)) % 2 == 0
        state = natural(parts.z, parts.hyper["retained"], parts.layout)
        parts_ = [site_terms(state, select(seen.arrays, pick[seen.group_of])) for pick in (half, ~half)]
        assert parts_[0].any() and parts_[1].any()
        assert sum(parts_) == pytest.approx(site_terms(state, seen.arrays), abs=1e-9)


def test_rows_without_a_say_can_be_dropped(parts):
    for seen in parts.seen:
        assert spoken(seen.arrays) is seen.arrays
        for left_out in (np.arange(len(seen.low)) % 3 == 0, np.arange(len(seen.low)) > 1):
            rest = seen.without(left_out).arrays
            fewer = spoken(rest)
            assert len(fewer["said"]) == (~left_out).sum()
            for hyper in parts.hyper.values():
                plain = log_density(parts.z, hyper, rest, parts.layout)
                assert log_density(parts.z, hyper, fewer, parts.layout) == pytest.approx(plain)
                rows = log_density_rows(parts.z, hyper, fewer, parts.layout)
                assert rows == pytest.approx(plain)


@pytest.mark.parametrize("held", [0, 10**9])
def test_draws_that_hear_reports(parts, monkeypatch, held):
    """Weights, fates and rows left out, with the regions kept and not, a few draws at a time."""
    monkeypatch.setattr("drawdown.model.heard.HELD", held)
    monkeypatch.setattr("drawdown.model.heard.ROOM", 300)
    seen, layout = parts.seen[0], parts.layout
    rest = seen.without(np.arange(len(seen.low)) % 3 == 0)
    for hyper in parts.hyper.values():
        heard = hear(parts.z, hyper, seen.arrays, layout)
        assert heard.log_weight == pytest.approx(log_weight(parts.z, hyper, seen.arrays, layout))
        fewer = heard.told(seen.arrays, rest.arrays)
        assert fewer.log_weight == pytest.approx(log_weight(parts.z, hyper, rest.arrays, layout))
        terms = pattern_terms(heard.state, hyper, seen.arrays)
        share = np.exp(terms - heard.log_weight[:, None])
        first = share[:, layout.patterns[:, 0] == 2].sum(axis=1)
        assert heard.fates()[:, 0, 2] == pytest.approx(first)
        u, below = np.random.default_rng(3).random(len(share)), np.cumsum(share, axis=1)
        pattern = [np.searchsorted(row, x * row[-1], "right") for row, x in zip(below, u, strict=True)]
        ends = heard.patterns(np.random.default_rng(3))
        assert np.array_equal(ends.fate, layout.patterns[pattern])
        assert np.array_equal(ends.sign, hyper["pattern_sign"][pattern])
        assert np.array_equal(ends.line, layout.pattern_line[pattern])
    assert hear(parts.z, hyper, None, layout).log_weight == pytest.approx(
        log_weight(parts.z, hyper, None, layout)
    )


def test_values_and_gradient_equal_the_model(parts):
    """The model of `build` and its own derivatives, at random points under each hypothesis."""
    import pymc as pm

    layout, z = parts.layout, parts.z
    model = build_model(layout, parts.hyper["retained"] | parts.seen[0].arrays)
    names = [v.name for v in model.value_vars]
    compiled = pm.compile(model.value_vars, [model.logp(), model.dlogp()], mode="FAST_COMPILE")
    for hyper in parts.hyper.values():
        for seen in parts.seen:
            with model:
                pm.set_data(hyper | seen.arrays)
            rows = log_density_rows(z, hyper, seen.arrays, layout)
            for i in range(5):
                split = layout.split(z[i])
                value, slopes = compiled(*(split[name] for name in names))
                found, gradient = log_density_slopes(z[i], hyper, seen.arrays, layout)
                assert found == pytest.approx(float(value), abs=1e-8)
                assert rows[i] == pytest.approx(float(value), abs=1e-8)
                assert gradient == pytest.approx(slopes, abs=1e-8)


def test_gradient_equals_differences(parts):
    """Central differences, with rows left out and without reports."""
    step, n = 1e-6, parts.layout.n_parameters
    around = np.concatenate([step * np.eye(n), -step * np.eye(n)])
    for hyper in parts.hyper.values():
        for obs in variants(parts):
            for z in parts.z[:2]:
                up, down = np.split(log_density_rows(z + around, hyper, obs, parts.layout), 2)
                gradient = log_density_slopes(z, hyper, obs, parts.layout)[1]
                assert gradient == pytest.approx((up - down) / (2 * step), abs=1e-5)


def test_wide_intervals_far_from_their_mean(tmp_path):
    """Counts in the hundreds, from draws that expect a handful and draws that expect thousands."""
    case = syria_with(tmp_path, WIDE, PRIORS)
    layout = layout_of(case, PRIORS)
    seen = observe(view(case, case.horizon), PRIORS, layout)
    hyper = hyper_values(case, PRIORS, layout, "partial_redeployment")
    for size in (8.0, 300.0, 5000.0):
        sized = replace(seen, size=np.full(len(seen.size), size))
        obs = sized.recount(seen.low, seen.high).arrays
        z = np.random.default_rng(1).standard_normal((20, layout.n_parameters)) * 4.0
        assert log_density_rows(z, hyper, obs, layout) == pytest.approx(
            log_density(z, hyper, obs, layout), abs=1e-7
        )


@pytest.mark.parametrize("less", [0.0, 250.0, 800.0])
@pytest.mark.parametrize("together", [False, True])
def test_products_beyond_the_range_of_numbers(parts, less, together):
    """One origin that tells all, and origins that are next to never wrong."""
    step, n, seen = 1e-6, parts.layout.n_parameters, parts.seen[1].arrays
    z = 4.0 * parts.z
    around = np.concatenate([step * np.eye(n), -step * np.eye(n)])
    # a chance of one less a sum has fewer digits the smaller it is
    for rows, digits in ((seen["said"] > 0.0, 1e-3), (seen["mass_base"] == 0.0, 1e-7)):
        obs = select(seen, rows)
        obs |= {"log_wrong": obs["log_wrong"] - less}
        if together:
            obs["group_of"] = np.zeros_like(obs["group_of"])
        for hyper in parts.hyper.values():
            plain = site_terms(natural(z, hyper, parts.layout), obs)
            assert site_terms_rows(z, hyper, obs, parts.layout) == pytest.approx(plain, abs=digits)
            dense = log_density(z, hyper, obs, parts.layout)
            assert log_density_rows(z, hyper, obs, parts.layout) == pytest.approx(dense, abs=digits)
            if rows.all():
                least = np.log(np.finfo(float).smallest_subnormal)
                assert (plain.min() < least) == (together and less > 500.0)
                continue
            up, down = np.split(log_density_rows(z[0] + around, hyper, obs, parts.layout), 2)
            gradient = log_density_slopes(z[0], hyper, obs, parts.layout)[1]
            assert gradient == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-4)


def test_a_case_without_reports(tmp_path):
    case = syria_with(tmp_path, [], PRIORS)
    layout = layout_of(case, PRIORS)
    seen = observe(view(case, case.horizon), PRIORS, layout)
    hyper = hyper_values(case, PRIORS, layout, "full_exit")
    z = np.random.default_rng(2).standard_normal((5, layout.n_parameters))
    plain = log_density(z, hyper, seen.arrays, layout)
    assert log_density_rows(z, hyper, seen.arrays, layout) == pytest.approx(plain, abs=1e-8)
    assert log_density(z, hyper, None, layout) == pytest.approx(plain, abs=1e-8)
    draws = Sampler.of_case(layout, hyper | seen.arrays).fit(
        hyper | seen.arrays, draws=20, tune=50, seed=1
    )
    assert np.isfinite(draws.z).all()


def test_fits_side_by_side_do_not_disturb_each_other(parts):
    """Two threads, two hypotheses and dates, one sampler: the same draws as one after the other."""
    data = [
        parts.hyper[h] | seen.arrays
        for h, seen in zip(("retained", "full_exit"), parts.seen, strict=True)
    ]
    sampler = Sampler.of_case(parts.layout, data[0])

    def fit(d):
        return sampler.fit(d, draws=60, tune=100, seed=3).z

    alone = [fit(d) for d in data]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(fit, data))
    assert not np.array_equal(alone[0], alone[1])
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one, other)


def test_chains_start_alike_whatever_the_last_bits(parts):
    """Proposals differ in them by where an array lies in memory."""
    data = parts.hyper["retained"] | parts.seen[0].arrays
    model, noise = CaseModel.of(parts.layout, data), 1e-13 * np.sign(parts.z)
    one, two = (model.starting(z)._begin(seed=3) for z in (parts.z, parts.z + noise))
    assert np.array_equal(one, two)
    assert np.abs(parts.z - one).max(axis=1).min() < 1e-6


def test_slopes_of_many_draws_are_those_of_each(parts):
    hyper, obs = parts.hyper["retained"], parts.seen[0].arrays
    found = slopes_rows(parts.z, hyper, obs, parts.layout)
    each = [log_density_slopes(z, hyper, obs, parts.layout)[1] for z in parts.z]
    assert np.array_equal(found, each)


def test_a_density_that_is_wrong_is_not_used(parts, monkeypatch):
    data = parts.hyper["retained"] | parts.seen[0].arrays
    check_density(parts.z, data, parts.layout)
    monkeypatch.setattr(
        "drawdown.inference.compiled.log_density_rows", lambda z, *_: log_density_rows(z, *_) + 1e-3
    )
    with pytest.raises(FitError, match=r"differs from the plain one by 0\.001"):
        check_density(parts.z, data, parts.layout)


def test_a_case_needs_no_graphs():
    """To make the sampler of a case imports neither PyMC nor PyTensor."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from drawdown.answers.assess import ask\n"
        "from drawdown.files.case import load_case\n"
        "from drawdown.files.priors import load_priors\n"
        "from drawdown.inference.sample import Sampler\n"
        "priors = load_priors()\n"
        f"q = ask(load_case(Path({str(SYRIA)!r}), priors), priors, None, 1)\n"
        "Sampler.of_case(q.layout, q.hyper['retained'] | q.observations.arrays)\n"
        "sys.exit(bool({'pymc', 'pytensor'} & set(sys.modules)))\n"
    )
    path = ":".join(p for p in sys.path if p)
    done = subprocess.run([sys.executable, "-c", code], check=False, env={"PYTHONPATH": path})
    assert done.returncode == 0
