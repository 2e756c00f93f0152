"""Blocks of fates, which cases of many sites sum in place of patterns: against patterns, where both can.

Up to six sites every pattern is summed by itself; here the same cases are summed by blocks as well.
"""

import csv
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.special import logsumexp, ndtr
from scipy.stats import chisquare

from drawdown.answers.episode import _most
from drawdown.answers.simulate import simulate
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.files.view import view
from drawdown.model.blocks import block_terms, blocks_of, chance_below, log_chance
from drawdown.model.build import build_model
from drawdown.model.heard import hear
from drawdown.model.hyper import EXCLUDED, hyper_values, late_values
from drawdown.model.kernel import log_density_rows, log_density_slopes
from drawdown.model.layout import Layout, layout_of
from drawdown.model.likelihood import FLOOR, log_density, natural, pattern_terms
from drawdown.model.observations import observe
from drawdown.model.own_fates import prior_values
from drawdown.outcomes import FATES, OUTCOMES

PRIORS = load_priors()
KINDS = ("major", "outpost", "sector", "major")
OWN = {"kept": 0.2, "thinned": 0.1, "closed": 0.7}
SHARES = (30, 14, 8, 22)
HEAD = "name: Many\nforce: Blue\nhost: Green\ntrigger: 2024-12-08\nsites:\n"
SITE = """\
  site_{n}:
    name: Site {n}
    kind: {kind}
    share: {{between: [{low:.2f}%, {high:.2f}%], sure: 80%, why: Made up}}
    stock:
      jets: {{between: [15, 35], unit: aircraft, leaves: air, why: Made up}}
"""
COLUMNS = "date,published,site,indicator,observed,origin,collector,grade,url"


