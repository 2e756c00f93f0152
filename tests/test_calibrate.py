"""Calibration: episodes that the model could have drawn, runs that go on, tests that can fail."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from drawdown.answers import batch, publish_calibration
from drawdown.answers.batch import Kept, Stopped, run
from drawdown.answers.calibration import check
from drawdown.answers.episode import as_told, simulate_episode
from drawdown.answers.places import band, uniform
from drawdown.answers.stated import slope, stated_tests
from drawdown.answers.trial import Trials, attempt, trials
from drawdown.cli import app
from drawdown.errors import FitError, InputError
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator
from small import PRIORS, ROWS, small_case

EPISODES = 2


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Trials:
    """Two masks of the small case: before and after most of its reports."""
    return trials([small_case(tmp_path_factory.mktemp("plan"), ROWS)], PRIORS, 1, days=(8, 30))


@pytest.fixture(scope="module")
def alone(plan, tmp_path_factory) -> list[dict]:
    """The records of this process."""
    return run(attempt, plan, EPISODES, Kept(tmp_path_factory.mktemp("alone"), "a"), workers=1)


def told(records: list[dict]) -> list[dict]:
    """What is checked; the seconds differ."""
    return [r["trial"] for r in records]


# Episodes.


def test_what_a_report_tells_was_fixed_before_the_count():
    """The sets that a report can tell never overlap and leave no count out."""
    forms = [(4, 4), (15, np.inf), (0, 2), (3, 5), (1, np.inf), (0, 0)]
    for low, high in forms:
        counts = np.arange(40.0)
        lows, highs = as_told(counts, np.full(40, low, float), np.full(40, high, float))
        assert ((lows <= counts) & (counts <= highs)).all()
        sets = sorted(set(zip(lows, highs, strict=True)))
        for (_, end), (start, _) in zip(sets, sets[1:], strict=False):
            assert start == end + 1
        assert len(sets) == (40 if low == high else 1 + (low > 0) + np.isfinite(high))


def test_an_episode_is_a_draw_of_the_prior(plan):
    """Its hypothesis ends as it says, and its parameters lie in the region."""
    mask = plan.masks[1]
    rng = stage_generator(1, "test")
    closed = 0
    for _ in range(40):
        full = simulate_episode(mask.question, "full_exit", rng)
        major = full.future.fate[0][full.question.layout.major]
        assert (major == 2).all()
        kept = simulate_episode(mask.question, "retained", rng)
        closed += (kept.future.fate[0][kept.question.layout.major] == 2).any()
    assert closed == 0


def test_simulated_reports_have_the_looks_of_the_real_ones(plan):
    q = plan.masks[1].question
    episode = simulate_episode(q, "partial_redeployment", stage_generator(2, "test"))
    new = episode.question.observations
    for name in ("r_stock", "r_day", "p_start", "group_of", "log_right"):
        assert np.array_equal(new.arrays[name], q.observations.arrays[name])
    exact = q.observations.low == q.observations.high
    assert np.array_equal(new.low[exact], new.high[exact])
    assert {c.indicator for c in episode.question.codes} == {c.indicator for c in q.codes if c.known}


# Trials, wherever they are made.


def test_a_trial_states_chances_and_places(plan, alone):
    for n, t in enumerate(told(alone)):
        mask = plan.mask(n)
        assert t["as_of"] == mask.question.view.as_of.isoformat()
        for key in ("outcomes", "hypotheses", "printed"):
            assert sum(t[key].values()) == pytest.approx(1.0)
        assert set(t["ranks"]) == {*mask.question.layout.labels(), "log_weight"}
        places = [*t["ranks"].values(), *np.ravel(list(t["sites"].values())), t["cut"]]
        assert min(places) >= 0.0
        assert max(places) <= 1.0
    assert len({t["ranks"]["onset"] for t in told(alone)}) == EPISODES


def test_processes_give_what_this_one_gives(plan, alone, tmp_path):
    apart = run(attempt, plan, EPISODES, Kept(tmp_path, "a"), workers=2)
    assert told(apart) == told(alone)


def test_a_cluster_gives_what_this_process_gives(plan, alone, tmp_path):
    from distributed import LocalCluster

    made = {"n_workers": 1, "threads_per_worker": 2, "dashboard_address": None, "protocol": "tcp"}
    with LocalCluster(**made) as cluster:
        kept = Kept(tmp_path, "a")
        apart = run(attempt, plan, EPISODES, kept, scheduler=cluster.scheduler_address)
    assert told(apart) == told(alone)


def test_a_worker_with_other_code_is_refused(plan):
    with pytest.raises(InputError, match="a worker has drawdown"):
        attempt(replace(plan, code="0.0.0+other"), 0)


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1", "http://127.0.0.1:8786"])
def test_no_address_of_a_scheduler(plan, tmp_path, address):
    with pytest.raises(InputError, match="expected an address such as tcp://host:8786"):
        run(attempt, plan, 1, Kept(tmp_path, "a"), scheduler=address)


def test_no_scheduler_at_the_address(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "WAIT", "1s")
    with pytest.raises(InputError, match="no scheduler at `tcp://127.0.0.1:9`"):
        run(attempt, plan, 1, Kept(tmp_path, "a"), scheduler="tcp://127.0.0.1:9")


# Runs that were stopped.


def work_on(made: list[int], stop_at: int = -1):
    def work(plan, n):
        if n == stop_at:
            raise KeyboardInterrupt
        made.append(n)
        return {"trial": {"n": n, "plan": plan}}

    return work


def test_a_stopped_run_goes_on(tmp_path):
    made: list[int] = []
    kept = Kept(tmp_path, "same")
    with pytest.raises(Stopped, match="2 of 5 are done and kept") as stopped:
        run(work_on(made, stop_at=2), "plan", 5, kept, workers=1)
    assert stopped.value.exit_code == 130
    found = run(work_on(made), "plan", 5, kept, workers=1)
    assert made == [0, 1, 2, 3, 4]
    assert [r["trial"]["n"] for r in found] == made
    assert len(run(work_on(made), "plan", 6, kept, workers=1)) == 6
    assert made == [0, 1, 2, 3, 4, 5], "more simulations cost only what is new"


def test_other_inputs_start_anew_and_a_torn_file_is_made_again(tmp_path):
    made: list[int] = []
    run(work_on(made), "plan", 2, Kept(tmp_path, "one"), workers=1)
    run(work_on(made), "plan", 2, Kept(tmp_path, "two"), workers=1)
    assert made == [0, 1, 0, 1]
    path = Kept(tmp_path, "two").path(1)
    path.write_text(path.read_text()[:20])
    run(work_on(made), "plan", 2, Kept(tmp_path, "two"), workers=1)
    assert made[4:] == [1]


def dies(plan, n):
    if n == 1:
        os._exit(9)
    return {"trial": {"n": n}}


def test_a_worker_that_is_killed_loses_no_finished_piece(tmp_path):
    kept = Kept(tmp_path, "a")
    with pytest.raises(Stopped, match="ended from outside") as stopped:
        run(dies, "plan", 4, kept, workers=2)
    assert stopped.value.exit_code == 1
    assert kept.read(1) is None
    for n in (0, 2, 3):
        assert (record := kept.read(n)) is None or record["trial"] == {"n": n}


ORPHANS = """
import os, sys, time
from pathlib import Path
from drawdown.answers.batch import Kept, run

