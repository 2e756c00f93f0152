"""The record of what was issued: only ever added to, and scored by hand-computed numbers."""

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cases import REFERENCE
from conftest import ROW, write_reports
from drawdown.answers.issue import issue
from drawdown.answers.ledger import ledger
from drawdown.cli import app
from drawdown.errors import FitError, InputError
from drawdown.files.case import load_case
from drawdown.files.issued import COLUMNS, Line, append, issued_file, read_issued
from drawdown.files.run import find_run
from drawdown.files.said import read_said
from drawdown.files.view import view

HORIZON = date(2025, 12, 8)
SAYS = {"full_exit": 0.2, "partial_redeployment": 0.55, "retained": 0.25}
MODEL = {"full_exit": 0.1, "partial_redeployment": 0.3, "retained": 0.6}
SAY = "full=20%,partial=55%,retained=25%"
SLOW = ("pymc", "pytensor", "nutpie", "arviz", "pandas", "matplotlib", "scipy", "numba")
PACKAGE = Path(__file__).parents[1] / "model"


def at(day: int, hour: int = 0) -> datetime:
    """A moment of December 2025."""
    return datetime(2025, 12, day, hour, tzinfo=UTC)


def line(when: datetime, by: str = "desk", stated: dict = SAYS, model: dict | None = MODEL) -> Line:
    return Line(when, by, date(2025, 12, 1), HORIZON, stated, model, "latest", seed="1")


def write_run(case, name="latest", *, as_of="2025-01-10", passed=True, stated=MODEL, **more):
    """Write the part of an assessment that is issued, as of the newest report by default."""
    folder = Path("reports") / case.slug / name
    folder.mkdir(parents=True)
    record = {
        "case": case.slug,
        "as_of": as_of,
        "horizon": case.horizon.isoformat(),
        "outcomes": {o: {"probability": p} for o, p in stated.items()},
        "diagnostics": {"passed": passed},
        "provenance": {
            "evidence_sha256": view(case, date.fromisoformat(as_of)).sha256,
            "priors_sha256": "0" * 64,
            "code_version": "0.1.0+abc",
            "seed": 1,
        },
    }
    (folder / "assessment.json").write_text(json.dumps(record | more))
    return folder


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def case(tiny_case, priors, monkeypatch):
    """The small case with one report, in the working directory."""
    monkeypatch.chdir(tiny_case.parent)
    write_reports(tiny_case, [ROW | {"date": "2025-01-08", "published": "2025-01-10"}])
    return load_case(Path("tiny"), priors)


# What a person says


@pytest.mark.parametrize(
    "text",
    [
        SAY,
        "retained=.25, full = 0.2, partial=0.55",
        "full_exit=20 %,partial_redeployment=55%,retained=0.25",
    ],
)
def test_percents_and_fractions_are_read(text):
    problems = []
    assert read_said(text, problems) == SAYS
    assert problems == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("full=20%,partial=55%", "nothing said of retained"),
        ("full=20%,partial=55%,retained=24%", "add up to 99 %"),
        ("full=0,partial=0,retained=0", "add up to 0 %"),
        ("full=20,partial=55%,retained=25%", "did you mean `full=20%`?"),
        ("full=20%,full_exit=20%,partial=55%,retained=25%", "said twice"),
        ("full=20%,parial=55%,retained=25%", "did you mean `partial`?"),
        ("full=-20%,partial=95%,retained=25%", "`full=-20%`"),
        ("full=nan,partial=inf,retained=25%", "`partial=inf`"),
        ("full=101%,partial=0%,retained=0%", "`full=101%`"),
        ("", "expected `full=20%,partial=55%,retained=25%`"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, told):
    problems = []
    assert read_said(text, problems) == {}
    assert told in "\n".join(map(str, problems))


@given(st.tuples(*[st.integers(0, 1000)] * 2).filter(lambda t: sum(t) <= 1000), st.integers(-5, 5))
def test_what_is_said_adds_up_to_one(tenths, off):
    """Half a point off is rounding, and the rest is shared out."""
    full, partial = tenths
    third = min(1000, max(0, 1000 - full - partial + off))
    problems = []
    said = read_said(f"full={full / 10}%,partial={partial / 10}%,retained={third / 10}%", problems)
    assert problems == []
    assert round(1e6 * sum(said.values())) == 10**6
    assert said["full_exit"] == pytest.approx(full / 1000, abs=0.006)


# The file


