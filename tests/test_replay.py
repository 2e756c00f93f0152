"""The series: its dates, what it may know, and that it may be stopped anywhere."""

import json
import multiprocessing
import shutil
from datetime import date, timedelta

import numpy as np
import pytest

from conftest import CASE, write_reports
from drawdown.answers import replay as series
from drawdown.answers.assess import ask, assess, compile_sampler
from drawdown.answers.publish_replay import as_csv, run_replay, summary
from drawdown.answers.replay import Kept, Plan, Stopped, dates, groups, replay, some_dates
from drawdown.answers.so_far import so_far
from drawdown.errors import InputError
from drawdown.files.case import load_case
from drawdown.outcomes import OUTCOMES

START, END = date(2024, 12, 12), date(2024, 12, 26)


def row(day, indicator, observed, **more):
    known = {"collector": "Maxar", "grade": "B2", "url": "https://example.org/a", "site": "base"}
    return known | {"date": day, "published": day, "indicator": indicator, "observed": observed} | more


ROWS = [
    row("2024-12-10", "combat_aircraft", ">=10", origin="look_1"),
    row("2024-12-16", "transports_on_apron", "2", origin="look_2"),
    row("2024-12-17", "official_statement_staying", "yes", site="theatre", origin="said"),
    row("2024-12-22", "combat_aircraft", "6", origin="look_3"),
]


@pytest.fixture
def small(make_case):
    """The small case with four reports."""
    return make_case(ROWS)


def plan_of(case, priors, every=7, start=START, end=END):
    return Plan(case, priors, dates(case, start, end, every), 1, quick=True)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory, priors):
    """The same, once for the file."""
    folder = tmp_path_factory.mktemp("series") / "tiny"
    folder.mkdir()
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    write_reports(folder, ROWS)
    return load_case(folder, priors)


@pytest.fixture(scope="module")
def sampler(tiny, priors):
    """One sampler for every test of this file."""
    return compile_sampler(ask(tiny, priors, END, 1))


@pytest.fixture(scope="module")
def finished(tiny, priors, sampler, tmp_path_factory):
    """A finished series: its state and its records."""
    state = tmp_path_factory.mktemp("finished") / "state"
    return state, replay(plan_of(tiny, priors), state, sampler=sampler)


def test_dates_from_trigger_to_horizon(small):
    found = dates(small, None, None, 7)
    assert found[0] == small.trigger
    assert found[-1] == small.horizon
    assert {(b - a).days for a, b in zip(found[:-2], found[1:-1], strict=True)} == {7}
    assert 1 <= (found[-1] - found[-2]).days <= 7
    assert len(found) == 54
    assert dates(small, START, START, 7) == (START,)
    assert dates(small, START, START + timedelta(days=14), 7)[-1] == START + timedelta(days=14)


@pytest.mark.parametrize(
    ("start", "end", "every", "says"),
    [
        (date(2024, 12, 1), None, 7, "--from: `2024-12-01`; expected a day from the trigger"),
        (None, date(2026, 1, 1), 7, "--to: `2026-01-01`; expected a day from the trigger"),
        (END, START, 7, "`2024-12-12` is before `2024-12-26`"),
        (None, None, 0, "one day or more"),
    ],
)
def test_a_series_that_is_none_is_refused(small, start, end, every, says):
    with pytest.raises(InputError, match="expected") as caught:
        dates(small, start, end, every)
    assert says in str(caught.value)


def test_what_is_published_later_changes_no_earlier_date(small, make_case, priors, sampler, finished):
    """Nor does how the case was resolved; the date before foresees the row, and nothing else does."""
    plan, before = plan_of(small, priors), [r["date"] for r in finished[1]]
    text = (small.folder / "case.yaml").read_text()
    (small.folder / "case.yaml").write_text(text.replace("outcome: partial_re", "outcome: full_exit #"))
    later = row("2024-12-21", "combat_aircraft", "no", origin="late", published="2024-12-25", grade="A1")
    other = plan_of(make_case([*ROWS, later]), priors)
    assert other.case.resolved["outcome"] == "full_exit"
    after = [record["date"] for n in range(2) for _, record in some_dates(other, [n], sampler)]
    assert after[0] == before[0]
    assert after[1]["foreseen"] != before[1]["foreseen"]
    assert {**after[1], "foreseen": None} == {**before[1], "foreseen": None}
    assert [plan.key(n) == other.key(n) for n in range(3)] == [True, False, False]


