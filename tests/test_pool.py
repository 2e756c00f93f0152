"""Finished forecasts combined: by hand, and read from where they stand."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawdown.answers.pool import METHODS, pool, record
from drawdown.errors import InputError
from drawdown.files.case import load_case
from drawdown.files.forecasts import Forecast, read_weights
from drawdown.files.issued import append, issued_file
from drawdown.outcomes import OUTCOMES
from fresh import imports
from test_issued import HORIZON, SLOW, at, line, run, write_run

SURE = {"retained": 0.1, "partial_redeployment": 0.1, "full_exit": 0.8}
EVEN = {"retained": 0.4, "partial_redeployment": 0.4, "full_exit": 0.2}


def said(name: str, *chances: float) -> Forecast:
    day = date(2025, 1, 10)
    return Forecast(name, name, "tiny", day, HORIZON, dict(zip(OUTCOMES, chances, strict=True)))


ONE, TWO, THREE = said("one", 0.1, 0.1, 0.8), said("two", 0.4, 0.4, 0.2), said("three", 0.5, 0.3, 0.2)


def test_log_odds_by_hand():
    """Roots of products: 0.2, 0.2 and 0.4, which scale to a quarter, a quarter and a half."""
    assert pool([ONE, TWO]).outcomes == pytest.approx([0.25, 0.25, 0.5])


def test_linear_and_median_by_hand():
    assert pool([ONE, TWO, THREE], "linear").outcomes == pytest.approx([1 / 3, 0.8 / 3, 0.4])
    # medians 0.4, 0.3 and 0.2 sum to 0.9
    assert pool([ONE, TWO, THREE], "median").outcomes == pytest.approx([4 / 9, 3 / 9, 2 / 9])
    # of two, half way
    assert pool([ONE, TWO], "median").outcomes == pytest.approx([0.25, 0.25, 0.5])


def test_weights_by_hand():
    assert pool([ONE, TWO], "linear", [3, 1]).outcomes == pytest.approx([0.175, 0.175, 0.65])
    odds = 0.8**0.75 * 0.2**0.25 / (0.1**0.75 * 0.4**0.25)
    assert pool([ONE, TWO], "log", [3, 1]).outcomes[2] == pytest.approx(odds / (odds + 2))
    assert pool([ONE, TWO, THREE], "median", [3, 1, 1]).outcomes == pytest.approx([0.1, 0.1, 0.8])
    for method in METHODS:
        assert pool([ONE, TWO], method, [0, 2]).outcomes == pytest.approx([0.4, 0.4, 0.2])


def test_the_spread_is_that_of_the_forecasts():
    found = record(pool([ONE, TWO, THREE]))
    assert found["range"]["full_exit"] == [0.2, 0.8]
    pairs = {tuple(pair["between"]): pair["distance"] for pair in found["disagreement"]["pairs"]}
    assert pairs == {
        ("one", "two"): pytest.approx(0.6),
        ("one", "three"): pytest.approx(0.6),
        ("two", "three"): pytest.approx(0.1),
    }
    assert found["disagreement"]["mean"] == pytest.approx(1.3 / 3)


def test_who_rules_an_outcome_out_rules_it_out_of_the_log_pool():
    certain = said("certain", 1.0, 0.0, 0.0)
    found = pool([certain, ONE])
    assert found.outcomes == pytest.approx([1.0, 0.0, 0.0])
    assert found.vetoes == (("certain", "partial_redeployment"), ("certain", "full_exit"))
    assert pool([certain, ONE], weights=[0, 1]).vetoes == ()
    with pytest.raises(InputError, match="ruled out by somebody"):
        pool([certain, said("other", 0.0, 0.5, 0.5)])


chances = st.lists(st.floats(0.001, 1.0), min_size=3, max_size=3).map(lambda v: np.array(v) / sum(v))


@given(st.lists(chances, min_size=2, max_size=6), st.sampled_from(METHODS), st.randoms())
def test_what_every_pool_keeps(all_chances, method, random):
    """It is a distribution, no order matters, and those who agree are not changed."""
    forecasts = [said(str(n), *row) for n, row in enumerate(all_chances)]
    found = pool(forecasts, method)
    assert found.outcomes.sum() == pytest.approx(1.0)
    assert (found.outcomes >= 0.0).all()
    shuffled = random.sample(forecasts, len(forecasts))
    assert pool(shuffled, method).outcomes == pytest.approx(found.outcomes)
    same = [said(str(n), *all_chances[0]) for n in range(3)]
    assert pool(same, method).outcomes == pytest.approx(all_chances[0])
    if method == "linear":
        assert (found.outcomes >= found.chances.min(axis=0) - 1e-12).all()
        assert (found.outcomes <= found.chances.max(axis=0) + 1e-12).all()


@given(chances, chances, chances)
def test_the_log_pool_keeps_pace_with_evidence(one, two, likelihood):
    """Pooling and then learning what all learn is learning and then pooling; of linear it is not so."""

    def learned(p):
        return p * likelihood / (p * likelihood).sum()

    before = pool([said("a", *one), said("b", *two)]).outcomes
    after = pool([said("a", *learned(one)), said("b", *learned(two))]).outcomes
    assert after == pytest.approx(learned(before))


@pytest.mark.parametrize(
    ("text", "weights"),
    [("2,1", [2, 1]), ("two=3", [1, 3]), ("one=0,two=0.5", [0, 0.5])],
)
def test_weights_are_read(text, weights):
    assert read_weights(text, ["one", "two"]) == weights


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1,2,3", "3 weights; expected 2"),
        ("tow=2", "`tow`; expected one of `one`, `two`; did you mean `two`"),
        ("one=-1", "`-1`; expected a number from 0 on"),
        ("nan,1", "`nan`; expected a number"),
        ("0,0", "no weight above 0"),
        ("two=1,3", "`3`; expected one of"),
    ],
)
def test_weights_are_refused(text, told):
    with pytest.raises(InputError) as raised:
        read_weights(text, ["one", "two"])
    assert told in str(raised.value)


@pytest.fixture
def case(tiny_case, priors, monkeypatch):
    monkeypatch.chdir(tiny_case.parent)
    return load_case(Path("tiny"), priors)


@pytest.fixture
def issued(case):
    """A report, and three lines: the desk twice."""
    write_run(case, stated=SURE)
    for n, stated in enumerate((SURE, EVEN)):
        append(issued_file("tiny"), line(at(2 + n), stated=stated))
    append(issued_file("tiny"), line(at(5), by="model", stated=SURE, model=SURE))
    return Path("reports/tiny")


def printed(*words):
    done = run("pool", *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), done.stderr


def test_a_case_is_everybodys_last_line(issued):
    for what in ("tiny", issued / "issued.csv"):
        found, _ = printed(what)
        assert [f["name"] for f in found["forecasts"]] == ["desk", "model"]
        assert found["forecasts"][0]["source"] == "reports/tiny/issued.csv:3"
        assert found["outcomes"]["full_exit"] == pytest.approx(0.5)


def test_reports_and_single_lines(issued):
    found, warned = printed(issued / "latest", f"{issued}/issued.csv:2", "--method", "linear")
    assert [f["name"] for f in found["forecasts"]] == ["latest", "desk"]
    assert found["outcomes"]["full_exit"] == pytest.approx(0.8)
    assert "forecasts as of 2025-01-10 to 2025-12-01" in warned
    again, _ = printed(f"{issued}/issued.csv:2", f"{issued}/issued.csv:3", "--weights", "0,1")
    assert [f["name"] for f in again["forecasts"]] == [
        "reports/tiny/issued.csv:2",
        "reports/tiny/issued.csv:3",
    ]
    assert again["outcomes"]["full_exit"] == pytest.approx(0.2)


def test_the_table_shows_pool_and_range(issued):
    done = run("pool", "tiny", "--weights", "model=3")
    assert done.exit_code == 0, done.output
    assert "pool (log)" in done.stdout
    assert "20.0 to 80.0 %" in done.stdout
    assert "Two forecasts differ by 60.0 points" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "no forecast here"),
        (["reports/tiny/latest"], "1 forecast; expected at least two"),
        (["reports/tiny/latest", "reports/tiny/latest"], "given twice"),
        (["reports/tiny/issued.csv:9", "tiny"], "issued.csv:9: no such line"),
        (["tiny", "other"], "is about tiny on 2026-01-01; expected tiny on 2025-12-08"),
        (["tiny", "--method", "lineer"], "did you mean `linear`"),
    ],
)
def test_bad_forecasts_exit_2(issued, case, words, told):
    write_run(case, "../../other", horizon="2026-01-01")
    done = run("pool", *words)
    assert done.exit_code == 2, done.output
    assert told in " ".join(done.stderr.split())


def test_a_failed_report_is_not_pooled(issued, case):
    write_run(case, "failed", passed=False)
    done = run("pool", "tiny", "reports/tiny/failed")
    assert done.exit_code == 3
    assert "not for citation" in done.stderr


def test_the_command_needs_numpy_alone(issued):
    assert imports(["pool", "tiny", "--json"], SLOW) == []
