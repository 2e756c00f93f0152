"""Bounds on deceit that follow from the model, and the disturbances of `make robustness`."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from drawdown.answers.assess import ask
from drawdown.answers.retell import Teller, same_priors, same_reports
from drawdown.files.reports import unmade
from drawdown.model.layout import GARRISON
from drawdown.outcomes import OUTCOMES
from robustness import AS_OF, MARK, PAGE, SYRIA, Files, disturbances, telling, wave, without_site
from small import DAY, PRIORS, ROWS, small_assessment, small_question


@pytest.fixture(scope="module")
def syria():
    """Files of Syria, and the question that they ask."""
    files = Files.of(SYRIA)
    return files, files.ask(PRIORS, AS_OF)


@pytest.fixture(scope="module")
def teller(tmp_path_factory):
    """A fit of the small case."""
    return Teller(small_assessment(small_question(tmp_path_factory.mktemp("robust"), ROWS)))


def test_a_media_wave_is_one_vote(syria):
    """Fifty publishers of one image are its origin once: not a number differs."""
    files, q = syria
    waved = files.plus(*wave(files.rows, own=True)).ask(PRIORS, AS_OF)
    assert len(waved.case.reports) == len(q.case.reports) + 50
    assert same_reports(waved, q)
    assert np.array_equal(waved.log_politics, q.log_politics)
    assert all(same_priors(waved, q, h) for h in OUTCOMES)


def test_a_word_repeated_by_its_collector_is_one_vote(syria):
    """A ministry that says the same each day has said it once."""
    files, _ = syria
    rows = [
        dict(
            files.rows[0],
            date=f"2025-01-{day:02d}",
            until="",
            published="",
            site="theatre",
            indicator="full_exit_announced",
            observed="yes",
            origin=f"word_{day}",
            collector="Ministry",
            grade="C3",
            x_id=f"word{day}",
        )
        for day in range(3, 28)
    ]
    once, often = files.plus(rows[0]), files.plus(*rows)
    assert np.array_equal(once.ask(PRIORS, AS_OF).log_politics, often.ask(PRIORS, AS_OF).log_politics)


def most(right: float, noise: float) -> float:
    """Greatest move of a probability by one report that is right with this chance.

    Its likelihood lies between (1 - right) * noise and that plus `right`, whatever is true. A ratio L of
    likelihoods moves no probability by more than (sqrt(L) - 1) / (sqrt(L) + 1).
    """
    root = np.sqrt(1.0 + right / ((1.0 - right) * noise))
    return float((root - 1.0) / (root + 1.0))


@pytest.mark.parametrize("grade", ["A1", "C3", "F6"])
def test_a_planted_report_moves_no_more_than_its_grade_allows(teller, grade):
    """Every site and indicator, none or some counted: the bound of the grade holds for each outcome."""
    q, right = teller.base.question, PRIORS.chance_right("planted", grade)
    day = DAY - timedelta(days=2)
    largest = 0.0
    for site, indicator in sorted(telling(q)):
        kind = PRIORS.indicators[indicator]
        if kind.tracks == "intent":
            continue
        flow = "out" if kind.tracks == "pace" else ""
        bare = unmade(site, indicator, "no", day, day, origin="planted", grade=grade, flow=flow)
        for count in (0, 1) if kind.of == GARRISON else (0, 1, 6, 30):
            report = replace(bare, lo=count, hi=count, collector="planted")
            case = replace(q.case, reports=(*q.case.reports, report))
            asked = ask(case, PRIORS, DAY, 1)
            (group,) = [n for n, (who, _) in enumerate(asked.observations.groups) if who == "planted"]
            noise = float(np.exp(asked.observations.arrays["log_noise"][group]))
            told = teller.reweighted(asked)
            move = np.abs(told.outcomes - teller.base.weighed.outcomes).max()
            assert move <= most(right, noise) + 1e-9, (site, indicator, count)
            largest = max(largest, float(move))
    assert largest > 0.0
    if grade == "F6":
        assert largest < 0.02


def test_one_report_that_nobody_graded_hardly_moves_politics(syria):
    """In the political strand alone, which is exact: every indicator, said to be so or not to be so."""
    _, q = syria
    day, largest = q.view.as_of - timedelta(days=2), 0.0

    def alone(asked):
        joint = asked.besides.base_rates * np.exp(asked.log_politics)
        return joint / joint.sum()

    for code in q.codes:
        for said in ("yes", "no"):
            bare = unmade("theatre", code.indicator, said, day, day, origin="planted", grade="F6")
            report = replace(bare, collector="planted")
            case = replace(q.case, reports=(*q.case.reports, report))
            asked = ask(case, PRIORS, q.view.as_of, 1)
            largest = max(largest, float(np.abs(alone(asked) - alone(q)).max()))
    assert 0.0 < largest < 0.02


def test_worse_grades_are_believed_less(teller):
    """The same report moves the answer the less, the worse its grade."""
    q, day, moves = teller.base.question, DAY - timedelta(days=2), []
    for grade in ("A1", "B2", "C3", "D4", "F6"):
        report = unmade("base", "perimeter_held", "no", day, day, origin="planted", grade=grade)
        asked = ask(replace(q.case, reports=(*q.case.reports, report)), PRIORS, DAY, 1)
        moves.append(np.abs(teller.reweighted(asked).outcomes - teller.base.weighed.outcomes).max())
    assert moves == sorted(moves, reverse=True)
    assert moves[0] > 2 * moves[-1]


def test_every_disturbance_can_be_read_and_disturbs(syria):
    """Files of every row of the table pass the checks and ask another question; but for the wave."""
    files, q = syria
    unmoved = []
    for group, name, disturbed in disturbances(files, PRIORS):
        asked = disturbed.ask(PRIORS, AS_OF)
        same = asked.layout == q.layout and same_reports(asked, q) and asked.horizon == q.horizon
        if same and np.array_equal(asked.log_politics, q.log_politics):
            unmoved.append((group, name))
    assert unmoved == [("a media wave", "50 publishers carry one image, its origin named")]


def test_a_site_is_left_out_whole(syria):
    files, _ = syria
    q = without_site(files, "tartus").ask(PRIORS, AS_OF)
    assert q.layout.sites == ("hmeimim", "qamishli", "inland")
    assert not q.case.blocked


def test_the_page_has_a_place_for_the_table():
    assert len(MARK.findall(PAGE.read_text(encoding="utf-8"))) == 1