CHANCES = st.integers(0, 10**6).flatmap(
    lambda a: st.integers(0, 10**6 - a).map(lambda b: [a / 1e6, b / 1e6, (10**6 - a - b) / 1e6])
)
STATED = CHANCES.map(lambda c: dict(zip(SAYS, c, strict=True)))
LINES = st.builds(
    Line,
    issued=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
        lambda d: d.replace(microsecond=0, tzinfo=UTC)
    ),
    by=st.sampled_from(["desk", "model", "Second desk", "7", "Büro-2"]),
    as_of=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    horizon=st.just(HORIZON),
    stated=STATED,
    model=st.none() | STATED,
    run=st.sampled_from(["", "latest", 'odd, "name"']),
    evidence_sha256=st.sampled_from(["", "a" * 64]),
    seed=st.sampled_from(["", "1"]),
)


@given(lines=st.lists(LINES, max_size=6))
def test_lines_come_back_and_earlier_bytes_stay(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("ledger") / "a" / "issued.csv"
    before, kept = b"", []
    for each in lines:
        own = [earlier for earlier in kept if earlier.by == each.by]
        added = append(path, each)
        after = path.read_bytes()
        assert after.startswith(before)
        if own and own[-1].says_what(each):
            assert added is None
            assert after == before
        else:
            assert added == replace(each, line=len(kept) + 2)
            assert after.count(b"\n") == before.count(b"\n") + (1 if before else 2)
            kept.append(added)
        before = after
    assert read_issued(path) == kept


def test_processes_do_not_mix(tmp_path):
    code = (
        "import sys\nfrom datetime import UTC, date, datetime\nfrom pathlib import Path\n"
        "from drawdown.files.issued import Line, append\n"
        "day = date(2025, 12, 1)\n"
        "for n in range(25):\n"
        "    p = {'full_exit': n / 100, 'partial_redeployment': 0.5, 'retained': 0.5 - n / 100}\n"
        "    append(Path('issued.csv'), Line(datetime.now(UTC), sys.argv[1], day, day, p))\n"
    )
    env = os.environ | {"PYTHONPATH": str(PACKAGE)}
    started = [
        subprocess.Popen([sys.executable, "-c", code, f"desk {n}"], cwd=tmp_path, env=env)
        for n in range(4)
    ]
    assert [process.wait() for process in started] == [0] * 4
    lines = read_issued(tmp_path / "issued.csv")
    assert len(lines) == 100
    for n in range(4):
        own = [entry.stated["full_exit"] for entry in lines if entry.by == f"desk {n}"]
        assert own == [k / 100 for k in range(25)]


def test_a_part_that_was_written_is_taken_back(tmp_path, monkeypatch):
    path = tmp_path / "issued.csv"
    append(path, line(at(1)))
    before, write = path.read_bytes(), os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:20]))
    with pytest.raises(InputError, match="taken back"):
        append(path, line(at(2), stated=MODEL))
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "issued.csv").mkdir()
    with pytest.raises(InputError, match="issued.csv"):
        append(tmp_path / "issued.csv", line(at(1)))


EDITS = {
    "changed number": (b"0.550000", b"0.560000", 3),
    "other form of number": (b"0.550000", b"55%", 3),
    "rounded number": (b"0.550000", b"0.55", 3),
    "spreadsheet date": (b"2025-12-02T", b"12/2/2025 ", 3),
    "day that is none": (b"2025-12-02T", b"2025-12-32T", 3),
    "formula": (b"second", b"=second", 3),
    "fewer cells": (b",latest,", b",", 2),
    "hash": (b"latest,,", b"latest,abc,", 2),
    "seed": (b",1\n", b",one\n", 2),
    "other header": (b"issued,by", b"by,issued", 1),
    "no header": (b"issued,by", b"x,by", 1),
    "own column": (b",seed\n", b",seed,x_note\n", 2),
    "quotes": (b",second,", b',"second",', 3),
    "spaces": (b",second,", b", second,", 3),
    "not text": (b"second", b"s\xffcond", 3),
    "blank model": (b"0.100000", b"", 2),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_file_is_refused_with_its_line(tmp_path, edit):
    path = tmp_path / "issued.csv"
    append(path, line(at(1)))
    append(path, line(at(2), by="second"))
    old, new, where = EDITS[edit]
    raw = path.read_bytes()
    start = raw.index(b"2025-12-02T") if where == 3 else 0
    changed = raw[:start] + raw[start:].replace(old, new, 1)
    assert changed != raw
    refused(path, changed, where)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda raw: raw[:-1], 3),
        (lambda raw: raw[:-9], 3),
        (lambda raw: raw + b"\n", 4),
        (lambda raw: raw.replace(b"\n", b"\r\n"), 1),
        (lambda raw: b"\xef\xbb\xbf" + raw, 1),
    ],
)
def test_an_edited_shape_is_refused_with_its_line(tmp_path, change, where):
    path = tmp_path / "issued.csv"
    append(path, line(at(1)))
    append(path, line(at(2), by="second"))
    refused(path, change(path.read_bytes()), where)