def test_a_date_is_that_of_assess_whatever_the_series(small, priors, sampler, finished):
    """No date depends on those before it: the same fits, so the same numbers."""
    day = date(2024, 12, 19)
    alone = assess(ask(small, priors, day, 1), quick=True, sampler=sampler)
    other = plan_of(small, priors, 3, date(2024, 12, 16))
    again = dict(some_dates(other, [other.dates.index(day)], sampler)).popitem()[1]
    for found in (finished[1][1]["date"], again["date"]):
        assert found["as_of"] == day.isoformat()
        for i, o in enumerate(OUTCOMES):
            gap = abs(found["outcomes"][o] - alone.weighed.outcomes[i])
            assert gap <= 2 * np.hypot(found["mcse"][o], alone.mcse[i])
            assert gap == 0.0


def test_a_run_that_goes_on_writes_the_same(small, priors, sampler, finished, tmp_path):
    """One date at a time, or all at once; what was finished is not done again."""
    plan, (_, whole) = plan_of(small, priors), finished
    first = Kept(tmp_path, plan)
    first.write(1, whole[1] | {"seconds": {"fit": -1.0, "explain": 0.0}})
    parts = replay(plan, tmp_path, sampler=sampler)
    assert parts[1]["seconds"]["fit"] == -1.0
    records = [summary(plan, 7, [r["date"] for r in found], None) for found in (whole, parts)]
    assert as_csv(records[0]) == as_csv(records[1])
    assert json.dumps(records[0]) == json.dumps(records[1])


def test_dates_with_one_fit_go_together(make_case, priors):
    """Politics and time may pass between them; a physical report may not."""
    plan = plan_of(make_case(ROWS), priors, 1)
    days = [[plan.dates[n].day for n in together] for together in groups(plan, range(len(plan.dates)))]
    assert days == [[12, 13, 14, 15], [16, 17, 18, 19, 20, 21], [22, 23, 24, 25, 26]]
    assert groups(plan, [0, 2, 4]) == [[0, 2], [4]]


def test_an_interrupt_keeps_what_is_finished(small, priors, sampler, tmp_path):
    plan = plan_of(small, priors)

    def stop(stage, done, of):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(Stopped, match="1 of 3 dates are done and kept"):
        replay(plan, tmp_path / "state", sampler=sampler, progress=stop)
    kept = Kept(tmp_path / "state", plan)
    assert [kept.read(n) is not None for n in range(3)] == [True, False, False]
    assert [p.name for p in kept.path(0).parent.iterdir()] == ["2024-12-12.json"]
    told = []
    found = replay(
        plan, tmp_path / "state", sampler=sampler, progress=lambda stage, done, of: told.append(done)
    )
    assert told == [1, 2, 3]
    assert [r["date"]["as_of"] for r in found] == [d.isoformat() for d in plan.dates]


def test_a_worker_that_is_killed_loses_no_finished_date(small, priors, tmp_path):
    """As when memory runs out: said in a line, and the dates done before are read back."""
    plan = plan_of(small, priors)

    def kill(stage, done, of):
        if done == 1:
            for worker in multiprocessing.active_children():
                worker.kill()

    with pytest.raises(Stopped, match="a worker was ended from outside") as caught:
        replay(plan, tmp_path, progress=kill)
    assert caught.value.exit_code == 1
    kept = [Kept(tmp_path, plan).read(n) for n in range(3)]
    assert sum(record is not None for record in kept) == caught.value.done >= 1


def test_state_of_other_inputs_is_not_read(small, priors, sampler, tmp_path):
    plan = plan_of(small, priors)
    Kept(tmp_path, plan).write(0, {"date": {}, "seconds": {}})
    assert Kept(tmp_path, plan).read(0) is not None
    for other in (
        Plan(small, priors, plan.dates, 2, quick=True),
        Plan(small, priors, plan.dates, 1),
        Plan(small, priors, (plan.dates[0], plan.dates[2]), 1, quick=True),
    ):
        assert Kept(tmp_path, other).read(0) is None
    Kept(tmp_path, plan).path(0).write_text("{", encoding="utf-8")
    assert Kept(tmp_path, plan).read(0) is None


