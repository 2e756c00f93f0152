"""Forecasters compared: the prior that is named is the one that matters, by swapping it."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cases import EVIDENCE
from conftest import CASE, ROW, write_reports
from drawdown.answers.assess import ask
from drawdown.answers.base import _spare
from drawdown.answers.compare import Forecaster, compare, record
from drawdown.answers.pool import distance
from drawdown.answers.stored import keep
from drawdown.cli import app
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors
from drawdown.outcomes import OUTCOMES
from fresh import imports
from known import resampled
from test_whatif import AS_OF, NOISE, ROWS

STAY = {
    "outcomes": "{chance: {retained: 59%, partial_redeployment: 16%, full_exit: 25%}, why: x}",
    "lift": "{about: 1.3, within_factor: 5, why: x}",
    "sources": "{Maxar: {grade: A1, why: x}, St. Paul's Post: {grade: C3, why: x}}",
}
LEAVE = {
    "outcomes": "{chance: {retained: 26%, partial_redeployment: 29%, full_exit: 45%}, why: x}",
    "reserve": "{share: 5%, why: x}",
    "sources": "{Maxar: {grade: D4, why: x}}",
}
PATHS = {"outcomes", "lift", "reserve", "sources.Maxar", "sources.St. Paul's Post"}


def written(folder: Path, name: str, blocks: dict[str, str]) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in blocks.items()), encoding="utf-8")
    return path


def small(folder: Path, rows: list[dict[str, str]]) -> Path:
    folder = folder / "tiny"
    folder.mkdir()
    # without a fate of its own nothing but what a forecaster states makes the base rates
    text = "".join(
        line for line in CASE.splitlines(keepends=True) if not line.lstrip().startswith("fate:")
    )
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    write_reports(folder, rows)
    return folder


def forecaster(folder: Path, name: str, *overlays: Path) -> Forecaster:
    """A forecaster whose answer needs no sampler."""
    priors = load_priors(overlays)
    q = ask(load_case(folder, priors), priors, AS_OF, 1)
    return Forecaster(name, overlays, resampled(q, 4000, 40_000))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("compare")


@pytest.fixture(scope="module")
def folder(place):
    return small(place, [*ROWS, ROW | {"collector": "St. Paul's Post", "date": "2024-12-20"}])


@pytest.fixture(scope="module")
def two(place, folder):
    files = [written(place, "stay", STAY), written(place, "leave", LEAVE)]
    return [forecaster(folder, file.stem, file) for file in files]


@pytest.fixture(scope="module")
def found(two):
    return compare(two)


def test_every_prior_that_differs_is_swapped_both_ways(found):
    """Those that only one of them has, too, and collectors with dots in their names."""
    assert {swap.path for swap in found.swaps} == PATHS
    told = {row["path"]: row for row in record(found, 0.0)["swaps"]}
    assert told["lift"]["says"]["leave"] == "about 1, 80 % sure within a factor of 5"
    assert told["sources.Maxar"]["says"] == {"stay": "graded A1", "leave": "graded D4"}
    post = told["sources.St. Paul's Post"]["says"]
    assert post == {"stay": "graded C3", "leave": "as graded row by row"}
    json.dumps(record(found, 0.0), allow_nan=False)


def test_the_named_prior_is_the_one_that_matters_by_swapping_it(place, folder, two, found):
    """Written into the other's file and answered afresh, it alone brings the two nearest."""
    stay, leave = two
    assert found.apart
    closes = {}
    for path in PATHS:
        key, *name = path.split(".", 1)
        mine = {k: v for k, v in STAY.items() if k != key}
        if name:
            # of the regraded collectors, each alone
            kept = "St. Paul's Post: {grade: C3, why: x}" if name == ["Maxar"] else ""
            maxar = "D4" if name == ["Maxar"] else "A1"
            grades = ", ".join(filter(None, [f"Maxar: {{grade: {maxar}, why: x}}", kept]))
            mine["sources"] = f"{{{grades}}}"
        elif key in LEAVE:
            mine[key] = LEAVE[key]
        swapped = forecaster(folder, "swapped", written(place, "swapped", mine))
        closes[path] = found.distance - distance(swapped.outcomes, leave.outcomes)
        (told,) = (swap for swap in found.swaps if swap.path == path)
        error = np.hypot(swapped.answer.mcse.max(), stay.answer.mcse.max())
        gap = np.abs(told.first.answer.outcomes - swapped.outcomes).max()
        assert gap < NOISE * error + 1e-9, path
    assert found.most.path == max(closes, key=closes.get) == "outcomes"
    assert closes["outcomes"] > 0.5 * found.distance


