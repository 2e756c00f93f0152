"""Since last time: rows that sum to the move, each for one thing."""

import json
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from drawdown.answers.assess import assess
from drawdown.answers.change import MONTE_CARLO, MOST_ROWS, change
from drawdown.answers.explain import explain
from drawdown.answers.retell import Teller
from drawdown.answers.since import (
    CODE,
    GONE,
    Earlier,
    as_run,
    check_since,
    find_earlier,
    read_run,
)
from drawdown.answers.stored import FITS, identity, rows_seen, store
from drawdown.answers.summarise import summarise
from drawdown.answers.variants import with_priors
from drawdown.answers.weigh import weigh
from drawdown.errors import InputError
from drawdown.files.edits import edited_paths, restore_priors
from drawdown.files.priors import load_priors
from drawdown.files.view import known, published_before
from drawdown.outcomes import OUTCOMES
from small import DAY, PRIORS, ROWS, row, small_assessment, small_case, small_question

THEN = date(2024, 12, 19)
REPOST = ROWS[0] | {"published": "2024-12-23", "publisher": "Another Daily"}


@pytest.fixture(scope="module")
def teller(tmp_path_factory, sampler):
    """As of the last day of the small case, with a repost of an early look."""
    q = small_question(tmp_path_factory.mktemp("now"), [*ROWS, REPOST])
    return Teller(assess(q, sampler=sampler), lambda: sampler)


def since(teller, day, priors=PRIORS):
    q = teller.base.question
    return Earlier(day, tuple(known(q.case, day)), priors)


@pytest.fixture(scope="module")
def found(teller):
    return change(teller, since(teller, THEN))


def total(found):
    return np.sum([r.delta for r in found.rows], axis=0)


def never():
    raise AssertionError("fitted")


def test_rows_sum_to_the_move(teller, found):
    now = teller.base.weighed.outcomes
    assert total(found) == pytest.approx(now - found.before, abs=1e-12)
    assert all(abs(r.delta.sum()) < 1e-9 for r in found.rows)


def test_before_is_the_answer_of_that_day(teller, found, earlier_run):
    """Whether told from the draws of now or fitted, within both errors."""
    then = earlier_run[0]
    error = np.hypot(teller.base.mcse, then.mcse)
    assert np.all(np.abs(found.before - then.weighed.outcomes) < 4 * error)


def test_draws_of_now_tell_a_near_day_without_a_fit(teller):
    got = change(Teller(teller.base, never), since(teller, date(2024, 12, 23)))
    assert [r.origin for r in got.rows if r.method == "reweighted"] == ["image_b"]
    assert total(got) == pytest.approx(teller.base.weighed.outcomes - got.before, abs=1e-12)
    assert MONTE_CARLO not in {r.what for r in got.rows}


def test_where_draws_do_not_reach_the_day_is_fitted(teller):
    """From the trigger on: where fits meet, what they disagree by is a row.

    Over ten runs it was 0.045 at most: weights near their limit are worth less than the errors of the
    fits, which are 0.005 here.
    """
    got = change(teller, since(teller, date(2024, 12, 8)))
    now = teller.base.weighed.outcomes
    assert total(got) == pytest.approx(now - got.before, abs=1e-12)
    error = [r.delta for r in got.rows if r.kind == "monte_carlo"]
    assert all(np.abs(e).max() < 0.06 for e in error)


def test_one_row_an_origin_in_order_of_publication(found):
    assert [r.origin for r in found.rows if r.origin] == ["minister", "tracker", "image_a", "image_b"]
    assert found.rows[0].what == "passage of time"
    assert found.rows[0].kind == "model"
    by = {r.origin: r for r in found.rows}
    assert by["minister"].method == "exact"
    assert by["image_b"].reports == 2
    assert "1 fact more of the same origin" in by["image_b"].what
    assert by["image_b"].what.startswith("22 Dec 2024, The base: 5 to 9 combat aircraft")
    assert np.abs(by["image_b"].delta).max() > 0.001


