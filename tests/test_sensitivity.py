"""Other judgements: powers of priors against exact answers, and the guard-rails by hand."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.stats import norm

from cases import SYRIA
from drawdown.answers.assess import ask, assemble, assess, compile_sampler
from drawdown.answers.firmness import judgements, points, tempered
from drawdown.answers.latents import Latents, bearing
from drawdown.answers.powers import FLAG, POWERS, Powers, diagnosis, distance
from drawdown.answers.retell import Teller
from drawdown.answers.sensitivity import DRIVEN, Row, _exact, driven, guard_rails, retained_by, sentence
from drawdown.answers.summarise import strands
from drawdown.answers.weigh import tabulate, weigh
from drawdown.few import Few
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.inference.bridge import Evidence
from drawdown.inference.fitted import Fitted
from drawdown.inference.reweight import FLAT, reweight
from drawdown.model import own_fates
from drawdown.model.likelihood import log_weight, natural
from drawdown.outcomes import FATES, OUTCOMES

PRIORS = load_priors()
DAY = date(2025, 1, 20)
ROWS = [
    {"date": "2024-12-13", "site": "base", "indicator": "combat_aircraft", "observed": ">=15"},
    {"date": "2025-01-10", "site": "base", "indicator": "combat_aircraft", "observed": "6"},
    {"date": "2025-01-12", "site": "base", "indicator": "transport_flights", "observed": "4"},
    {"date": "2025-01-14", "site": "base", "indicator": "perimeter_held", "observed": "9"},
    {"date": "2025-01-15", "site": "posts", "indicator": "perimeter_held", "observed": "no"},
]
PROPOSED = 120_000
KEPT = 12_000


def exactly(q, proposed=PROPOSED):
    """Assess without a sampler: draws of the prior, weighed by region and likelihood."""
    fitted = {}
    for n, h in enumerate(OUTCOMES):
        rng = np.random.default_rng(n)
        z = rng.standard_normal((proposed, q.layout.n_parameters))
        log = log_weight(z, q.hyper[h], q.observations.arrays, q.layout)
        weight = np.exp(log - log.max())
        pick = rng.choice(proposed, KEPT, p=weight / weight.sum())
        evidence = Evidence(float(np.log(weight.mean()) + log.max()), 0.0)
        fitted[h] = Fitted.independent(z[pick], evidence)
    return assemble(q, fitted)


@pytest.fixture
def told(make_case):
    """A question with reports of every kind on two sites."""
    rows = [
        r | {"collector": "Maxar", "grade": "B2", "origin": f"o{n}", "url": "https://example.org/a"}
        for n, r in enumerate(ROWS)
    ]
    return ask(make_case(rows), PRIORS, DAY, 1)


@pytest.fixture(scope="module")
def syria():
    """The question of the shipped case, with every judgement that there is."""
    return ask(load_case(SYRIA, PRIORS), PRIORS, date(2024, 12, 31), 1)


def same(one, two):
    """Whether two questions give the model and the weighing the same numbers."""
    return all(
        np.allclose(a, b, rtol=1e-9, atol=1e-9) for a, b in zip(put_in(one), put_in(two), strict=True)
    )


def put_in(q):
    """Every number that the model and the weighing take."""
    arrays = [q.hyper[h][name] for h in OUTCOMES for name in q.hyper[h]]
    arrays += [q.observations.arrays[name] for name in q.observations.arrays]
    besides = [q.besides.base_rates, q.besides.reserve, q.log_politics]
    return [*arrays, *besides, q.late.starts, q.late.returns]


def everything(layout):
    """Let every parameter have a say."""
    return {name: np.ones(size, bool) for name, size in layout.sizes.items()} | {
        "stock": np.ones(len(layout.stocks), bool)
    }


def held(q, path):
    """Find one judgement."""
    return next(j for j in judgements(q) if j.path == path)


def test_every_judgement_is_scaled_or_named(syria):
    """What `drawdown priors` prints has a power, is a bare number, or has no say in the answer."""
    scaled = {j.path for j in judgements(syria)}
    silent = (".look", ".scope_of")
    rest = {path for path, _, _ in PRIORS.said} - scaled - set(points(syria))
    assert all(path.endswith(silent) for path in rest)
    assert len(scaled) == len(judgements(syria))
    assert {p for p in scaled if p.startswith("sites.tartus.stock")} == {
        f"sites.tartus.stock.{s}" for s in syria.case.sites["tartus"].stock
    }


def test_power_one_changes_nothing_and_another_something(syria):
    """Every judgement reaches the model, and only by its power."""
    known = {code.indicator for code in syria.codes if code.known}
    # where a fact defines the case nobody waits for word of it
    silent = {
        code.indicator
        for code in syria.codes
        if code.known
        and code.indicator not in syria.view.context
        and (after := PRIORS.indicators[code.indicator].silence) is not None
        and syria.view.day >= after.after_days
    }
    for j in judgements(syria):
        assert same(j.to(syria, 1.0), syria), j.path
        name = j.path.split(".")[1] if j.path.startswith("indicators.") else ""
        reaches = j.path != "fates.full_exit.major"  # certain
        # the only outpost has a fate of its own, and bears on what it makes of a retained presence
        reaches &= not (j.path.startswith("fates.") and j.path.endswith(".outpost")) or (
            j.path == "fates.retained.outpost"
        )
        reaches &= ".present." not in j.path or name in known
        reaches &= not j.path.endswith(".silence") or name in silent
        assert same(j.to(syria, POWERS[0]), syria) != reaches, j.path


def test_tempered_chances():
    """To the power, and summing to one; what cannot be still cannot."""
    found = tempered({"kept": 0.0, "thinned": 0.2, "closed": 0.8}, 2.0)
    assert found == pytest.approx({"kept": 0.0, "thinned": 0.04 / 0.68, "closed": 0.64 / 0.68})


@pytest.mark.parametrize("power", POWERS)
def test_a_conjugate_toy(syria, power):
    """A normal seen through a normal error: the weights give the exact posterior and evidence."""
    rng, seen, error = np.random.default_rng(1), 1.2, 0.7
    layout, n = syria.layout, 200_000
    z = rng.standard_normal((n, layout.n_parameters))
    at = layout.labels().index("crisis")
    precision = 1.0 + error**-2
    z[:, at] = seen / error**2 / precision + z[:, at] / np.sqrt(precision)
    latents = still(layout, z)
    scaled = held(syria, "crisis").to(syria, power)
    part = reweight(latents.log_change(syria, scaled, "retained", everything(layout)))
    assert part.log_ratio == pytest.approx(
        norm.logpdf(seen, 0, np.sqrt(1 / power + error**2))
        - norm.logpdf(seen, 0, np.sqrt(1 + error**2)),
        abs=0.005,
    )
    exact = power + error**-2
    above = norm.sf(1.0, seen / error**2 / exact, exact**-0.5)
    assert part.weights @ (z[:, at] > 1.0) == pytest.approx(above, abs=0.005)


def still(layout, z, fate=None, people=None):
    """Draws with no late event, and fates and people where a test needs them."""
    shape = (len(z), len(layout.sites))
    never = np.full(shape, 1e9)
    return Latents(
        layout=layout,
        z=z,
        fate=np.zeros(shape, int) if fate is None else fate,
        people=np.zeros(shape) if people is None else people,
        late_day=never,
        return_day=never,
    )


@pytest.mark.parametrize("power", POWERS)
def test_where_sites_end_keeps_its_correlation(syria, power):
    """One fate of the garrisons is tightened; stocks keep their spread and their tie to them."""
    rng, layout, n = np.random.default_rng(2), syria.layout, 200_000
    z = rng.standard_normal((n, layout.n_parameters))
    fate = rng.integers(0, len(FATES), (n, len(layout.sites)))
    people = syria.hyper["retained"]["share_mean"] + np.zeros((n, len(layout.sites)))
    scaled = held(syria, "gone.garrison.kept").to(syria, power)
    latents, says = still(layout, z, fate, people), everything(layout)
    weights = np.exp(latents.log_change(syria, scaled, "retained", says))
    assert weights.mean() == pytest.approx(1.0, abs=0.01)
    parts = layout.split(z)
    site, stock = layout.sites.index("hmeimim"), layout.stocks.index(("hmeimim", "jets"))
    together = PRIORS.together
    garrison = parts["site_gone"][:, site]
    jets = together * garrison
    jets = jets + np.sqrt(1 - together**2) * parts["stock_gone"][:, stock - len(layout.sites)]
    for at, sd in ((0, power**-0.5), (1, 1.0), (2, 1.0)):
        w = weights * (fate[:, site] == at)
        w = w / w.sum()
        assert w @ garrison**2 == pytest.approx(sd**2, abs=0.03)
        assert w @ jets**2 == pytest.approx(1.0, abs=0.03)
        assert w @ (garrison * jets) == pytest.approx(together * sd, abs=0.03)


def test_shares_of_the_people_are_weighed(syria):
    """The spread of one share, its mean and the others' kept."""
    rng, hyper, n = np.random.default_rng(3), syria.hyper["retained"], 200_000
    mean, sd = hyper["share_mean"], np.sqrt(hyper["share_var"])
    people = mean + sd * rng.standard_normal((n, len(mean)))
    scaled = held(syria, "sites.tartus.share").to(syria, 0.8)
    latents = still(syria.layout, np.zeros((n, syria.layout.n_parameters)), people=people)
    part = reweight(latents.log_change(syria, scaled, "retained", everything(syria.layout)))
    found = part.weights @ (people - mean) ** 2 / sd**2
    at = list(syria.case.sites).index("tartus")
    expected = np.where(np.arange(len(mean)) == at, 1 / 0.8, 1.0)
    assert found == pytest.approx(expected, abs=0.02)