def case_of(folder, number, own=(), reports=3, kinds=KINDS):
    """So many sites of unequal shares, some with a fate of their own; so many reports a site."""
    folder.mkdir(parents=True, exist_ok=True)
    share = np.array([SHARES[n % len(SHARES)] for n in range(number)])
    share = 100.0 * share / share.sum()
    sites = [
        SITE.format(n=n, kind=kinds[n % len(kinds)], low=0.7 * share[n], high=1.4 * share[n])
        for n in range(number)
    ]
    (folder / "case.yaml").write_text(HEAD + "".join(sites))
    with (folder / "reports.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS.split(","))
        for k in range(reports):
            for n in range(number):
                day = f"2025-0{1 + k % 8}-1{n % 9}"
                look = ("combat_aircraft", "5..9") if (n + k) % 2 else ("perimeter_held", "yes")
                writer.writerow(
                    [day, day, f"site_{n}", *look, f"o{k}_{n}", "Maxar", "C3", "https://a.b"]
                )
    case = load_case(folder, PRIORS)
    changed = {f"site_{n}": replace(case.sites[f"site_{n}"], fate=OWN) for n in own}
    return replace(case, sites=case.sites | changed)


def parts_of(case):
    """Layout, observations, and ten draws."""
    layout = layout_of(case, PRIORS)
    observations = observe(view(case, case.horizon), PRIORS, layout)
    z = 1.2 * np.random.default_rng(0).standard_normal((10, layout.n_parameters))
    return layout, observations.arrays, z


def as_patterns(monkeypatch):
    monkeypatch.setattr("drawdown.model.layout.FEW_SITES", 9)


def as_blocks(monkeypatch):
    monkeypatch.setattr("drawdown.model.layout.FEW_SITES", 0)


BOTH = [(3, ()), (4, (1,)), (5, ()), (5, (1, 2)), (6, (1, 4, 5))]


@pytest.mark.parametrize("kinds", [k for n in (1, 2, 3, 4) for k in product(*[FATES] * n)])
def test_blocks_share_out_the_patterns(monkeypatch, kinds):
    """A pattern that a hypothesis allows lies in one block, of its side and line; no other in any."""
    names = dict(zip(FATES, ("major", "sector", "outpost"), strict=True))
    kinds = tuple(names[k] for k in kinds)
    if "major" not in kinds:
        return
    sites = tuple(f"s{n}" for n in range(len(kinds)))
    stocks = tuple((s, "garrison") for s in sites)
    layout = Layout(sites, kinds, stocks, ("fixed",) * len(sites), (-1,) * len(sites), (), (), (), ())
    closed = layout.patterns == FATES.index("closed")
    all_major, none_named = closed[:, layout.major].all(axis=1), ~closed[:, layout.named].any(axis=1)
    expected = {
        "full_exit": np.where(all_major, -1.0, np.nan),
        "retained": np.where(none_named, 1.0, np.nan),
        "partial_redeployment": np.where(all_major, 1.0, np.where(none_named, -1.0, 0.0)),
    }
    for h, signs in expected.items():
        found = blocks_of(layout, h, np.zeros((len(sites), len(FATES))))
        at = np.arange(len(sites))
        member = found["block_open"][:, at, layout.patterns].all(axis=2)
        assert np.array_equal(member.sum(axis=0), np.isfinite(signs).astype(int))
        for p in np.flatnonzero(np.isfinite(signs)):
            block = int(member[:, p].argmax())
            assert found["pattern_sign"][block] == signs[p]
            assert signs[p] == 0 or found["block_line"][block] == layout.pattern_line[p]


@pytest.mark.parametrize(("number", "own"), BOTH)
def test_blocks_are_worth_what_their_patterns_are(tmp_path, monkeypatch, number, own):
    """Value, gradient and chances of fates, plain and compiled, with and without reports."""
    case = case_of(tmp_path / "made", number, own)
    layout, obs, z = parts_of(case)
    as_patterns(monkeypatch)
    one = prior_values(case, PRIORS, layout)
    asked = [(h, o) for h in OUTCOMES for o in (obs, None)]
    value = [log_density(z, one.hyper[h], o, layout) for h, o in asked]
    slope = [[log_density_slopes(x, one.hyper[h], o, layout) for x in z] for h, o in asked]
    fates = [hear(z, one.hyper[h], o, layout).fates() for h, o in asked]
    as_blocks(monkeypatch)
    other = prior_values(case, PRIORS, layout)
    assert other.crossing == pytest.approx(one.crossing, abs=1e-9)
    for (h, o), v, g, f in zip(asked, value, slope, fates, strict=True):
        values = other.hyper[h]
        assert "block_open" in values and "block_open" not in one.hyper[h]
        assert log_density(z, values, o, layout) == pytest.approx(v, abs=1e-8)
        assert log_density_rows(z, values, o, layout) == pytest.approx(v, abs=1e-8)
        heard = hear(z, values, o, layout)
        normal = -0.5 * (z**2).sum(axis=1) - 0.5 * z.shape[1] * np.log(2.0 * np.pi)
        assert normal + heard.log_weight == pytest.approx(v, abs=1e-8)
        assert heard.fates() == pytest.approx(f, abs=1e-8)
        for x, (at, gradient) in zip(z, g, strict=True):
            found, slopes = log_density_slopes(x, values, o, layout)
            assert found == pytest.approx(at, abs=1e-8)
            assert slopes == pytest.approx(gradient, abs=1e-8)


@pytest.mark.parametrize(("number", "own"), [(4, ()), (4, (1, 2))])
@pytest.mark.parametrize("hypothesis", OUTCOMES)
def test_drawn_fates_have_the_chances_of_patterns(tmp_path, monkeypatch, number, own, hypothesis):
    """One draw of the parameters again and again: chi-square over patterns; their sides and lines."""
    case = case_of(tmp_path / "made", number, own, reports=1)
    layout, obs, z = parts_of(case)
    as_patterns(monkeypatch)
    values = prior_values(case, PRIORS, layout).hyper[hypothesis]
    # a draw at which the side of the line is in doubt, so that it ties the sites
    terms = pattern_terms(natural(z, values, layout), values, obs)
    share = np.exp(terms - logsumexp(terms, axis=1, keepdims=True))
    i = int((-(share * np.log(share + 1e-300)).sum(axis=1)).argmax())
    sign, line = values["pattern_sign"], layout.pattern_line
    as_blocks(monkeypatch)
    values = prior_values(case, PRIORS, layout).hyper[hypothesis]
    many = 20_000
    heard = hear(np.repeat(z[i : i + 1], many, axis=0), values, obs, layout)
    ends = heard.patterns(np.random.default_rng(4))
    pattern = ends.fate @ len(FATES) ** np.arange(number - 1, -1, -1)
    assert np.array_equal(ends.sign, sign[pattern])
    tied = ends.sign != 0
    assert np.array_equal(ends.line[tied], line[pattern][tied])
    seen, expected = np.bincount(pattern, minlength=len(sign)), many * share[i]
    often = expected > 8.0
    assert often.sum() > 2
    assert seen[expected < 1e-9].sum() == 0
    if expected[~often].sum() > 8.0:
        seen, expected = (np.append(v[often], v[~often].sum()) for v in (seen, expected))
    else:
        seen, expected = seen[often], expected[often]
    assert chisquare(seen, expected * seen.sum() / expected.sum()).pvalue > 1e-3


def test_model_plain_and_compiled_agree(tmp_path):
    """Values and gradients of seven sites, two with own fates, whose blocks share their nodes."""
    import pymc as pm

    case = case_of(tmp_path / "made", 7, (1, 5), reports=1)
    layout, obs, z = parts_of(case)
    hyper = prior_values(case, PRIORS, layout).hyper
    assert len(hyper["full_exit"]["pattern_log"]) == 9
    model = build_model(layout, hyper["retained"] | obs)
    compiled = pm.compile(model.value_vars, [model.logp()], mode="FAST_COMPILE")
    slopes = model.compile_dlogp(mode="FAST_COMPILE")
    for h in OUTCOMES:
        with model:
            pm.set_data(hyper[h] | obs)
        plain = log_density(z, hyper[h], obs, layout)
        for x, expected in zip(z[:4], plain, strict=False):
            vectors = {name: layout.split(x)[name] for name in layout.sizes}
            found, gradient = log_density_slopes(x, hyper[h], obs, layout)
            assert float(compiled(*vectors.values())[0]) == pytest.approx(expected, abs=1e-8)
            assert found == pytest.approx(expected, abs=1e-8)
            assert gradient == pytest.approx(slopes(vectors), abs=1e-7)


def test_sixty_four_sites(tmp_path):
    """Plain and compiled agree; the gradient is that of the value; four sites have their own fates."""
    case = case_of(tmp_path / "made", 64, (1, 5, 9, 13), reports=1)
    layout, obs, z = parts_of(case)
    hyper = prior_values(case, PRIORS, layout).hyper
    step = 1e-5
    for h in OUTCOMES:
        plain = log_density(z[:3], hyper[h], obs, layout)
        assert np.isfinite(plain).all()
        assert log_density_rows(z[:3], hyper[h], obs, layout) == pytest.approx(plain, abs=1e-8)
        gradient = log_density_slopes(z[0], hyper[h], obs, layout)[1]
        for way in np.random.default_rng(1).standard_normal((6, layout.n_parameters)):
            up, down = log_density_rows(z[0] + step * np.array([way, -way]), hyper[h], obs, layout)
            assert gradient @ way == pytest.approx((up - down) / (2 * step), abs=2e-5, rel=1e-6)


def test_impossible_and_certain_fates_are_numbers(tmp_path, monkeypatch):
    """Reports that all but rule out what a hypothesis needs, and priors that do."""
    case = case_of(tmp_path / "made", 5)
    layout, _, z = parts_of(case)
    state = natural(z, hyper_values(case, PRIORS, layout, "retained"), layout)
    rng = np.random.default_rng(3)
    for h in OUTCOMES:
        for size in (1.0, 300.0, 3000.0):
            by_site = -size * rng.random((len(z), 5, len(FATES)))
            as_patterns(monkeypatch)
            values = hyper_values(case, PRIORS, layout, h)
            values["log_fate"][1] = [EXCLUDED, 0.0, EXCLUDED]
            heard = hear(z, values, None, layout)
            one = replace(heard, by_site=by_site)
            expected = logsumexp(one.terms(), axis=1)
            as_blocks(monkeypatch)
            values = hyper_values(case, PRIORS, layout, h)
            values["block_fate"][0, 1] = [EXCLUDED, 0.0, EXCLUDED]
            other = replace(heard, hyper=values, by_site=by_site, region=None)
            found = logsumexp(other.terms(), axis=1)
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-8)
            # one half less a sum of terms: where the side is as unlikely as FLOOR, rounding shows
            plain = block_terms(by_site, state.gone[:, :5], values, FLOOR)
            assert logsumexp(plain, axis=1) == pytest.approx(expected, abs=1e-3)
            fates = other.fates()
            assert fates.sum(axis=2) == pytest.approx(np.ones((len(z), 5)), abs=1e-8)
            drawn = other.patterns(rng).fate
            assert np.take_along_axis(fates, drawn[:, :, None], axis=2).min() > 0.0


