"""What a finished series says, against numbers worked out by hand."""

import json
from datetime import date

import numpy as np
import pytest

from drawdown.answers.course import counted, largest_movers, predicted, scores, verdict
from drawdown.answers.publish_replay import as_csv
from drawdown.files.reference import Episode, ReferenceClass
from drawdown.outcomes import OUTCOMES
from drawdown.report.course import alt_course, course_figure

RESOLVED = {"outcome": "partial_redeployment", "near": "retained", "known": date(2026, 1, 1), "why": ""}


def named(*values):
    return dict(zip(OUTCOMES, values, strict=True))


STATED = {"retained": 0.41, "partial_redeployment": 0.23, "full_exit": 0.36}


def dated(day, both, political, codes=None, movers=(), foreseen=None, passed=True):
    return {
        "as_of": day,
        "outcomes": named(*both),
        "mcse": named(0.001, 0.002, 0.003),
        "method": "fitted",
        "passed": passed,
        "strands": {
            "both": named(*both),
            "political": named(*political),
            "physical": named(1 / 3, 1 / 3, 1 / 3),
            "base_rates": named(0.41, 0.23, 0.36),
        },
        "codes": codes or {"invited": "unknown", "demanded": "unknown"},
        "reports": 3,
        "origins": 2,
        "movers": list(movers),
        "foreseen": foreseen,
    }


def episode(outcome, **codes):
    return Episode(outcome, outcome, outcome, "c", "high", False, None, None, codes)


PAST = ReferenceClass(
    (
        episode("retained", demanded=0, invited=1),
        episode("retained", demanded=0),
        episode("partial_redeployment", demanded=1),
        episode("full_exit", demanded=1, invited=0),
    ),
    ("demanded", "invited"),
    "",
)


def test_scores_by_hand():
    """Brier on 0 to 2, the ranked score halved to 0 to 1, the log in nats; means over the dates."""
    days = [
        dated("2025-01-01", (0.2, 0.5, 0.3), (0.1, 0.8, 0.1)),
        dated("2025-01-08", (0.6, 0.3, 0.1), (0.1, 0.8, 0.1)),
    ]
    found = scores(days, STATED, RESOLVED, None)
    rps = [(0.2**2 + 0.3**2) / 2, (0.6**2 + 0.1**2) / 2]
    brier = [0.2**2 + 0.5**2 + 0.3**2, 0.6**2 + 0.7**2 + 0.1**2]
    assert found["by_date"]["rps"] == pytest.approx(rps)
    assert found["by_date"]["brier"] == pytest.approx(brier)
    assert found["by_date"]["log"] == pytest.approx([-np.log(0.5), -np.log(0.3)])
    assert found["scores"]["rps"] == pytest.approx(np.mean(rps))
    assert found["strands"]["political"]["brier"] == pytest.approx(0.01 + 0.04 + 0.01)
    assert found["baselines"]["climatology"]["log"] == pytest.approx(-np.log(0.23))
    assert "naive_bayes" not in found["baselines"]
    near = found["near"]
    assert near["outcome"] == "retained"
    assert near["scores"]["rps"] == pytest.approx(((0.8**2 + 0.3**2) / 2 + (0.4**2 + 0.1**2) / 2) / 2)
    assert scores(days, STATED, RESOLVED | {"near": None}, None)["near"] is None


def test_worse_than_the_political_strand_is_said():
    worse = verdict(
        scores([dated("2025-01-01", (0.6, 0.2, 0.2), (0.1, 0.8, 0.1))], STATED, RESOLVED, None)
    )
    assert any("worse than the political strand alone" in line for line in worse)
    better = verdict(
        scores([dated("2025-01-01", (0.1, 0.8, 0.1), (0.6, 0.2, 0.2))], STATED, RESOLVED, None)
    )
    assert better == []


def test_naive_bayes_by_hand():
    """Half a case to each side; what is mixed or not known says nothing; shares of the outcomes."""
    codes = {"demanded": "present", "invited": "mixed", "unheard_of": "present"}
    quiet = {"demanded": "unknown", "invited": "unknown", "unheard_of": "absent"}
    days = [dated("2025-01-01", (0.2, 0.5, 0.3), (0.2, 0.5, 0.3), c) for c in (codes, quiet)]
    found = counted(days, PAST)
    chance = np.array([0.5 / 3, 1.5 / 2, 1.5 / 2]) * np.array([0.5, 0.25, 0.25])
    assert found[0] == pytest.approx(chance / chance.sum())
    assert found[1] == pytest.approx([0.5, 0.25, 0.25])
    assert scores(days, STATED, RESOLVED, PAST)["baselines"]["naive_bayes"]["log"] == pytest.approx(
        -(np.log(found[0][1]) + np.log(0.25)) / 2
    )


def mover(origin, *delta):
    return {
        "origin": origin,
        "collector": "Maxar <b>$x^^$",
        "date": "2025-01-01",
        "delta_probability": named(*delta),
        "reports": 1,
        "method": "reweighted",
        "khat": 0.1,
    }


