"""The whole assessment: what must not move it, and what it says when nothing is known."""

from datetime import date

import numpy as np
import pytest

from cases import report, syria_rows, syria_with
from drawdown.answers.assess import ask, assess
from drawdown.answers.summarise import summarise
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.files.view import view
from drawdown.inference.sample import Sampler
from drawdown.outcomes import OUTCOMES

PRIORS = load_priors()
EARLY = date(2024, 12, 16)


def question(folder, rows, as_of=EARLY, seed=1):
    """Ask of the sites of Syria with other reports."""
    return ask(syria_with(folder, rows, PRIORS), PRIORS, as_of, seed)


def same_arrays(a, b):
    """Whether two questions give the model the same numbers."""
    ours, theirs = a.observations.arrays, b.observations.arrays
    return all(np.array_equal(ours[name], theirs[name]) for name in ours)


@pytest.fixture(scope="module")
def sampler(tmp_path_factory):
    """One compiled model for every test of this file."""
    q = question(tmp_path_factory.mktemp("compile"), syria_rows())
    return Sampler.of_case(q.layout, q.hyper["retained"] | q.observations.arrays)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory, sampler):
    """The shipped case as of 16 December 2024, with few draws."""
    q = question(tmp_path_factory.mktemp("shipped"), syria_rows())
    return assess(q, quick=True, sampler=sampler)


def test_no_reports_give_the_base_rates_back(tmp_path, sampler):
    a = assess(question(tmp_path, []), quick=True, sampler=sampler)
    # the trigger's own fact, that the host's government fell, is part of the case; without it:
    silent = a.question.besides.base_rates
    from drawdown.answers.summarise import strands

    physical = [strands(a)["physical"][o] for o in OUTCOMES]
    assert np.abs(np.array(physical) - silent).max() < 4 * a.mcse.max() + 0.005


def test_same_inputs_same_json_whatever_is_garbled(tmp_path, sampler, shipped):
    """Later rows, the resolution, the forecaster's own columns and the order of rows have no say."""
    rows = []
    for row in reversed(syria_rows()):
        published = row["published"] or row["until"] or row["date"]
        later = published > EARLY.isoformat()
        garbled = {"observed": "no", "grade": "A1"} if later and not row["flow"] else {}
        rows.append(row | garbled)
    bare = [{k: v for k, v in row.items() if not k.startswith("x_")} for row in rows]
    case = syria_with(tmp_path, bare, PRIORS)
    text = (tmp_path / "case.yaml").read_text()
    assert "outcome: partial_redeployment" in text
    text = text.replace("outcome: partial_redeployment", "outcome: full_exit")
    (tmp_path / "case.yaml").write_text(text)
    q = ask(load_case(tmp_path, PRIORS), PRIORS, EARLY, 1)
    assert q.case.resolved != case.resolved
    assert same_arrays(q, shipped.question)
    again = assess(q, quick=True, sampler=sampler)
    one, two = summarise(shipped, [], []), summarise(again, [], [])
    one.pop("case"), two.pop("case")
    assert one == two


def test_a_repost_adds_nothing(tmp_path):
    """The same origin through another publisher is the same vote."""
    rows = syria_rows()
    loud = [r for r in rows if r["origin"].startswith("maxar_20241213")]
    assert loud
    reposts = [r | {"publisher": "Another Daily", "url": "https://example.org/b"} for r in loud]
    assert same_arrays(question(tmp_path / "a", rows), question(tmp_path / "b", rows + reposts))


def test_a_gate_over_a_silent_window_changes_only_exposure(tmp_path):
    """Looks into a window in which nothing could move lose their exposure, and nothing else moves."""
    quiet = report("2025-01-08", "tartus", "ships_loading", "no", until="2025-01-14")
    day = date(2025, 1, 31)
    gated = question(tmp_path / "a", [quiet], day)
    free = ask(view_without_gates(syria_with(tmp_path / "b", [quiet], PRIORS)), PRIORS, day, 1)
    for name, value in gated.observations.arrays.items():
        if name != "p_open":
            assert np.array_equal(value, free.observations.arrays[name]), name
    assert gated.observations.arrays["p_open"].tolist() == [0.0]
    assert free.observations.arrays["p_open"].tolist() == [1.0]


def view_without_gates(case):
    """The case with no gate."""
    from dataclasses import replace

    return replace(case, blocked=())


def test_a_gated_silence_says_nothing(tmp_path, sampler):
    """Seven days of no ship behind a closed gate leave the outcomes where they were."""
    quiet = report("2025-01-08", "tartus", "ships_loading", "no", until="2025-01-14", grade="A1")
    day = date(2025, 1, 31)
    with_look = assess(question(tmp_path / "a", [quiet], day), quick=True, sampler=sampler)
    without = assess(question(tmp_path / "b", [], day), quick=True, sampler=sampler)
    move = np.abs(with_look.weighed.outcomes - without.weighed.outcomes)
    assert move.max() < 4 * max(with_look.mcse.max(), without.mcse.max())


def test_an_outpost_without_its_protector_says_little(tmp_path, sampler):
    """The inland posts close under every hypothesis: their closing is no sign of the coast."""
    closing = [
        report("2024-12-14", "inland", "perimeter_held", "no", origin="look_1"),
        report("2024-12-15", "inland", "perimeter_held", "no", origin="look_2"),
        report("2024-12-12", "inland", "posts_vacated", ">=20", until="2024-12-15", flow="out"),
    ]
    before = assess(question(tmp_path / "a", []), quick=True, sampler=sampler)
    after = assess(question(tmp_path / "b", closing), quick=True, sampler=sampler)
    move = after.weighed.outcomes - before.weighed.outcomes
    assert abs(move[OUTCOMES.index("full_exit")]) < 0.03


def test_what_is_printed_adds_up(shipped):
    """The summary keeps the contract's sums."""
    summary = summarise(shipped, [], [])
    assert sum(o["probability"] for o in summary["outcomes"].values()) == pytest.approx(1.0)
    assert sum(h["posterior"] for h in summary["hypotheses"].values()) == pytest.approx(1.0)
    assert summary["outcomes"]["full_exit"]["probability"] < 0.9
    assert set(summary["sites"]) == set(shipped.question.case.sites)
    dates = [row["date"] for row in summary["exit_by"]]
    assert dates == sorted(dates)
    assert dates[-1] == summary["horizon"]


def test_reports_dated_later_are_not_seen(tmp_path):
    """The view ends on the date."""
    q = question(tmp_path, syria_rows())
    assert all(r.published <= EARLY and r.until <= EARLY for r in q.view.reports)
    assert view(q.case, q.case.horizon).day > q.view.day


def test_day_27_check(tmp_path):
    """The physical prior says no more of the outcome by day 27 than 42 past episodes do."""
    from dataclasses import replace

    from drawdown.answers.landmark import landmarks

    case = syria_with(tmp_path, [], PRIORS)
    # that its protector fell is a fact of this case, not of the reference class
    sites = {name: replace(site, fate=None) for name, site in case.sites.items()}
    rows = landmarks(ask(replace(case, sites=sites), PRIORS, None, 1))
    assert [row.indicator for row in rows if not row.agrees] == []