def test_without_reports_the_base_rates_stay(make_case):
    """However firmly a physical judgement is held: P(h) is solved anew."""
    q = ask(make_case(), PRIORS, DAY, 1)
    powers = Powers(Teller(exactly(q)))
    paths = ("clock.lasts.full_exit", "clock.site_starts", "late.starts", "gone.garrison.thinned")
    paths += ("gone.garrison.closed", "fates.partial_redeployment.major", "sites.base.share")
    for path in paths:
        row = powers.of_judgement(held(q, path))
        assert row.method == "reweighted", path
        assert np.all(np.abs(row.slope) < 4 * row.mcse + 1e-4), path
    assert powers.of_reports(political=False).slope == pytest.approx(np.zeros(3), abs=1e-12)


def test_a_group_without_a_say_is_exactly_nothing(told):
    """No report is of a convoy or a ship: how they are seen changes nothing, without noise."""
    powers = Powers(Teller(exactly(told, 30_000)))
    for path in ("indicators.convoys.seen", "sites.base.stock.equipment", "lift"):
        row = powers.of_judgement(held(told, path))
        lifted = path != "indicators.convoys.seen"
        assert (row.method == "reweighted") == lifted
        assert lifted or not row.slope.any()
    assert bearing(told)["visible"].sum() == 3