def test_a_repost_moves_nothing(found):
    (repost,) = [r for r in found.rows if r.origin == "image_a"]
    assert np.all(repost.delta == 0.0)
    assert (repost.reports, repost.method) == (0, "exact")
    assert "+0.00, same origin" in repost.what


def test_an_opinion_moves_nothing(found):
    (aside,) = [r for r in found.rows if "without a say" in r.what]
    assert np.abs(aside.delta).max() < 1e-15
    assert aside.reports == 1


def test_the_order_of_the_file_has_no_say(tmp_path, sampler, found):
    rows = [*ROWS, REPOST]
    random.Random(3).shuffle(rows)
    q = small_question(tmp_path, rows)
    again = change(t := Teller(assess(q, sampler=sampler), lambda: sampler), since(t, THEN))
    assert [(r.what, r.kind, r.origin) for r in again.rows] == [
        (r.what, r.kind, r.origin) for r in found.rows
    ]
    for one, two in zip(again.rows, found.rows, strict=True):
        assert one.delta == pytest.approx(two.delta, abs=1e-12)


def test_two_equal_dates_are_an_empty_move(teller):
    a = teller.base
    got = change(Teller(a, never), since(teller, DAY))
    assert got.rows == []
    assert got.before == pytest.approx(a.weighed.outcomes, abs=1e-15)


def overlay(folder, text):
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load_priors([path])


def test_an_edit_of_the_base_rates_alone_is_that_row(tmp_path, teller):
    """Exact, without a fit, and nothing else moves."""
    chances = "{retained: 30%, partial_redeployment: 30%, full_exit: 40%}"
    then = overlay(tmp_path, f"outcomes: {{chance: {chances}, why: Judgement}}\n")
    a = teller.base
    got = change(Teller(a, never), since(teller, DAY, then))
    (edit,) = got.rows
    assert (edit.kind, edit.method) == ("priors", "exact")
    assert "outcomes" in edit.what
    assert "30" in edit.what
    q = with_priors(a.question, then)
    before = weigh(a.log_z, a.table.chance, a.prior_table.chance, q.besides).outcomes
    assert edit.delta == pytest.approx(a.weighed.outcomes - before, abs=1e-12)


def test_an_edit_of_a_physical_prior_alone_is_that_row(tmp_path, teller):
    """Two fits, one row each for what was edited, and the error of both beside it."""
    text = (
        "clock: {site_starts: {about: 1, within_factor: 3, sure: 80%, why: Judgement}}\n"
        "outcomes: {chance: {retained: 40%, partial_redeployment: 24%, full_exit: 36%}, why: Words}\n"
    )
    then = overlay(tmp_path, text)
    got = change(teller, since(teller, DAY, then))
    assert total(got) == pytest.approx(teller.base.weighed.outcomes - got.before, abs=1e-12)
    assert [r.kind for r in got.rows] in (["priors"] * 2, ["priors", "priors", "monte_carlo"])
    assert {r.what.split(":")[0] for r in got.rows if r.kind == "priors"} == {
        "Prior outcomes",
        "Prior clock.site_starts",
    }
    noise = [r.delta for r in got.rows if r.kind == "monte_carlo"]
    assert all(np.abs(n).max() < 5 * teller.base.mcse.max() for n in noise)


def test_many_edits_are_one_row(tmp_path, teller):
    text = "".join(
        f"{name}: {{about: {value}, within_factor: 4, sure: 80%, why: Judgement}}\n"
        for name, value in (("lift", 1.1), ("crisis", 1.4))
    )
    text += (
        "reserve: {share: 4%, why: Judgement}\ngarrison: {between: [9, 40], sure: 80%, why: Judgement}\n"
    )
    text += "routine: {between: [0.003, 0.05], sure: 80%, why: Judgement}\n"
    then = overlay(tmp_path, text)
    got = change(teller, since(teller, DAY, then))
    (edits,) = [r for r in got.rows if r.kind == "priors"]
    assert edits.what.startswith("5 edits of priors: ")
    assert total(got) == pytest.approx(teller.base.weighed.outcomes - got.before, abs=1e-12)