def test_the_largest_movers_of_all_dates():
    days = [
        dated("2025-01-01", (0.2, 0.5, 0.3), (0.2, 0.5, 0.3), movers=[mover("a", 0.01, -0.01, 0.0)]),
        dated(
            *("2025-01-08", (0.2, 0.5, 0.3), (0.2, 0.5, 0.3)),
            movers=[mover("b", -0.2, 0.1, 0.1), mover("c", 0.0, 0.02, -0.02)],
        ),
    ]
    found = largest_movers(days, 2)
    assert [(m["origin"], m["as_of"]) for m in found] == [("b", "2025-01-08"), ("c", "2025-01-08")]
    assert found[0]["move"] == pytest.approx(0.2)


def week(ours, theirs, pits):
    each = [{"pit": pit} for pit in pits]
    return {
        "reports": len(each),
        "log_score": ours,
        "persistence": theirs,
        "khat": None,
        "each": each,
    }


def test_predictions_by_hand():
    """Mean difference a week and its standard error; weeks without reports are no weeks."""
    weeks = [week(-2.0, -3.0, [0.05, None]), None, week(-1.0, -5.0, [0.55, 0.95])]
    days = [dated("2025-01-01", (0.2, 0.5, 0.3), (0.2, 0.5, 0.3), foreseen=w) for w in weeks]
    found = predicted(days)
    assert (found["weeks"], found["reports"]) == (2, 4)
    assert found["difference"]["mean"] == pytest.approx(2.5)
    assert found["difference"]["se"] == pytest.approx(np.sqrt(4.5) / np.sqrt(2))
    assert found["difference_a_report"] == pytest.approx(5.0 / 4)
    assert found["pit"]["counts"] == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert found["by_evidence"] == 0
    assert predicted([days[1]]) is None


def test_weights_that_do_not_hold_give_way_to_both_fits():
    """The ratio of marginal likelihoods, over the hypotheses by their chance."""
    first = dated("2025-01-01", (0.2, 0.5, 0.3), (0.2, 0.5, 0.3), foreseen=week(-2.0, -3.0, [None]))
    first["foreseen"]["khat"] = 1.3
    first |= {"hypotheses": named(0.5, 0.25, 0.25), "log_marginal_likelihood": named(-9.0, -9.0, -9.0)}
    then = dated("2025-01-08", (0.2, 0.5, 0.3), (0.2, 0.5, 0.3))
    then["log_marginal_likelihood"] = named(*(np.log([0.1, 0.2, 0.4]) - 9.0))
    found = predicted([first, then])
    assert found["by_evidence"] == 1
    assert found["log_score"] == pytest.approx(np.log(0.5 * 0.1 + 0.25 * 0.2 + 0.25 * 0.4))


def record(passed=True):
    days = [
        dated(f"2025-0{m}-01", (0.2 + 0.05 * m, 0.5 - 0.1 * m, 0.3 + 0.05 * m), (0.2, 0.5, 0.3))
        for m in range(1, 5)
    ]
    days[1]["passed"] = passed
    return {
        "trigger": "2024-12-08",
        "horizon": "2025-12-08",
        "from": "2025-01-01",
        "to": "2025-04-01",
        "base_rates": named(0.41, 0.23, 0.36),
        "resolved": {"outcome": "partial_redeployment", "near": "retained"},
        "movers": [{"as_of": "2025-02-01", "move": 0.1} | mover("a", 0.05, -0.1, 0.05)],
        "diagnostics": {"passed": passed},
        "dates": days,
    }


def test_the_chart_is_the_same_twice_and_never_parses_names(tmp_path):
    """One colour and one shape an outcome; what a stranger wrote stays text."""
    alt = course_figure(record(), tmp_path / "a")
    assert alt == course_figure(record(), tmp_path / "b") == alt_course(record())
    for name in ("course.svg", "course.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    svg = (tmp_path / "a" / "course.svg").read_text()
    assert "Maxar &lt;b&gt;$x^^$" in svg
    for colour in ("#0072b2", "#e69f00", "#d55e00"):
        assert colour in svg
    assert "NOT FOR CITATION" not in svg
    assert "full exit from 35 % to 50 %" in alt
    course_figure(record(passed=False), tmp_path / "c")
    assert "NOT FOR CITATION" in (tmp_path / "c" / "course.svg").read_text()


def test_the_table_of_a_series():
    lines = as_csv(json.loads(json.dumps(record(passed=False)))).splitlines()
    head = lines[0].split(",")
    assert head[:7] == ["as_of", *OUTCOMES, "mcse", "method", "passed"]
    assert lines[2].split(",")[:7] == [
        *("2025-02-01", "0.300000", "0.300000", "0.400000", "0.003000", "fitted", "false")
    ]
    assert len(lines) == 5
