"""The learned strand: its density exactly, its file, its scores, and what votes on a scope."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import norm

from cases import REFERENCE, report, syria_with
from drawdown.answers.baselines import climatology, naive_bayes, ridge
from drawdown.answers.durations import completion
from drawdown.answers.learn import Learned
from drawdown.answers.learned_yaml import learned_yaml
from drawdown.answers.scoring import difference, score
from drawdown.files.learning import load_learning
from drawdown.files.priors import DIRECTORY, load_priors
from drawdown.files.reference import load_reference
from drawdown.files.view import view
from drawdown.inference.sample import Draws
from drawdown.model.episodes import (
    Coded,
    case_weights,
    code,
    log_likelihood,
    log_likelihood_of_intervals,
)
from drawdown.model.learned import build_learned, learned_data
from drawdown.model.politics import code_indicators
from drawdown.outcomes import OUTCOMES
from drawdown.whole import write_whole

CLASS = load_reference(REFERENCE)
LEARNING = load_learning()
CODED = code(CLASS.episodes, CLASS.indicators)
COLLECTED = tuple(name for name in CLASS.indicators if name != "full_exit_announced")
OUT = np.eye(42, dtype=bool)


def patterns(known):
    """Every set of codes of three indicators, where some are not known."""
    rows = np.array(list(product((0.0, 1.0), repeat=3)))
    present = rows[(rows <= np.array(known)).all(axis=1)]
    mask = np.broadcast_to(np.array(known, dtype=float), present.shape)
    return Coded(present, mask, np.zeros(len(present), dtype=int))


@pytest.mark.parametrize("known", [(1, 1, 1), (1, 0, 1), (0, 0, 0)])
def test_chances_of_all_codes_sum_to_one(known):
    """And a code that is not known is summed out."""
    rng = np.random.default_rng(1)
    chance, loading = rng.uniform(0.05, 0.95, (4, 3, 3)), rng.uniform(0.1, 1.5, 4)
    total = np.exp(log_likelihood(chance, loading, patterns(known))).sum(axis=1)
    assert total == pytest.approx(np.ones((4, 3)))
    mu, sd = rng.normal(size=(3, 3)), rng.uniform(0.2, 1.0, (3, 3))
    total = np.exp(log_likelihood_of_intervals(mu, sd, 0.7, patterns(known))).sum(axis=0)
    assert total == pytest.approx(np.ones(3))


def test_the_factor_is_integrated():
    """Against adaptive quadrature, at a loading that learning would call strong."""
    chance = np.array([[[0.2, 0.5, 0.7], [0.6, 0.1, 0.3], [0.9, 0.4, 0.5]]])
    found = log_likelihood(chance, np.array([0.9]), patterns((1, 1, 1)))[0]
    for c, row in enumerate(patterns((1, 1, 1)).present):
        for o in range(3):

            def density(eta, o=o, row=row):
                p = expit(logit(chance[0, :, o]) + 0.9 * eta)
                return norm.pdf(eta) * np.prod(np.where(row == 1, p, 1 - p))

            assert found[c, o] == pytest.approx(np.log(quad(density, -9, 9)[0]), abs=1e-4)


def test_compiled_model_equals_the_reference():
    """Potential of the PyMC model at random points against NumPy, with weights and after new data."""
    import pymc as pm

    weights = case_weights(CLASS, LEARNING, np.ones(42, dtype=bool))
    model = build_learned(CODED, weights, LEARNING)
    outputs = [model["chance"], model["loading"], model.potentials[0]]
    inputs = [model[name] for name in ("for_rate", "for_chance", "for_cases", "for_loading")]
    compiled = pm.compile(inputs, outputs, mode="FAST_COMPILE")
    rng, size = np.random.default_rng(2), len(CLASS.indicators)
    for use in (weights, rng.uniform(0, 1, 42)):
        with model:
            pm.set_data(learned_data(CODED, use))
        z = rng.standard_normal(size), rng.standard_normal((size, 3)), rng.normal(), rng.normal()
        chance, loading, potential = compiled(*z)
        each = log_likelihood(chance[None], np.array([loading]), CODED)[0]
        assert potential == pytest.approx(use @ each[np.arange(42), CODED.outcome], abs=1e-8)


@pytest.fixture(scope="module")
def found():
    """Draws near the counts, without a fit: what is tested is what is made of them."""
    rng = np.random.default_rng(3)
    stands = np.eye(3)[CODED.outcome]
    yes, no = CODED.present.T @ stands, (CODED.known - CODED.present).T @ stands
    chance = rng.beta(yes + 1, no + 1, size=(4000, *yes.shape))
    draws = Draws(np.zeros((4, 1000, 1)), np.zeros((4, 1000), bool), np.zeros((4, 1000), bool))
    flat = np.full(4000, 0.5)
    return Learned(CLASS.indicators, chance, flat, 8 * np.ones(4000), CODED.shares, draws)


def test_learned_yaml_is_what_a_forecaster_writes(found, tmp_path):
    """It loads, gives the intervals back, names its counts, and holds no physical indicator."""
    priors = load_priors(learned=False)
    paced = completion(CLASS, LEARNING, priors)
    for name in ("defaults.yaml", "learned.yaml"):
        (tmp_path / name).write_text((DIRECTORY / name).read_text())
    write_whole(learned_yaml(found, CLASS, priors, paced), tmp_path / "learned.yaml")
    loaded = load_priors(directory=tmp_path)
    assert loaded.reference_sha256 == CLASS.sha256
    low, high = found.interval()
    for i, name in enumerate(CLASS.indicators):
        if name not in loaded.indicators or loaded.indicators[name].tracks != "intent":
            continue
        for j, outcome in enumerate(OUTCOMES):
            judged = loaded.indicators[name].present[outcome]
            assert judged.quantile(0.1) == pytest.approx(low[i, j], abs=0.001)
            assert judged.quantile(0.9) == pytest.approx(high[i, j], abs=0.001)
            assert judged.why.startswith("Present in ")
        assert loaded.indicators[name].shared == pytest.approx(0.5)
    assert loaded.lasts["full_exit"].quantile(0.1) == pytest.approx(paced.lasts[0], rel=0.07)
    assert {loaded.lasts[o].mu for o in OUTCOMES} == {loaded.lasts["full_exit"].mu}


def test_an_overlay_overrules_what_was_learned(tmp_path):
    overlay = tmp_path / "mine.yaml"
    overlay.write_text(
        "indicators:\n  agreement_or_lease_terminated:\n    present:\n"
        "      retained: {between: [1%, 5%], sure: 80%, why: Judgement}\n"
        "clock:\n  lasts:\n    full_exit: {between: [20, 90], unit: days, why: Judgement}\n"
    )
    loaded = load_priors([overlay])
    judged = loaded.indicators["agreement_or_lease_terminated"].present["retained"]
    assert judged.quantile(0.9) == pytest.approx(0.05)
    assert loaded.lasts["full_exit"].quantile(0.9) == pytest.approx(90)


def test_the_pace_gives_the_completions_back():
    """Theatres simulated at the learned pace complete as the past exits did."""
    priors = load_priors(learned=False)
    paced = completion(CLASS, LEARNING, priors)
    low, high = np.log(paced.lasts)
    rng = np.random.default_rng(9)
    n, starts = 200_000, priors.starts["full_exit"]
    last = np.exp((low + high) / 2 + (high - low) / 2 / norm.ppf(0.9) * rng.standard_normal(n))
    onset = np.exp(starts.mu + starts.sd * rng.standard_normal(n))
    kind = priors.kinds["major"]
    sites = [
        onset * np.exp(priors.site_starts.sd * rng.standard_normal(n))
        # on the S-curve 95 % have gone after 0.811 of the time
        + 0.811 * last * np.exp(priors.site_lasts.sd * rng.standard_normal(n))
        * np.exp(kind.mu + kind.sd * rng.standard_normal(n))
        for _ in range(2)
    ]  # fmt: skip
    days = np.log(np.max(sites, axis=0))
    assert np.exp(np.median(days)) == pytest.approx(paced.median, rel=0.05)
    spread = np.diff(np.quantile(days, [0.1, 0.9]))[0] / 2 / norm.ppf(0.9)
    assert spread == pytest.approx(paced.log_sd, rel=0.05)
    some = replace(CLASS, episodes=tuple(e for e in CLASS.episodes if e.outcome != "full_exit"))
    assert completion(some, LEARNING, priors) is None


def test_scores_by_hand():
    """Two forecasts, every rule written out; the library counts categories from one."""
    stated, came = np.array([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]]), np.array([0, 2])
    found = score(stated, came)
    assert found.rps == pytest.approx([(0.8**2 + 0.5**2) / 2, (0.7**2 + 0.9**2) / 2])
    assert found.log == pytest.approx(-np.log([0.2, 0.1]))
    assert found.brier == pytest.approx([0.64 + 0.09 + 0.25, 0.49 + 0.04 + 0.81])
    gap = difference(found, score(np.full((2, 3), 1 / 3), came))["log"]
    each = -np.log([0.2, 0.1]) - np.log(3)
    assert gap["mean"] == pytest.approx(each.mean())
    assert gap["se"] == pytest.approx(each.std(ddof=1) / np.sqrt(2))
    with pytest.raises(ValueError, match="sum to one"):
        score(np.array([[0.2, 0.3, 0.4]]), np.array([0]))


@pytest.mark.parametrize(
    ("method", "expected"),
    [(climatology, (0.231, 1.118, 0.677)), (naive_bayes, (0.197, 1.092, 0.610))],
)
def test_baselines_score_as_published(method, expected):
    """One case left out, on the twenty collected indicators."""
    coded = code(CLASS.episodes, COLLECTED)
    stated = np.concatenate([method(coded.take(~out), coded.take(out)) for out in OUT])
    means = score(stated, coded.outcome).means()
    assert [means[k] for k in ("rps", "log", "brier")] == pytest.approx(expected, abs=0.0006)


def test_ridge_is_at_its_minimum():
    """No small step from what it states for its own cases lowers the penalised loss of a fresh fit."""
    coded = code(CLASS.episodes, COLLECTED)
    stated = ridge(coded, coded)
    assert stated.sum(axis=1) == pytest.approx(np.ones(42))
    # at the minimum the levels are free, so that mean stated chances are the shares
    assert stated.mean(axis=0) == pytest.approx(coded.shares, abs=1e-3)
    nobody = Coded(np.zeros((1, 20)), np.zeros((1, 20)), np.array([0]))
    assert ridge(coded, nobody)[0] == pytest.approx(coded.shares, abs=0.12)


def test_a_case_is_never_told_its_own_outcome(found):
    """Prediction reads codes alone."""
    flipped = replace(CODED, outcome=(CODED.outcome + 1) % 3)
    assert found.predict(CODED) == pytest.approx(found.predict(flipped))


@pytest.mark.parametrize(
    ("scopes", "state"),
    [
        (["full"], "present"),
        (["partial"], "absent"),
        ([""], "unknown"),
        (["partial", "full"], "present"),
    ],
)
def test_the_scope_of_an_announcement_is_a_code_of_its_own(tmp_path, scopes, state):
    """Full is a yes, partial a no, an open scope nothing; a later full announcement stands."""
    rows = [
        report(f"2024-12-{12 + n}", "theatre", "official_withdrawal_announcement", "yes", scope=scope,
               origin=f"speech_{n}", grade="A1")
        for n, scope in enumerate(scopes)
    ]  # fmt: skip
    case = syria_with(tmp_path / "case", rows)
    priors = load_priors()
    codes = {c.indicator: c for c in code_indicators(view(case, case.horizon), priors)}
    assert codes["full_exit_announced"].state == state
    assert codes["official_withdrawal_announcement"].state == "present"
