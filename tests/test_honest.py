"""A fit that means nothing says so: what is wrong is detected, exits 3, and says what to do."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from drawdown.answers import assess as asking
from drawdown.answers import fitness as usual
from drawdown.answers.assess import assemble, assess, fit_each, fit_hypothesis
from drawdown.answers.fitness import NAME, check_prior
from drawdown.cli import app
from drawdown.errors import FitError
from drawdown.inference.bridge import Density, bridge
from drawdown.inference.fitted import QUICK
from drawdown.inference.gate import Reading, failures
from drawdown.inference.sample import Sampler
from drawdown.model import noise
from drawdown.outcomes import OUTCOMES
from small import PRIORS, ROWS, row, small_case, small_question

ABSURD = row("2024-12-21", "base", "combat_aircraft", "5000", "rumour")
ECHO = row("2024-12-21", "base", "transports_on_apron", "4000", "echo", flow="out")
"""One wild count is what a mistake may say; a second, of a source that is mostly right, is too much."""
TORN = [
    row("2024-12-28", "base", "combat_aircraft", ("0", "40")[n % 2], f"look_{n}", grade="A1")
    for n in range(30)
]


def quick(folder, rows, sampler):
    return assess(small_question(folder, rows), quick=True, sampler=sampler)


def fit_of(a) -> Reading:
    (found,) = [r for r in a.readings if r.name == NAME]
    return found


def test_usual_reports_are_usual(tmp_path, sampler):
    a = quick(tmp_path, ROWS, sampler)
    assert fit_of(a).passed
    assert all(0.02 < f.joint < 0.98 for f in a.fitness.values())
    assert all((f.each > 0.01).all() for f in a.fitness.values())
    assert quick(tmp_path, [], sampler).passed


@pytest.mark.parametrize("rows", [[*ROWS, ABSURD, ECHO], [*ROWS, *TORN]], ids=["absurd", "torn"])
def test_reports_that_no_hypothesis_makes_fail(tmp_path, sampler, rows):
    # chains that disagree here are not drawn further: that is tested below
    q, once = small_question(tmp_path, rows), replace(QUICK, again=False)
    a = assemble(q, fit_each(q, OUTCOMES, sampler, once), quick=True)
    assert not fit_of(a).passed and not a.passed
    assert all(f.joint < usual.MIN_CHANCE for f in a.fitness.values())


def test_the_least_likely_report_is_named(tmp_path, sampler):
    a = quick(tmp_path, [*ROWS, ABSURD], sampler)
    told = usual.summary(a.fitness, a.question.observations)
    assert told["least_likely"][0]["origin"] == "rumour"
    assert max(told["least_likely"][0]["chance"].values()) < usual.MIN_CHANCE
    assert told["least_likely"][1]["chance"]["retained"] > 0.02
    json.dumps(told, allow_nan=False)


def test_a_mistake_that_grades_allow_for_is_no_failure(tmp_path, sampler):
    """A false report of a doubtful source is what the chance of error is for."""
    false = row("2024-12-23", "base", "combat_aircraft", "60", "doubtful", grade="D4")
    assert fit_of(quick(tmp_path, [*ROWS, false], sampler)).passed


def test_reports_that_the_model_made_are_as_usual_as_not(tmp_path, sampler):
    """Made again by the very draws, the rank is uniform: the measure of both is the same."""
    q = small_question(tmp_path, ROWS)
    fit = fit_hypothesis(q, "retained", sampler, QUICK)
    flat, hyper, obs = fit.draws, q.hyper["retained"], q.observations.arrays
    heard = asking.hear(flat, hyper, obs, q.layout)
    state, fate = heard.state, asking.foresee(q, "retained", heard).fate
    rng, found = np.random.default_rng(1), []
    for pick in np.linspace(0, len(flat) - 1, 100).astype(int):
        one = state.take(np.array([pick]))
        at = fate[pick][obs["group_site"][q.observations.group_of]]
        mean = usual._means(one, obs)[0, np.arange(len(at)), at]
        right = rng.random(len(q.observations.groups)) < np.exp(obs["log_right"])
        right = right[q.observations.group_of]
        rate = mean * rng.gamma(q.observations.size, 1.0 / q.observations.size)
        false = noise.draw(q.observations.noise_middle, rng, rate.shape)
        counts = np.where(right, rng.poisson(rate), false).astype(float)
        made = q.observations.recount(counts, counts)
        # from this draw alone: then nothing is conservative
        many = np.full(200, pick)
        fit_of_it = usual.fitness(state.take(many), fate[many], made, rng)
        found.append((fit_of_it.unlikely, fit_of_it.mistaken))
    assert np.shape(found) == (100, 2)
    assert (abs(np.mean(found, axis=0) - 0.5) < 0.1).all()
    assert (np.std(found, axis=0) > 0.22).all() and (np.std(found, axis=0) < 0.36).all()
    assert (np.mean(np.array(found) < 0.05, axis=0) < 0.13).all()


def run(folder, monkeypatch, rows, *more):
    monkeypatch.chdir(folder)
    small_case(folder, rows)
    return CliRunner().invoke(app, ["assess", "small", "--quick", "--as-of", "2024-12-31", *more])


def test_the_command_exits_3_stamps_and_says_what_to_do(tmp_path, monkeypatch):
    done = run(tmp_path, monkeypatch, [*ROWS, ABSURD, ECHO])
    assert done.exit_code == 3
    assert done.stdout == ""
    assert "no outcome explains these reports" in done.stderr
    assert "is not for citation" in done.stderr
    report = tmp_path / "reports" / "small" / "2024-12-31+quick"
    record = json.loads((report / "assessment.json").read_text())
    assert record["diagnostics"]["passed"] is False
    assert record["diagnostics"]["fit"]["least_likely"][0]["origin"] in ("rumour", "echo")
    page = (report / "brief.md").read_text()
    assert "not for citation" in page.lower() and NAME in page


def test_a_model_made_to_diverge_exits_3_and_says_what_to_do(tmp_path, monkeypatch):
    real = Sampler.of_case

    def of_case(layout, data):
        made = real(layout, data)
        plain = made.fit
        # steps far too long for the curvature: what a badly scaled model does
        made.fit = lambda data, **how: plain(data, **how | {"target_accept": 0.3, "tune": 150})
        return made

    monkeypatch.setattr(Sampler, "of_case", staticmethod(of_case))
    done = run(tmp_path, monkeypatch, ROWS)
    assert done.exit_code == 3, done.output
    assert "divergent draws" in done.stderr
    assert "To do: run again" in done.stderr and "posterior.csv" in done.stderr


def still(chains=4, draws=200, parameters=3):
    return np.zeros((chains, draws, parameters))


@pytest.mark.parametrize(
    ("draws", "density"),
    [
        (still(), lambda x: np.zeros(len(x))),
        (np.random.default_rng(1).standard_normal((4, 200, 3)), lambda x: np.full(len(x), np.nan)),
        (np.random.default_rng(1).standard_normal((4, 200, 3)), lambda x: np.full(len(x), -np.inf)),
        (np.random.default_rng(1).standard_normal((4, 200, 1)).repeat(3, axis=2), lambda x: x[:, 0]),
    ],
    ids=[
        *("draws that stand still", "a density that is no number", "a density of nothing"),
        "draws on one line",
    ],
)
def test_a_bridge_that_does_not_settle_says_what_to_do(draws, density):
    with pytest.raises(FitError, match="does not settle.*To do: run again"), np.errstate(all="ignore"):
        bridge(
            draws, Density(density, lambda x: -x, lambda x: x[:, 0]), np.random.default_rng(1), 2000, 400
        )


def test_a_bridge_that_does_not_settle_exits_3(tmp_path, monkeypatch):
    monkeypatch.setattr("drawdown.inference.bridge.MAX_ROUNDS", 1)
    done = run(tmp_path, monkeypatch, ROWS)
    assert done.exit_code == 3
    assert "does not settle" in done.stderr and "To do: " in done.stderr
    assert not (tmp_path / "reports" / "small" / "2024-12-31+quick").exists()


def test_an_answer_that_is_not_sharp_is_drawn_longer(tmp_path, sampler, monkeypatch):
    """The same chains, three times as long; and what they integrate to is the sharper for it."""
    q = small_question(tmp_path, ROWS)
    plain = assess(q, quick=True, sampler=sampler)
    monkeypatch.setattr(asking, "MAX_MCSE", 1e-6)
    longer = assess(q, quick=True, sampler=sampler)
    for h in OUTCOMES:
        assert len(longer.fits[h].draws) == 3 * QUICK.kept
    errors = [sum(fit.evidence.se for fit in a.fits.values()) for a in (longer, plain)]
    assert errors[0] < errors[1]
    assert np.abs(longer.weighed.outcomes - plain.weighed.outcomes).max() < 4 * plain.mcse.max()


def test_weights_that_collapse_exit_3_and_say_what_to_do(tmp_path, monkeypatch):
    real = asking.prior_run

    def collapsed(q, h):
        found = real(q, h)
        weights = np.full(len(found.weights), 1e-12)
        weights[np.argmax(found.outcome == OUTCOMES.index(h))] = 1.0
        return replace(found, weights=weights) if h == "full_exit" else found

    monkeypatch.setattr(asking, "prior_run", collapsed)
    done = run(tmp_path, monkeypatch, ROWS)
    assert done.exit_code == 3
    assert "the prior of full exit only 1 count. To do: " in done.stderr


def test_weights_that_are_no_numbers_have_collapsed():
    with pytest.raises(FitError):
        check_prior({"retained": np.full(1000, np.nan)})
    check_prior({h: np.ones(1000) for h in OUTCOMES})


def test_base_rates_out_of_reach_are_bad_input(tmp_path, monkeypatch):
    """An exit that takes decades is none by the horizon, whatever base rate is stated for it."""
    slow = "".join(f"    {o}: {{between: [20000, 30000], unit: days, why: x}}\n" for o in OUTCOMES)
    (tmp_path / "slow.yaml").write_text(f"clock:\n  lasts:\n{slow}")
    done = run(tmp_path, monkeypatch, [], "--priors", "slow.yaml")
    assert done.exit_code == 2, done.output
    assert "expected base rates that paths and late starts allow" in done.stderr


def test_every_check_of_the_gate_says_what_to_do(tmp_path, sampler):
    readings = quick(tmp_path, ROWS, sampler).readings
    assert all(reading.advice for reading in readings)
    failed = [replace(r, limit=np.inf if r.floor else -np.inf) for r in readings]
    said = failures(failed)
    assert all(r.name in said and r.advice in said for r in failed)
    assert said.count("run again without --quick, or with another --seed") < len(failed)
    assert PRIORS