def refused(path, changed, where):
    """Neither read nor added to, and the line is named."""
    path.write_bytes(changed)
    with pytest.raises(InputError) as told:
        append(path, line(at(3), by="third"))
    assert told.value.problems[0].line == where
    assert path.read_bytes() == changed
    with pytest.raises(InputError):
        read_issued(path)


# Issuing


def test_the_answer_of_the_model_is_issued_once(case):
    write_run(case)
    first = issue(case, now=at(1))
    assert first.added
    assert first.warnings == ()
    assert first.line.stated == first.line.model == MODEL
    assert (first.line.by, first.line.run, first.line.as_of) == ("model", "latest", date(2025, 1, 10))
    before = first.file.read_bytes()
    assert not issue(case, now=at(2)).added
    assert first.file.read_bytes() == before
    assert issue(case, by="desk", now=at(2)).added


def test_a_person_stands_beside_the_model(case):
    write_run(case)
    issued = issue(case, by="desk", say=SAY, now=at(1))
    (read,) = read_issued(issued.file)
    assert (read.by, read.stated, read.model) == ("desk", SAYS, MODEL)
    assert read.evidence_sha256 == view(case).sha256
    assert list(read.cells()) == list(COLUMNS)


def test_to_go_back_is_a_new_line(case):
    write_run(case)
    for say in (SAY, "full=30%,partial=45%,retained=25%", SAY):
        assert issue(case, by="desk", say=say, now=at(1)).added


def test_without_a_run_a_person_stands_alone(case):
    issued = issue(case, by="desk", say=SAY, now=at(1))
    assert issued.line.model is None
    assert (issued.line.as_of, issued.line.horizon) == (date(2025, 12, 1), HORIZON)
    assert "blank" in issued.warnings[0]
    with pytest.raises(InputError, match="no assessment of tiny"):
        issue(case, now=at(1))


def test_which_run(case):
    assert find_run("tiny") is None
    write_run(case, "2025-01-01", as_of="2025-01-01")
    write_run(case, "2025-01-05", as_of="2025-01-05", passed=False)
    write_run(case, "2025-01-05+sceptic", as_of="2025-01-05")
    write_run(case, ".staged-x", as_of="2025-02-05")
    assert find_run("tiny").name == "2025-01-01"
    write_run(case, "latest")
    assert find_run("tiny").name == "latest"
    assert find_run("tiny", date(2025, 1, 1)).name == "2025-01-01"
    assert find_run("tiny", date(2025, 1, 10)).name == "latest"
    assert not find_run("tiny", date(2025, 1, 5)).passed
    assert find_run("tiny", date(2025, 1, 2)) is None
    assert find_run("tiny", named="2025-01-05+sceptic").name == "2025-01-05+sceptic"
    assert find_run("tiny", named="reports/tiny/2025-01-01").name == "2025-01-01"
    with pytest.raises(InputError, match=r"did you mean `2025-01-05\+sceptic`"):
        find_run("tiny", named="2025-01-05+septic")
    with pytest.raises(InputError, match="is as of 2025-01-10"):
        find_run("tiny", date(2025, 1, 1), "latest")


def test_a_failed_report_is_refused(case):
    write_run(case, passed=False)
    for extra in ([], ["--by", "desk", "--say", SAY], ["--run", "latest"]):
        result = run("issue", "tiny", *extra)
        assert result.exit_code == 3
        assert "not for citation" in result.stderr
    with pytest.raises(FitError):
        issue(case)
    assert not issued_file("tiny").exists()


