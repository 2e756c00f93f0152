"""Learning and scoring end to end, on a class small enough to know the answer."""

import json

import numpy as np
import pytest
from scipy.special import expit, logit, logsumexp
from typer.testing import CliRunner

from drawdown.answers.learn import Learner
from drawdown.answers.score import held_out, left_out
from drawdown.cli import app
from drawdown.errors import InputError
from drawdown.files.learning import load_learning
from drawdown.files.reference import load_reference
from drawdown.model.episodes import NARROWED, Coded, log_likelihood

OUTCOMES = ("retained", "partial_redeployment", "full_exit")
LEARNING = load_learning()


def write_class(folder, outcomes, codes, names=("demand", "invite")):
    """Cases named by number, in clusters of two, with codes such as `1N`."""
    folder.mkdir()
    cases = ["case_id,name,outcome,cluster,near_settled,outcome_confidence"]
    rows = ["case_id,indicator,coded"]
    for n, (outcome, coded) in enumerate(zip(outcomes, codes, strict=True)):
        settled = "true" if n == 0 else "false"
        cases.append(f"K{n},Case {n},{OUTCOMES[outcome]},c{n // 2},{settled},high")
        rows += [f"K{n},{name},{'NA' if c == 'N' else c}" for name, c in zip(names, coded, strict=True)]
    (folder / "cases.csv").write_text("\n".join(cases) + "\n")
    (folder / "indicators.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "class"
    codes = ["10", "11", "1N", "00", "01", "N1", "00", "01", "11"]
    return write_class(folder, [2, 2, 2, 1, 1, 1, 0, 0, 0], codes)


@pytest.fixture(scope="module")
def learner(small):
    return Learner(load_reference(small), LEARNING)


def by_brute_force(learner, kept, test):
    """The same posterior by weighing 400,000 draws of the prior: no sampler, no compiled model."""
    rng, n, size = np.random.default_rng(4), 400_000, len(learner.indicators)
    rate = NARROWED + (1 - 2 * NARROWED) * rng.random((n, size))
    cases = np.exp(LEARNING.pseudo_cases.mu + LEARNING.pseudo_cases.sd * rng.standard_normal(n))
    loading = np.exp(LEARNING.loading.mu + LEARNING.loading.sd * rng.standard_normal(n))
    spread = 1 / np.sqrt(cases[:, None] * rate * (1 - rate))
    chance = expit(logit(rate)[..., None] + spread[..., None] * rng.standard_normal((n, size, 3)))
    train, weight = learner.coded.take(kept), learner.weights(kept)[kept]
    log = np.zeros(n)
    said = np.zeros((n, len(test.outcome), 3))
    for part in np.array_split(np.arange(n), 40):
        each = log_likelihood(chance[part], loading[part], train)
        log[part] = each[:, np.arange(len(train.outcome)), train.outcome] @ weight
        said[part] = log_likelihood(chance[part], loading[part], test)
    total = logsumexp(said + log[:, None, None], axis=0) + np.log(train.shares)
    return np.exp(total - logsumexp(total, axis=1, keepdims=True))


def test_fits_equal_brute_force(learner):
    """What is stated of a case left out, with weights and gaps, to the Monte Carlo error."""
    kept = np.ones(9, dtype=bool)
    kept[4] = False
    every = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=float)
    test = Coded(every, np.ones((4, 2)), np.zeros(4, dtype=int))
    stated = learner.fit(kept, seed=1, whole=True).predict(test)
    assert stated == pytest.approx(by_brute_force(learner, kept, test), abs=0.01)


def test_left_out_cases_teach_nothing(learner):
    """A case with other codes and another outcome is forecast the same where it is left out."""
    trial = left_out(learner, frozenset({"demand"}), seed=1)
    assert trial.cases == tuple(f"K{n}" for n in range(9))
    kept = np.ones(9, dtype=bool)
    kept[8] = False
    weights = learner.weights(kept)
    coded = learner.coded
    other = Coded(coded.present.copy(), coded.known.copy(), coded.outcome.copy())
    other.present[8], other.known[8], other.outcome[8] = (0, 0), (1, 0), 2
    size = {"draws": 200, "tune": 200}
    same = learner.draw(coded, weights, 5, size).flat, learner.draw(other, weights, 5, size).flat
    assert np.array_equal(*same)


def test_scores_keep_the_contract(small, tmp_path):
    """Keys of `score --json`, with a second folder that lacks an indicator and has its own cases."""
    other = write_class(tmp_path / "other", [2, 1, 0], ["1", "0", "N"], names=("demand",))
    arguments = ["score", "--reference", str(small), "--holdout", str(other), "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    for part, n in (("loo", 9), ("loco", 9), ("without_near_settled", 8), ("holdout", 3)):
        assert found[part]["n"] == n
        assert set(found[part]) >= {"rps", "log", "brier", "joint_draws", "baselines", "less"}
        assert 0 < found[part]["brier"] < 2
    assert set(found["baselines"]) == {"climatology", "naive_bayes", "ridge"}
    assert len(found["cases"]) == 12
    for case in found["cases"]:
        assert sum(case["probability"].values()) == pytest.approx(1)
        assert case["log"] == pytest.approx(-np.log(case["probability"][case["outcome"]]))
    # a case of which nothing is known gets the shares of the class
    assert found["cases"][-1]["probability"] == pytest.approx(dict.fromkeys(OUTCOMES, 1 / 3))


def test_an_indicator_that_was_never_learned_is_refused(learner, tmp_path):
    other = write_class(tmp_path / "other", [2], ["1"], names=("demnd",))
    found = learner.read(
        learner.draw(
            learner.coded, learner.weights(np.ones(9, dtype=bool)), 1, {"draws": 50, "tune": 50}
        ),
        learner.coded.shares,
    )
    with pytest.raises(InputError, match="did you mean `demand`"):
        held_out(found, learner, load_reference(other), frozenset())