def test_with_no_report_the_base_rates_explain_everything(place, tmp_path):
    """Known by hand: an answer without reports is the stated base rates, whatever else is judged."""
    empty = small(tmp_path, [])
    case = empty / "case.yaml"
    text = case.read_text()
    case.write_text(text[: text.index("context:")] + text[text.index("resolved:") :])
    silent = "indicators:\n" + "".join(
        f"  {name}: {{silence: {{after: 400 days, sure: 50%, why: x}}}}\n"
        for name, indicator in load_priors().indicators.items()
        if indicator.silence is not None
    )
    quiet = tmp_path / "quiet.yaml"
    quiet.write_text(silent)
    files = [written(tmp_path, "stay", STAY), written(tmp_path, "leave", LEAVE)]
    one, two = (forecaster(empty, file.stem, quiet, file) for file in files)
    got = compare([one, two])
    assert np.abs(one.outcomes - [0.59, 0.16, 0.25]).max() < NOISE * one.answer.mcse.max()
    assert abs(got.distance - 0.33) < NOISE * got.distance_error
    assert got.most.path == "outcomes"
    assert got.most.closes == pytest.approx(got.distance, abs=0.001)
    assert all(abs(swap.closes) < NOISE * swap.error + 0.001 for swap in got.swaps[1:])


def test_a_prior_that_pulls_the_other_way_is_not_named(place, folder, tmp_path):
    """It moves an outcome, and takes nothing away from the distance."""
    pull = {
        "outcomes": "{chance: {retained: 40%, partial_redeployment: 23%, full_exit: 37%}, why: x}",
        "grades": "{letters: {A: 35%, B: 35%, C: 35%, D: 35%, E: 35%, F: 35%, why: x}}",
    }
    push = {"outcomes": LEAVE["outcomes"]}
    one = forecaster(folder, "one", written(tmp_path, "one", pull))
    two = forecaster(folder, "two", written(tmp_path, "two", push))
    got = compare([one, two])
    by_path = {swap.path: swap for swap in got.swaps}
    assert set(by_path) == {"outcomes", "grades.letters"}
    for swap in got.swaps:
        before = distance(one.outcomes, two.outcomes)
        after = [
            distance(swap.first.answer.outcomes, two.outcomes),
            distance(swap.second.answer.outcomes, one.outcomes),
        ]
        assert swap.closes == pytest.approx(before - np.mean(after))
    assert got.most is got.swaps[0]
    assert got.swaps[0].closes >= got.swaps[1].closes


def test_forecasters_who_agree_have_nothing_to_explain(folder, two, tmp_path):
    same = forecaster(
        folder, "same", written(tmp_path, "same", STAY | {"reserve": "{share: 3%, why: y}"})
    )
    got = compare([two[0], same])
    assert got.swaps == ()
    assert (got.apart, got.most, got.near_most) == (False, None, ())


def test_of_three_the_two_furthest_apart_are_swapped(folder, two):
    middle = forecaster(folder, "defaults")
    got = compare([two[0], middle, two[1]])
    assert got.pair == (0, 2)
    assert [f["name"] for f in record(got, 0.0)["forecasters"]] == ["stay", "defaults", "leave"]


def test_a_prior_that_cannot_stand_alone_is_said(folder, two, tmp_path):
    """With so many late starts the base rates of a sceptic are out of reach, and those of others not."""
    late = {"late": "{starts: {share: 4%, per: month, why: x}}"}
    rates = "{chance: {retained: 30%, partial_redeployment: 50%, full_exit: 20%}, why: x}"
    other = forecaster(folder, "late", written(tmp_path, "late", late | {"outcomes": rates}))
    got = compare([two[0], other])
    (swap,) = (swap for swap in got.swaps if swap.path == "late.starts")
    assert swap.first is None
    (told,) = (r for r in record(got, 0.0)["swaps"] if r["path"] == "late.starts")
    assert told["into"]["stay"] is None
    assert told["says"] == {"stay": "0.5 % per month", "late": "4 % per month"}