@pytest.mark.parametrize(
    "more",
    [
        {"case": "other"},
        {"horizon": "2026-01-01"},
        {"horizon": "soon"},
        {"outcomes": {}},
        {"outcomes": {o: {"probability": 0.5} for o in MODEL}},
        {"provenance": None},
        {"as_of": "2025-12-07"},
    ],
)
def test_a_report_that_cannot_be_issued_is_refused(case, more):
    folder = write_run(case)
    file = folder / "assessment.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | more))
    with pytest.raises(InputError):
        issue(case, now=at(1))
    assert not issued_file("tiny").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--say", SAY],
        ["--say", "full=20%", "--by", "desk"],
        ["--say", SAY, "--by", "Model"],
        ["--say", SAY, "--by", "=desk"],
        ["--say", SAY, "--by", "desk\n"],
        ["--say", SAY, "--by", ""],
        ["--say", SAY, "--by", "d" * 61],
        ["--by", "@desk"],
        ["--run", "lates"],
        ["--as-of", "2024-12-24"],
        ["--as-of", "24/12/2024"],
        ["--say", SAY, "--by", "desk", "--as-of", "2001-01-01"],
    ],
)
def test_bad_options_write_nothing(case, arguments):
    write_run(case)
    assert run("issue", "tiny", *arguments).exit_code == 2
    assert not issued_file("tiny").exists()


def test_warnings(case, tiny_case, priors):
    write_run(case)
    sure = issue(case, by="desk", say="full=0,partial=0,retained=1", now=at(1))
    assert "infinite" in sure.warnings[0]
    assert "after the horizon" in issue(case, now=at(9)).warnings[0]
    write_reports(tiny_case, [ROW])
    changed = load_case(tiny_case, priors)
    assert "have changed" in issue(changed, by="second", now=at(1)).warnings[0]


def test_the_command_line_tells_what_it_did(case):
    write_run(case)
    first = run("issue", "tiny", "--by", "desk", "--say", SAY)
    assert "full exit 20.0 %, partial redeployment 55.0 %, retained 25.0 %" in first.stdout
    assert "The model (latest): full exit 10.0 %" in first.stdout
    assert "reports/tiny/issued.csv, line 2" in first.stdout
    again = run("issue", "tiny", "--by", "desk", "--say", SAY)
    assert again.exit_code == 0
    assert "Already issued by desk" in again.stdout
    told = json.loads(run("issue", "tiny", "--json").stdout)
    assert (told["added"], told["line"], told["retained"], told["seed"]) == (True, 3, 0.6, 1)


def test_a_broken_file_exits_2(case):
    write_run(case)
    run("issue", "tiny")
    file = issued_file("tiny")
    file.write_bytes(file.read_bytes().replace(b"0.600000", b"0.7"))
    for command in ("issue", "score"):
        result = run(command, "tiny")
        assert result.exit_code == 2
        assert "reports/tiny/issued.csv:2:" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["issue", "tiny", "--by", "desk", "--say", SAY], ["issue", "tiny"], ["issue", "--help"]],
)
def test_issue_imports_nothing_slow(case, arguments):
    write_run(case)
    code = (
        "import sys\nfrom drawdown.cli import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print('slow:', [name for name in {SLOW} if name in sys.modules])"
    )
    env = {"PYTHONPATH": str(PACKAGE), "PATH": ""}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "slow: []"


# Scores


def told(case, lines):
    return ledger(case, [replace(entry, line=n + 2) for n, entry in enumerate(lines)], REFERENCE)


def test_a_line_is_scored_as_by_hand(case):
    """It ended as a partial redeployment: thresholds passed with 0.25 and 0.80 below them."""
    record = told(case, [line(at(1))])
    by_hand = {"rps": (0.25**2 + 0.2**2) / 2, "log": -math.log(0.55), "brier": 0.305}
    assert record["issued"][0]["scores"] == pytest.approx(by_hand, abs=1e-6)
    model = {"rps": (0.6**2 + 0.1**2) / 2, "log": -math.log(0.3), "brier": 0.36 + 0.49 + 0.01}
    assert record["issued"][0]["model_scores"] == pytest.approx(model, abs=1e-6)
    past = record["baselines"]["climatology"]
    assert past["rps"] == pytest.approx(((11 / 42) ** 2 + (19 / 42) ** 2) / 2, abs=1e-6)
    assert past["log"] == pytest.approx(-math.log(12 / 42), abs=1e-6)


def test_means_by_lines_and_by_days(case):
    """The first line stood for six days, the second for the two that were left of the horizon."""
    lines = [line(at(1)), line(at(2), by="model", stated=MODEL), line(at(7), stated=MODEL)]
    record = told(case, lines)
    desk = record["by"]["desk"]
    said, model = -math.log(0.55), -math.log(0.3)
    assert (desk["n"], desk["days"]) == (2, 8.0)
    assert desk["log"] == pytest.approx((said + model) / 2, abs=1e-6)
    assert desk["by_days"]["log"] == pytest.approx((6 * said + 2 * model) / 8, abs=1e-6)
    assert desk["model"]["log"] == pytest.approx(model, abs=1e-6)
    assert record["by"]["model"]["days"] == 7.0