def work(folder, n):
    Path(folder, str(os.getpid())).touch()
    time.sleep(60)

if __name__ == "__main__":
    run(work, sys.argv[1], 2, Kept(Path(sys.argv[1], "kept"), "a"), workers=2)
"""


def test_workers_end_with_a_run_that_is_killed(tmp_path):
    """Else they would hold memory, and cores, for ever."""
    script, marks = tmp_path / "orphans.py", tmp_path / "marks"
    script.write_text(ORPHANS)
    marks.mkdir()
    # where this process finds the package, the other must
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen([sys.executable, str(script), str(marks)], env=env)
    assert wait_for(lambda: len(list(marks.iterdir())) == 2, 60), "both workers are at work"
    process.kill()
    process.wait()
    workers = [int(path.name) for path in marks.iterdir()]
    assert wait_for(lambda: not any(map(alive, workers)), 15)


def wait_for(holds, seconds):
    end = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # a dead process that nobody has waited for yet is a name without memory
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_what_an_episode_depends_on(plan, tmp_path):
    """Seed, looks and priors name the folder of what is kept; the number of episodes does not."""
    same = trials([small_case(tmp_path / "a", ROWS)], PRIORS, 1, days=(8, 30))
    assert same.sha256 == plan.sha256
    others = [
        trials([small_case(tmp_path / "b", ROWS)], PRIORS, 2, days=(8, 30)),
        trials([small_case(tmp_path / "c", ROWS[:-2])], PRIORS, 1, days=(8, 30)),
        trials([small_case(tmp_path / "d", ROWS)], PRIORS, 1, days=(8, 31)),
        replace(plan, code="other"),
    ]
    assert len({plan.sha256, *(other.sha256 for other in others)}) == 5


# Tests of what was stated.


def draw(number: int, sure: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Chances and what comes from them; stated with log odds `sure` times too large."""
    rng = np.random.default_rng(3)
    true = rng.dirichlet([0.8, 0.8, 0.8], number)
    came = (rng.random((number, 1)) > np.cumsum(true, axis=1)[:, :-1]).sum(axis=1)
    stated = true**sure
    return stated / stated.sum(axis=1, keepdims=True), came