def test_slopes_are_those_of_a_fresh_simulation(told):
    """Against drawing and weighing the prior again under each power, from the same numbers."""
    a = exactly(told)
    powers = Powers(Teller(a))
    paths = ("gone.garrison.kept", "gone.garrison.closed", "gone.stock.closed", "clock.lasts.retained")
    paths += (
        "fates.partial_redeployment.major",
        "sites.base.share",
        "sites.posts.fate",
        "grades.digits",
    )
    for path in paths:
        j = held(told, path)
        ends = [brute(j.to(told, power)) for power in POWERS]
        row = powers.of_judgement(j)
        expected = (ends[1] - ends[0]) / np.log2(POWERS[1] / POWERS[0])
        assert np.all(np.abs(row.slope - expected) < 4 * row.mcse + 0.004), (path, row, expected)


def brute(q):
    """Probabilities from the prior alone, simulated and weighed afresh."""
    from drawdown.answers.prior import run_prior
    from drawdown.answers.simulate import simulate

    log_z, tables, priors = [], [], []
    for n, h in enumerate(OUTCOMES):
        hyper, obs = q.hyper[h], q.observations.arrays
        z = np.random.default_rng(50 + n).standard_normal((30_000, q.layout.n_parameters))
        log = log_weight(z, hyper, obs, q.layout)
        rng = np.random.default_rng(90 + n)
        state = natural(z, hyper, q.layout)
        future = simulate(state, hyper, obs, q.late, q.view.day, rng)
        tables.append(tabulate([future.stands(q.horizon)], [np.exp(log - log.max())]).chance[0])
        rng = np.random.default_rng(70 + n)
        run = run_prior(hyper, q.layout, q.late, q.view.day, q.horizon, rng)
        priors.append(tabulate([run.outcome], [run.weights]).chance[0])
        log_z.append(np.log(np.mean(np.exp(log - log.max()))) + log.max() - run.log_region)
    return weigh(np.array(log_z), np.array(tables), np.array(priors), q.besides).outcomes