def test_chance_below_is_that_of_a_normal():
    rng = np.random.default_rng(5)
    for scale in (1.0, 1e-2, 1e-4):
        mean, var = rng.normal(0.0, 0.1, (6, 3)), scale**2 * rng.gamma(2.0, 0.05, (6, 3))
        chance = np.eye(3)[rng.integers(0, 3, 6)]
        expected = ndtr(-(chance * mean).sum() / np.sqrt((chance * var).sum()))
        assert chance_below(chance, mean, var) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("scale", [1.0, 0.1, 0.01, 1e-3, 1e-4, 1e-6])
def test_an_inversion_holds_where_the_sum_is_all_but_discrete(scale):
    """Spreads so small that many nodes, and at last a blurred line, are needed; against enumeration."""
    from drawdown.model.inversion import Normals, Parts, Slopes, invert

    rng = np.random.default_rng(6)
    units = 6
    for _ in range(5):
        chance, mean = rng.dirichlet(np.ones(3), units), rng.normal(0.0, 0.1, (units, 3))
        var = (scale * rng.uniform(0.02, 0.1, (units, 3))) ** 2
        at, wide = 0.05, (scale * 0.03) ** 2
        exact = 0.0
        for fates in product(range(3), repeat=units):
            pick = np.arange(units), list(fates)
            exact += chance[pick].prod() * ndtr(
                -(mean[pick].sum() + at) / np.sqrt(var[pick].sum() + wide)
            )
        index = np.arange(3 * units)
        parts = Parts(
            *(index // 3, index % 3, chance.ravel(), mean.ravel(), var.ravel()),
            3 * np.arange(units + 1),
        )
        normals = Normals(np.array([at]), np.array([wide]), np.ones(1))
        found = Slopes(np.empty(1), np.empty(1), np.empty(1), *(np.empty(3 * units) for _ in range(3)))
        for sign in (1.0, -1.0):
            invert(parts, normals, sign, True, found)
            expected = exact if sign > 0 else 1.0 - exact
            # the cap binds in the last: a few of the 729 normals lie within the blur of the line
            near = 1e-10 if scale > 3e-4 else 2e-3
            assert found.side[0] == pytest.approx(expected, abs=near)
            assert found.chance.reshape(units, 3).sum(axis=1) == pytest.approx(found.side[0], abs=1e-9)


def test_what_is_drawn_agrees_with_itself(tmp_path):
    """Twelve sites: the people on their side of the line, marginal chances the frequencies of fates."""
    case = case_of(tmp_path / "made", 12, (1,), reports=1)
    layout, obs, _ = parts_of(case)
    z = np.random.default_rng(7).standard_normal((1, layout.n_parameters))
    hyper = prior_values(case, PRIORS, layout).hyper
    late = late_values(PRIORS, layout)
    for h in OUTCOMES:
        heard = hear(np.repeat(z, 20_000, axis=0), hyper[h], obs, layout)
        rng = np.random.default_rng(8)
        ends = heard.patterns(rng)
        seen = np.eye(len(FATES))[ends.fate].mean(axis=0)
        assert seen == pytest.approx(heard.fates()[0], abs=0.016)
        assert seen.max(axis=1).min() < 0.9
        future = simulate(heard.state, hyper[h], obs, late, 300, rng, ends)
        over = (future.people * (future.end[:, :12] - ends.line[:, None])).sum(axis=1)
        assert (ends.sign * over <= 1e-9).all()
        terms = heard.terms()[0]
        block = np.exp(terms - logsumexp(terms))
        assert (ends.sign == 0).mean() == pytest.approx(
            block[hyper[h]["pattern_sign"] == 0].sum(), abs=0.016
        )


def test_prior_weights_of_fates_and_their_bound(tmp_path, monkeypatch):
    """The weight of fates wherever the cut falls, by blocks as by patterns; no draw weighs more."""
    case = case_of(tmp_path / "made", 5, (1, 2), reports=1)
    layout, _, z = parts_of(case)
    for h in OUTCOMES:
        as_patterns(monkeypatch)
        one = prior_values(case, PRIORS, layout).hyper[h]
        at = np.arange(len(layout.sites))
        expected = one["log_fate"][at, layout.patterns].sum(axis=1) + one["pattern_log"]
        expected -= np.where(one["pattern_sign"] == 0, np.log(2.0), 0.0)
        most = _most(one, layout)
        as_blocks(monkeypatch)
        other = prior_values(case, PRIORS, layout).hyper[h]
        allowed = expected > EXCLUDED / 2
        found = log_chance(layout.patterns, other)
        assert found[allowed] == pytest.approx(expected[allowed], abs=1e-8)
        assert (found[~allowed] < EXCLUDED / 2).all()
        assert _most(other, layout) == pytest.approx(most, abs=1e-8)
        assert (hear(z, other, None, layout).log_weight <= most + 1e-8).all()


def test_the_prior_run_and_an_episode_of_twelve_sites(tmp_path):
    """The weights of a prior run are the plain ones; a simulated episode can be asked about again."""
    from drawdown.answers.assess import ask
    from drawdown.answers.episode import simulate_episode
    from drawdown.answers.prior import run_prior

    case = case_of(tmp_path / "made", 12, (1,), reports=1)
    q = ask(case, PRIORS, None, 1)
    for h in OUTCOMES:
        run = run_prior(q.hyper[h], q.layout, q.late, 0, q.horizon, np.random.default_rng(1))
        assert run.weights.mean() == pytest.approx(1.0)
        plain = log_density(run.z[:5], q.hyper[h], None, q.layout)
        normal = -0.5 * (run.z[:5] ** 2).sum(axis=1) - 0.5 * run.z.shape[1] * np.log(2.0 * np.pi)
        assert np.log(run.weights[:5]) + run.log_region == pytest.approx(plain - normal, abs=1e-8)
        stands = np.array([run.weights[run.outcome == o].sum() for o in range(len(OUTCOMES))])
        assert OUTCOMES[int(stands.argmax())] == h
        episode = simulate_episode(q, h, np.random.default_rng(2))
        again = episode.question
        value = log_density_rows(episode.z, again.hyper[h], again.observations.arrays, again.layout)
        assert np.isfinite(value).all()


def test_draws_told_other_reports_are_heard_anew(tmp_path):
    """Reports left out of draws that heard them, against draws that never did; another prior too."""
    case = case_of(tmp_path / "made", 9, (1,), reports=2)
    layout, _, z = parts_of(case)
    observations = observe(view(case, case.horizon), PRIORS, layout)
    rest = observations.without(np.arange(len(observations.low)) % 3 == 0)
    hyper = prior_values(case, PRIORS, layout).hyper
    for h in OUTCOMES:
        heard = hear(z, hyper[h], observations.arrays, layout)
        fewer, anew = (
            heard.told(observations.arrays, rest.arrays),
            hear(z, hyper[h], rest.arrays, layout),
        )
        assert fewer.log_weight == pytest.approx(anew.log_weight, abs=1e-9)
        assert abs(fewer.log_weight - heard.log_weight).max() > 0.1
        wider = hyper[h] | {"share_var": 4.0 * hyper[h]["share_var"]}
        judged = heard.judged(z, wider)
        assert judged.log_weight == pytest.approx(
            hear(z, wider, observations.arrays, layout).log_weight, abs=1e-9
        )


def test_origins_left_out_of_many_sites_are_weighed_as_if_anew(tmp_path):
    """The futures of a teller, which remembers numbers and paths, are those of one that does not."""
    from drawdown.answers.assess import ask, assemble, foresee
    from drawdown.answers.retell import Teller
    from drawdown.answers.variants import without_origins
    from drawdown.answers.weigh import tabulate
    from drawdown.inference.bridge import Evidence
    from drawdown.inference.fitted import Fitted
    from drawdown.inference.reweight import reweight

    q = ask(case_of(tmp_path / "made", 8, (1,), reports=1), PRIORS, None, 1)
    z = np.random.default_rng(3).standard_normal((200, q.layout.n_parameters))
    a = assemble(q, {h: Fitted.independent(z, Evidence(0.0, 0.02)) for h in OUTCOMES})
    teller, tables = Teller(a), []
    for origin in ("o0_0", "o0_3", "o0_0"):
        asked = without_origins(q, [origin])
        outcomes, weights = [], []
        for h in OUTCOMES:
            heard = a.fits[h].heard
            told = heard.told(q.observations.arrays, asked.observations.arrays)
            outcomes.append(foresee(asked, h, told).stands(q.horizon))
            weights.append(reweight(told.log_weight - heard.log_weight).weights)
        tables.append(teller.reweighted(asked).table.chance)
        assert tables[-1] == pytest.approx(tabulate(outcomes, weights).chance, abs=1e-12)
    assert np.array_equal(tables[0], tables[2]) and not np.allclose(tables[0], tables[1])


def test_more_than_four_own_fates_among_many_sites_are_refused(tmp_path):
    from drawdown.errors import InputError

    case_of(tmp_path / "made", 8, reports=0)
    file = tmp_path / "made" / "case.yaml"
    own = "    fate: {kept: 20%, thinned: 10%, closed: 70%, why: Made up}\n    stock:\n"
    text = file.read_text()
    file.write_text(text.replace("    stock:\n", own, 4))
    assert len(load_case(tmp_path / "made", PRIORS).sites) == 8
    file.write_text(text.replace("    stock:\n", own, 5))
    with pytest.raises(InputError) as raised:
        load_case(tmp_path / "made", PRIORS)
    told = str(raised.value)
    assert "5 sites with a `fate` of their own among 8; expected at most 4 of them" in told