def asked(folder, out, **more):
    given = {
        "start": START,
        "end": END,
        "every": 7,
        "priors": [],
        "out": out,
        "seed": 1,
        "quick": True,
        "reference": folder / "none",
        "progress": lambda *_: None,
    }
    return run_replay(folder, **(given | more))


def test_the_folder_is_written_whole_by_two_workers(small, tmp_path):
    """Both cores, each with a sampler of its own; a second run reads everything back."""
    out = tmp_path / "out"
    found = asked(small.folder, out)
    assert {p.name for p in out.iterdir()} == {
        *("replay.csv", "replay.json", "course.svg", "course.png", "run.json")
    }
    record = json.loads((out / "replay.json").read_text())
    assert [d["as_of"] for d in record["dates"]] == ["2024-12-12", "2024-12-19", "2024-12-26"]
    assert set(record["scores"]) == {"rps", "log", "brier"}
    assert record["near"] is None
    assert record["prequential"]["reports"] == 2
    assert record["dates"][2]["movers"][0]["origin"] == "look_3"
    assert found.tables
    assert all(abs(sum(d["outcomes"].values()) - 1.0) < 1e-9 for d in record["dates"])
    kept = {p.name: p.read_bytes() for p in out.iterdir() if p.name != "run.json"}
    asked(small.folder, out)
    assert kept == {p.name: p.read_bytes() for p in out.iterdir() if p.name != "run.json"}


def test_the_course_so_far_is_that_of_the_same_inputs(
    small, make_case, priors, finished, tmp_path, monkeypatch
):
    """A report draws it up to its own date, and not where a row of the past was changed."""
    monkeypatch.chdir(tmp_path)
    q = ask(small, priors, END, 1)
    assert so_far(q) == {}
    folder = series.series_folder(small, priors, 1)
    shutil.copytree(finished[0], folder.with_name(f".{folder.name}"))
    asked(small.folder, folder)
    found = so_far(q)["course"]
    assert [row["as_of"] for row in found["rows"]] == ["2024-12-12", "2024-12-19"]
    assert all(sum(row[o] for o in OUTCOMES) == pytest.approx(1.0) for row in found["rows"])
    assert {m["as_of"] for m in found["movers"]} == {"2024-12-19"}
    assert so_far(ask(small, priors, START, 1)) == {}
    assert so_far(ask(small, priors, END, 2)) == {}
    later = row("2024-12-24", "combat_aircraft", "no", origin="new")
    assert so_far(ask(make_case([*ROWS, later]), priors, END, 1)) != {}
    earlier = row("2024-12-11", "combat_aircraft", "no", origin="new")
    assert so_far(ask(make_case([*ROWS, earlier]), priors, END, 1)) == {}


def test_a_folder_that_is_not_ours_is_left_alone(small, tmp_path):
    out = tmp_path / "mine"
    out.mkdir()
    (out / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="holds no replay of ours"):
        asked(small.folder, out)
    assert [p.name for p in out.iterdir()] == ["letter.txt"]
    assert not (tmp_path / ".mine").exists()


def test_a_failed_series_never_replaces_one_that_passed(small, priors, finished, tmp_path):
    """The failed one is stamped and stands beside it."""
    out, plan = tmp_path / "out", plan_of(small, priors)
    shutil.copytree(finished[0], tmp_path / ".out")
    assert asked(small.folder, out).folder == out
    kept = Kept(tmp_path / ".out", plan)
    for n in range(3):
        record = kept.read(n)
        failed = [{"name": "R-hat, largest", "value": 1.1, "limit": 1.02, "passed": False}]
        record["date"] |= {"passed": n != 1, "failed": failed if n == 1 else []}
        kept.write(n, {k: v for k, v in record.items() if k != "key"})
    before = (out / "replay.csv").read_bytes()
    found = asked(small.folder, out)
    assert found.folder.name == "out+failed"
    assert found.failed == [("2024-12-19", "R-hat, largest 1.1")]
    assert (out / "replay.csv").read_bytes() == before
    assert not json.loads((found.folder / "replay.json").read_text())["diagnostics"]["passed"]
    assert ",false," in (found.folder / "replay.csv").read_text()