def test_what_own_fates_may_say_is_kept_only_where_it_is_the_same(syria, monkeypatch):
    """Every prior value of every judgement, held more firmly, as if worked out from the start."""
    anew = []
    for judgement in judgements(syria):
        other = judgement.to(syria, POWERS[1])
        if other.hyper is syria.hyper:
            continue
        anew.append(judgement.path)
        # the costly ones that are alike: one stock, one indicator are as good as all
        if judgement.path.startswith("indicators.") and len(anew) % 7:
            continue
        monkeypatch.setattr(own_fates, "_MASSES", Few(own_fates.KEPT))
        expected = own_fates.prior_values(other.case, other.priors, other.layout)
        assert np.array_equal(other.crossing, expected.crossing), judgement.path
        for h in OUTCOMES:
            for name, values in expected.hyper[h].items():
                assert np.array_equal(other.hyper[h][name], values), (judgement.path, h, name)
    assert {"lift", "gone.garrison.kept", "sites.inland.fate", "sites.tartus.share"} <= set(anew)


def test_weights_of_a_few_sizes_have_no_tail():
    """Fates give lattices of weights; plain weights are then right, and no tail is read into them."""
    rng = np.random.default_rng(4)
    change = rng.choice([0.0, 0.1], 6000, p=[0.3, 0.7])
    part = reweight(change)
    assert part.khat == FLAT
    assert part.weights == pytest.approx(np.exp(change) / np.exp(change).sum())
    assert part.log_ratio == pytest.approx(np.log(np.exp(change).mean()))
    rare = np.where(rng.random(6000) < 0.03, rng.exponential(1.5, 6000), 0.0)
    assert reweight(rare).khat > 0.7


def test_distance_is_that_of_power_scaling():
    """As arviz has it of draws."""
    from arviz_stats.base import array_stats

    base, other = np.array([0.23, 0.13, 0.64]), np.array([0.28, 0.15, 0.57])
    n = 100_000
    draws = np.repeat([0.0, 1.0, 2.0], np.round(base * n).astype(int))
    weights = np.repeat(other / base, np.round(base * n).astype(int)) / n
    found = array_stats._power_scale_sense(draws, weights, weights, 0.5, 2.0)
    assert distance(base, other) == pytest.approx(found, rel=0.01)
    assert distance(base, base) == 0.0


def test_diagnosis():
    assert diagnosis(FLAG, 1.0) == ""
    assert diagnosis(0.06, 0.2) == "potential prior-data conflict"
    assert diagnosis(0.06, 0.01) == "potential strong prior or weak likelihood"