def test_the_model_is_compared_on_the_same_lines_alone(case):
    desk = told(case, [line(at(1)), line(at(5), stated=MODEL, model=None)])["by"]["desk"]
    assert desk["n"] == 2
    assert desk["beside_model"]["n"] == desk["model"]["n"] == 1
    assert desk["beside_model"]["log"] == pytest.approx(-math.log(0.55), abs=1e-6)
    assert told(case, [line(at(1), model=None)])["by"]["desk"]["model"] is None


def test_late_lines_are_scored_apart(case):
    """On the day of the horizon is in time; the day after it is not."""
    other = replace(line(at(2)), horizon=HORIZON + timedelta(days=30))
    record = told(case, [line(at(8, 23)), line(at(9), stated=MODEL), other])
    assert [entry["note"] for entry in record["issued"]] == [
        "",
        "after the horizon",
        "for another horizon",
    ]
    assert (record["by"]["desk"]["n"], record["after_horizon"]["desk"]["n"]) == (1, 1)
    assert record["issued"][2]["scores"] is None
    assert "by_days" not in record["after_horizon"]["desk"]


def test_what_was_called_impossible_scores_without_end(case):
    never = {"full_exit": 1.0, "partial_redeployment": 0.0, "retained": 0.0}
    record = told(case, [line(at(1), stated=never), line(at(1)), line(at(1), by="model", stated=never)])
    assert record["issued"][0]["scores"] == {"rps": 0.5, "log": None, "brier": 2.0}
    assert record["by"]["desk"]["log"] is None
    # replaced in the same second, it stood for no time at all
    assert record["by"]["desk"]["by_days"]["log"] == pytest.approx(-math.log(0.55), abs=1e-6)
    json.dumps(record, allow_nan=False)


def test_a_borderline_case_is_scored_both_ways(case):
    assert told(case, [line(at(1))])["near"] is None
    close = replace(case, resolved=case.resolved | {"near": "retained"})
    near = told(close, [line(at(1))])["near"]
    assert near["outcome"] == "retained"
    assert near["by"]["desk"]["log"] == pytest.approx(-math.log(0.25), abs=1e-6)
    assert near["issued"][0]["scores"]["rps"] == pytest.approx((0.75**2 + 0.2**2) / 2, abs=1e-6)


@given(lines=st.lists(LINES, max_size=5))
def test_any_record_can_be_scored(shared_case, lines):
    record = told(shared_case, lines)
    json.dumps(record, allow_nan=False)
    counted = sum(means["n"] for key in ("by", "after_horizon") for means in record[key].values())
    assert counted == len(record["issued"]) == len(lines)
    for means in record["by"].values():
        assert 0 <= means["rps"] <= 1
        assert 0 <= means["brier"] <= 2


@pytest.fixture(scope="module")
def shared_case(tmp_path_factory, priors):
    from conftest import CASE

    folder = tmp_path_factory.mktemp("shared") / "tiny"
    folder.mkdir()
    (folder / "case.yaml").write_text(CASE)
    return load_case(folder, priors)


def test_score_of_a_case(case):
    assert "nothing issued yet: drawdown issue tiny" in run("score", "tiny").stdout
    write_run(case)
    append(issued_file("tiny"), line(at(1)))
    append(issued_file("tiny"), line(at(9), by="late desk"))
    result = run("score", "tiny", "--reference", REFERENCE)
    assert result.exit_code == 0
    assert "partial redeployment, known 2026-02-04; 2 lines on record" in result.stdout
    assert "late desk, after the horizon" in result.stdout
    assert "the model on the same lines" in result.stdout
    assert "shares of the outcomes among past episodes" in result.stdout
    record = json.loads(run("score", "tiny", "--reference", REFERENCE, "--json").stdout)
    assert {"case", "resolved", "issued", "by", "baselines"} <= record.keys()
    assert run("score", "tiny", "--holdout", "x").exit_code == 2


def test_score_of_an_open_case_lists_the_record(case, tiny_case):
    text = (tiny_case / "case.yaml").read_text()
    (tiny_case / "case.yaml").write_text(text.split("resolved:")[0])
    append(issued_file("tiny"), line(at(1)))
    result = run("score", "tiny")
    assert result.exit_code == 0
    assert "not resolved yet; 1 line on record" in result.stdout
    assert "55.0 %" in result.stdout
    record = json.loads(run("score", "tiny", "--json").stdout)
    assert record["resolved"] is None
    assert record["issued"][0]["scores"] is None