def test_what_differs_between_two_files_of_priors(tmp_path):
    """Paths of values, never of words; and a file with some of them from the other."""
    then = overlay(tmp_path, "reserve: {share: 5%, why: Judgement}\n")
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(PRIORS.resolved_yaml().replace("why: As for flights", "why: As flights"))
    two.write_text(then.resolved_yaml())
    assert edited_paths(one, two) == ["reserve"]
    assert restore_priors(one).sha256 == PRIORS.sha256
    assert restore_priors(one, two, ["reserve"]).sha256 == then.sha256
    assert restore_priors(one, two).sha256 == PRIORS.sha256


def test_many_origins_share_a_row(tmp_path, sampler):
    word = ROWS[5]
    rows = [
        word | {"origin": f"minister_{n:02}", "collector": f"Paper {n}"} for n in range(MOST_ROWS + 9)
    ]
    q = small_question(tmp_path, [*ROWS[:2], *rows])
    t = Teller(small_assessment(q, sampler), lambda: sampler)
    got = change(t, since(t, THEN))
    origins = [r for r in got.rows if r.origin]
    (others,) = [r for r in got.rows if r.what == "10 others"]
    assert len(origins) == MOST_ROWS - 1
    assert others.reports == 10
    assert np.abs(others.delta).max() <= 10 * min(np.abs(r.delta).max() for r in origins)
    assert total(got) == pytest.approx(t.base.weighed.outcomes - got.before, abs=1e-12)


# ---------------------------------------------------------------------------- what it is compared with


def write_run(a, folder: Path, **other) -> Path:
    """A report folder with what later runs read."""
    folder.mkdir(parents=True)
    summary = summarise(a, [], []) | other
    (folder / "assessment.json").write_text(json.dumps(summary))
    (folder / "priors.yaml").write_text(a.question.priors.resolved_yaml())
    store(a, folder, quick=True)
    return folder


def nowhere(day):
    return Path("/nonexistent") / str(day)


@pytest.fixture(scope="module")
def earlier_run(tmp_path_factory, sampler):
    folder = tmp_path_factory.mktemp("runs")
    a = small_assessment(small_question(folder, ROWS, as_of=THEN), sampler)
    return a, write_run(a, folder / "latest")


def test_by_default_the_last_day_with_news_before(teller):
    q = teller.base.question
    got = find_earlier(q, None, nowhere)
    assert got.as_of == published_before(q.case, DAY) == date(2024, 12, 26)
    assert (got.folder, got.printed, got.unlike) == (None, None, ())


def test_on_the_day_of_the_trigger_there_is_none(tmp_path):
    q = small_question(tmp_path, ROWS, as_of=date(2024, 12, 8))
    assert find_earlier(q, None, nowhere) is None


def test_a_day_after_the_assessment_is_refused(teller):
    with pytest.raises(InputError, match="--since"):
        check_since(teller.base.question, date(2025, 1, 1))
    check_since(teller.base.question, DAY)


def test_the_run_that_is_replaced_is_what_it_is_compared_with(teller, earlier_run):
    """Its draws serve again, and its printed answer is where the move begins."""
    a, folder = earlier_run
    q = teller.base.question
    got = find_earlier(q, read_run(folder, "small"), nowhere)
    assert (got.as_of, got.folder, got.unlike) == (THEN, folder, ())
    told = change(Teller(teller.base, never), got)
    assert told.before == pytest.approx(a.weighed.outcomes, abs=1e-6)
    assert total(told) == pytest.approx(teller.base.weighed.outcomes - told.before, abs=1e-12)