def test_the_exact_rows_are_those_weighed_by_hand(told):
    """Base rates and strands."""
    a = exactly(told, 30_000)
    rows = {row.path: row for row in _exact(a)}
    assert len(_exact(a)) == 5
    rates = told.stated_rates
    quadrupled = [row for row in _exact(a) if " x 4" in row.what]
    by_hand = rates * np.array([2.0, 1.0, 1.0])
    by_hand = by_hand / by_hand.sum()
    assert retained_by(rates, 2.0) == pytest.approx(by_hand)
    other = replace(told.besides, base_rates=by_hand @ told.crossing)
    expected = weigh(a.log_z, a.table.chance, a.prior_table.chance, other).outcomes
    assert quadrupled[0].outcomes == pytest.approx(expected)
    assert quadrupled[0].move == pytest.approx(np.abs(expected - a.weighed.outcomes).max())
    alone = strands(a)
    assert list(rows["strands.physical"].outcomes) == [alone["political"][o] for o in OUTCOMES]
    assert list(rows["strands.political"].outcomes) == [alone["physical"][o] for o in OUTCOMES]


def test_base_rates_of_the_sample():
    """The shares of docs/learning.md: retained counted once and four times."""
    rates = np.array([22.0, 12.0, 19.0]) / 53.0
    assert retained_by(rates, 0.5) == pytest.approx(np.array([11, 12, 19]) / 42)
    assert retained_by(rates, 2.0) == pytest.approx(np.array([44, 12, 19]) / 75)


def test_driven_by_prior_switches_at_fifteen_points():
    def row(move, kind="judgement"):
        return Row("x", "x", kind, np.zeros(3), move, "exact")

    assert not driven([])
    assert not driven([row(0.0), row(DRIVEN)])
    assert driven([row(0.0), row(DRIVEN + 1e-6)])
    assert not driven([row(0.0), row(DRIVEN + 1e-6, "strand")])
    assert DRIVEN == 0.15


def test_the_sentence_of_a_judgement(told):
    """Halving takes away what a doubling adds."""
    row = Powers(Teller(exactly(told, 30_000))).of_judgement(held(told, "outcomes"))
    row = replace(row, slope=np.array([-0.04, 0.0, 0.08]))
    assert sentence(row).startswith(
        "Halving the firmness of this judgement moves P(full exit) by about -8 points"
    )


OVERLAYS = {
    "gone": ("spread of where stocks and garrisons end x 1.5", lambda j: (j.mu, 1.5 * j.sd)),
    "lift": ("scale of lift x 3", lambda j: (j.mu + np.log(3.0), j.sd)),
    "clock.lasts": ("time that leaving takes x 1/2", lambda j: (j.mu - np.log(2.0), j.sd)),
}


@pytest.mark.long
@pytest.mark.parametrize("section", OVERLAYS)
def test_a_guard_rail_is_what_an_overlay_would_say(tmp_path, section):
    """Each kind of row against an assessment whose priors say the same in a file."""
    what, change = OVERLAYS[section]
    q = ask(load_case(SYRIA, PRIORS), PRIORS, date(2024, 12, 16), 1)
    sampler = compile_sampler(q)
    rows = guard_rails(Teller(assess(q, sampler=sampler), lambda: sampler))
    row = next(row for row in rows if row.what == what)
    tree: dict = {}
    for path, judgement in PRIORS.judgements.items():
        if path.startswith(section):
            *above, last = path.split(".")
            branch = tree
            for key in above:
                branch = branch.setdefault(key, {})
            form = {"log": "lognormal", "logit": "logitnormal"}[judgement.family]
            mu, sd = (float(value) for value in change(judgement))
            branch[last] = {"distribution": {form: [mu, sd]}, "why": "A test"}
    overlay = tmp_path / "other.yaml"
    overlay.write_text(json.dumps(tree))
    judged = load_priors([overlay])
    a = assess(ask(load_case(SYRIA, judged), judged, date(2024, 12, 16), 2), sampler=sampler)
    error = np.hypot(a.mcse.max(), row.mcse)
    assert np.abs(a.weighed.outcomes - row.outcomes).max() < 4 * error