def test_sound_chances_pass_and_sure_ones_fail():
    sound, _ = stated_tests("x", *draw(200))
    assert min(c.p for c in sound) > 0.01
    assert slope(*draw(200)) == pytest.approx(1.0, abs=0.25)
    wrong, rows = stated_tests("x", *draw(200, sure=2.0))
    assert {c.name: c.p for c in wrong}["x: log"] < 1e-3
    assert slope(*draw(200, sure=2.0)) == pytest.approx(0.5, abs=0.15)
    outside = [r for r in rows if not r["band"][0] <= r["came"] <= r["band"][1]]
    assert outside


def test_what_was_called_impossible_and_came_fails():
    stated = np.tile([0.5, 0.5, 0.0], (50, 1))
    came = np.array([0, 1] * 24 + [0, 2])
    tests, _ = stated_tests("x", stated, came)
    assert {c.name: c.p for c in tests}["x: log"] < 1e-3


def test_uniform_places_pass_and_others_fail():
    rng = np.random.default_rng(4)
    ps = np.array([uniform(rng.random(60)) for _ in range(800)])
    assert (ps < 0.1).mean() == pytest.approx(0.1, abs=0.04)
    assert uniform(rng.beta(2, 2, 200)) < 1e-3, "too wide a posterior"
    assert uniform(rng.beta(0.6, 0.6, 200)) < 1e-3, "too narrow"
    assert uniform(rng.beta(1.5, 1, 200)) < 1e-3, "to one side"


def test_the_band_is_that_of_the_library():
    from arviz_stats.ecdf_utils import ecdf_pit

    rng = np.random.default_rng(5)
    points, low, high = band(100, 0.95)
    at, _, theirs_low, theirs_high = ecdf_pit(rng.random(100), 0.95, 4000, rng=rng)
    assert np.array_equal(points, at[1:-1])
    # one count of a hundred, by the chance of either simulation
    assert np.abs(low - theirs_low[1:-1]).max() < 0.011
    assert np.abs(high - theirs_high[1:-1]).max() < 0.011