def test_base_rates_out_of_reach_exit_2_before_anything_is_fitted(folder, tmp_path, monkeypatch):
    """Of a priors file that contradicts itself; not a defect."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("drawdown.answers.assess.fit_hypothesis", lambda *_, **__: pytest.fail("fitted"))
    file = written(tmp_path, "late", {"late": "{starts: {share: 20%, per: month, why: x}}"})
    done = CliRunner().invoke(app, ["assess", str(folder), "--priors", str(file)])
    assert done.exit_code == 2, done.output
    assert "priors: no chances of the hypotheses give the base rates back" in done.stderr
    assert [p for p in (tmp_path / "reports").rglob("*") if p.is_file()] == []


def run(*words: object):
    return CliRunner().invoke(app, ["compare", *(str(word) for word in words)])


@pytest.fixture
def kept(folder, two, place, monkeypatch):
    """The draws of both beside the reports of the case."""
    monkeypatch.chdir(place)
    for forecaster in two:
        keep(forecaster.answer, _spare(forecaster.answer.question, False), quick=False)
    return ["tiny", "--as-of", str(AS_OF), "--priors", "stay.yaml", "--priors", "leave.yaml"]


def test_the_command_names_the_prior(kept, two, found):
    done = run(*kept)
    assert done.exit_code == 0, done.output
    assert "What explains most: outcomes takes away" in done.output
    said = json.loads(run(*kept, "--json").stdout)
    assert (said["pair"], said["most"]) == (["stay", "leave"], "outcomes")
    assert said["distance"] == pytest.approx(found.distance)
    for told, one in zip(said["forecasters"], two, strict=True):
        assert [told["outcomes"][o] for o in OUTCOMES] == pytest.approx(list(one.outcomes))


def test_the_defaults_are_a_forecaster_by_name_or_path():
    from drawdown.cli.comparing import _stacks

    stacks = _stacks(["stay.yaml", "defaults", "desk+sceptic"])
    assert stacks == {"stay": ("stay.yaml",), "defaults": (), "desk+sceptic": ("desk", "sceptic")}
    assert _stacks(["model/priors/defaults.yaml", "a"]) == {"defaults": (), "a": ("a",)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--priors", "stay.yaml"], "1 forecaster; expected at least two"),
        (["--priors", "stay.yaml", "--priors", "stay.yaml"], "`stay` twice"),
        (["--priors", "defaults", "--priors", "sceptik"], "did you mean `sceptic`"),
    ],
)
def test_bad_forecasters_exit_2(kept, words, said):
    done = run("tiny", *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_the_command_imports_no_sampler(kept, folder, place):
    """Where the weights hold: base rates alone need no draws."""
    file = written(place, "rates", STAY | {"outcomes": LEAVE["outcomes"]})
    rates = forecaster(folder, "rates", file)
    keep(rates.answer, _spare(rates.answer.question, False), quick=False)
    assert imports(["compare", *kept[:-1], "rates.yaml"]) == []


@pytest.mark.long
def test_two_overlays_on_syria(tmp_path, monkeypatch):
    """The shipped overlays: the prior that is named, swapped in the files and fitted again."""
    monkeypatch.chdir(EVIDENCE.parent)
    words = ["evidence/syria-2024", "--as-of", "2024-12-31", "--quick", "--json"]
    done = run(*words, "--priors", "sceptic", "--priors", "alarmed")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    (most,) = (swap for swap in said["swaps"] if swap["path"] == said["most"])
    folder = EVIDENCE.parent / "model" / "priors"
    block = {"outcomes": (folder / "alarmed.yaml").read_text().split("\n\n")[0]}
    rest = (folder / "sceptic.yaml").read_text().split("\n\n")[1:]
    (tmp_path / "swapped.yaml").write_text("\n\n".join([block[said["most"]], *rest]))
    priors = load_priors([tmp_path / "swapped.yaml"])
    from drawdown.answers.assess import assess

    q = ask(load_case(EVIDENCE / "syria-2024", priors), priors, AS_OF, 1)
    fresh = assess(q, quick=True)
    into = most["into"]["sceptic"]
    told = np.array([into["outcomes"][o] for o in OUTCOMES])
    error = np.hypot(fresh.mcse.max(), max(into["mcse"].values()))
    assert np.abs(told - fresh.weighed.outcomes).max() < NOISE * error
    theirs = np.array([said["forecasters"][1]["outcomes"][o] for o in OUTCOMES])
    assert distance(fresh.weighed.outcomes, theirs) < 0.5 * said["distance"]