def test_an_indicator_that_came_since_is_no_edit(tmp_path, sampler, earlier_run):
    """Reports on it are new; the run of then knew neither."""
    added = overlay(
        tmp_path,
        "indicators:\n  tankers:\n    label: Tankers\n    tracks: remaining\n    of: jets\n"
        "    unit: aircraft\n    family: remaining stock\n    spread: {size: 3, why: x}\n"
        "    visible: {between: [5%, 20%], why: x}\n",
    )
    rows = [*ROWS, row("2024-12-23", "base", "tankers", "2", "image_c")]
    q = small_question(tmp_path, rows, priors=added)
    got = find_earlier(q, read_run(earlier_run[1], "small"), nowhere)
    assert "tankers" in got.priors.indicators
    assert got.unlike == ()
    told = change(Teller(small_assessment(q)), got)
    by = {r.origin: r for r in told.rows if r.origin}
    assert "tankers" in by["image_c"].what
    assert "priors" not in {r.kind for r in told.rows}


def test_a_run_of_the_day_asked_for_serves(teller, earlier_run):
    got = find_earlier(teller.base.question, None, lambda day: earlier_run[1], THEN)
    assert got.folder == earlier_run[1]
    other = find_earlier(teller.base.question, None, lambda day: earlier_run[1], date(2024, 12, 20))
    assert other.folder is None


def test_rows_entered_late_are_new(tmp_path, sampler, earlier_run):
    """A row of an earlier date that the run did not know has a row of its own; nothing is unlike."""
    late = row("2024-12-13", "base", "combat_aircraft", "14", "late_image", published="2024-12-14")
    q = small_question(tmp_path, [late, *ROWS], as_of=THEN)
    run = read_run(earlier_run[1], "small")
    got = find_earlier(q, run, nowhere)
    assert got.unlike == ()
    assert {r.origin for r in known(q.case, THEN)} - {r.origin for r in got.rows} == {"late_image"}
    told = change(Teller(small_assessment(q, sampler), never), got)
    assert [r.origin for r in told.rows if r.kind == "report"] == ["late_image"]


def test_rows_edited_since_are_said(tmp_path, earlier_run):
    rows = [r | {"observed": "9"} if r["observed"] == ">=12" else r for r in ROWS]
    q = small_question(tmp_path, rows, as_of=THEN)
    got = as_run(q, read_run(earlier_run[1], "small"))
    assert got.unlike == (GONE,)
    assert got.printed is not None


def test_another_version_of_the_code_is_said(tmp_path, sampler, earlier_run):
    a, folder = earlier_run
    old = identity(a.question) | {"code_version": "0.0.1+000000000000"}
    before = write_run(a, tmp_path / "old", provenance=old)
    q = replace(a.question, case=small_case(tmp_path, ROWS))
    got = as_run(q, read_run(before, "small"))
    assert got.unlike == (CODE,)
    assert got.question(q).view.sha256 == a.question.view.sha256


def test_a_failed_or_strange_folder_is_no_run(tmp_path, earlier_run):
    a, folder = earlier_run
    assert read_run(tmp_path, "small") is None
    assert read_run(folder, "other") is None
    failed = write_run(a, tmp_path / "failed", diagnostics={"passed": False})
    assert read_run(failed, "small") is None


def test_draws_know_the_rows_that_they_saw(earlier_run, tmp_path):
    a, folder = earlier_run
    assert len(rows_seen(folder)) == len(known(a.question.case, THEN))
    assert (folder / FITS).is_file()
    assert rows_seen(tmp_path) is None


def test_the_same_run_made_again_keeps_its_change(tmp_path, teller, found):
    """The run before it is gone by then; the file must not change."""
    kept = {"since": "2024-12-01", "before": {o: 0.3 for o in OUTCOMES}, "rows": []}
    folder = write_run(teller.base, tmp_path / "latest", change=kept)
    told = explain(teller, folder, nowhere, None)
    assert told["change"] == kept
    asked = explain(teller, folder, nowhere, DAY)
    assert asked["change"]["since"] == DAY.isoformat()
    assert asked["change"]["rows"] == []