# The command, with trials that cost nothing.


def imagined(sure: float = 1.0):
    """Trials of a model whose stated log odds are so many times too large."""

    def work(plan: Trials, n: int) -> dict:
        rng = stage_generator(9, "imagined", str(n))
        mask = plan.mask(n)
        true = rng.dirichlet(12 * mask.chances @ mask.table)
        came = OUTCOMES[rng.choice(3, p=true)]
        stated = true**sure / (true**sure).sum()
        chances = dict(zip(OUTCOMES, map(float, stated), strict=True))
        q = mask.question
        sites = {site: [float(rng.random()), float(rng.random())] for site in q.layout.sites}
        places = {name: float(rng.random()) for name in [*q.layout.labels(), "log_weight"]}
        trial = {
            **{"n": n, "case": q.case.slug, "as_of": q.view.as_of.isoformat()},
            **{"hypothesis": came, "outcome": came, "settled": True, "error": 0.05},
            **{"hypotheses": chances, "outcomes": chances, "printed": chances},
            **{"ranks": places, "sites": sites, "cut": float(rng.random())},
        }
        return {"trial": trial, "seconds": 0.0}

    return work


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Call the command on the small case, in this process, with imagined trials."""
    case = small_case(tmp_path, ROWS)
    monkeypatch.setattr(batch, "cores", lambda: 1)

    def call(*words: str, sure: float = 1.0):
        monkeypatch.setattr(publish_calibration, "attempt", imagined(sure))
        where = str(tmp_path / case.slug)
        return CliRunner().invoke(app, ["calibrate", where, "--out", str(tmp_path / "out"), *words])

    return call


def test_the_command_writes_its_folder(command, tmp_path):
    result = command("--simulations", "80", "--json")
    assert result.exit_code == 0, result.output
    record = json.loads(result.stdout)
    assert record == json.loads((tmp_path / "out" / "calibration.json").read_text())
    assert record["verdict"].startswith("Calibrated: every test passed on 80")
    assert record["masks"][0]["reports"] > 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    expected = {f"calibration.{suffix}" for suffix in ("json", "csv", "md", "svg", "png")}
    assert names == expected | {"run.json"}
    lines = (tmp_path / "out" / "calibration.csv").read_text().splitlines()
    assert len(lines) == 81
    page = (tmp_path / "out" / "calibration.md").read_text()
    assert all(f"| {c['name'].replace('_', ' ')} |" in page for c in record["checks"])
    assert "--simulations 80" in page


def test_a_model_that_is_too_sure_fails_and_replaces_nothing(command, tmp_path):
    assert command("--simulations", "80").exit_code == 0
    before = (tmp_path / "out" / "calibration.json").read_bytes()
    kept = tmp_path / ".out"
    for path in kept.rglob("*.json"):
        path.unlink()
    result = command("--simulations", "80", sure=3.0)
    assert result.exit_code == FitError.exit_code
    assert "Not calibrated: outcomes: brier" in result.stderr
    assert (tmp_path / "out" / "calibration.json").read_bytes() == before
    failed = json.loads((tmp_path / "out+failed" / "calibration.json").read_text())
    assert failed["diagnostics"]["passed"] is False
    assert failed["slopes"]["outcomes"] < 0.6


def test_nothing_is_written_where_something_else_lies(command, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    result = command("--simulations", "10")
    assert result.exit_code == InputError.exit_code
    assert "holds no calibration of ours" in result.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["mine.txt"]


def test_the_limit_is_shared_over_the_tests(plan):
    work = imagined()
    found = check([work(plan, n) for n in range(60)], plan.masks[0].chances @ plan.masks[0].table)
    assert found["limit"] == pytest.approx(0.01 / len(found["checks"]))
    assert {c["name"] for c in found["checks"]} >= {"outcomes: log", "hypotheses: log", "cut", "sites"}
