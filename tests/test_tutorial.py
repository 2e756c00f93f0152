"""The tutorial to the letter: every command runs, and what the page promises is there."""

import csv
import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cases import EVIDENCE, SYRIA
from drawdown.cli import COMMANDS, app
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors

PAGE = (EVIDENCE.parent / "docs" / "tutorial.md").read_text(encoding="utf-8")
ELSEWHERE = {"make setup", "git checkout evidence/syria-2024/reports.csv"}
"""Lines that are no command of ours: what the test's own place and its copy of the case stand for."""
FITS = ("assess", "whatif", "compare")
OVERLAY = Path("model/priors/mine.yaml")
LOG = Path("evidence/syria-2024/reports.csv")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def steps() -> list[list[str]]:
    """What is typed and written, in the order of the page."""
    out = []
    for kind, text in re.findall(r"```(sh|yaml|csv)\n(.*?)```", PAGE, re.DOTALL):
        if kind == "sh":
            lines = [line for line in text.splitlines() if line not in ELSEWHERE]
            out += [shlex.split(line) for line in lines]
        else:
            out.append([kind, text])
    return out


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A copy of the case where the page has it."""
    shutil.copytree(SYRIA, tmp_path / LOG.parent)
    (tmp_path / OVERLAY.parent).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def follow(fitting: bool) -> dict[str, list[str]]:
    """Type every line and write every file; what was printed by command."""
    printed: dict[str, list[str]] = {}
    for step in steps():
        if step[0] == "yaml":
            OVERLAY.write_text(step[1], encoding="utf-8")
        elif step[0] == "csv":
            with LOG.open("a", encoding="utf-8", newline="") as file:
                file.write(step[1])
        else:
            program, name, *words = step
            assert program == ".venv/bin/drawdown"
            assert name in COMMANDS
            if name in FITS and not fitting:
                continue
            done = CliRunner().invoke(app, [name, *words])
            assert done.exit_code == 0, (step, done.output)
            printed.setdefault(name, []).append(done.stdout)
    return printed


def test_every_command_that_fits_nothing(desk):
    """The others are tried in the long test below; here, that their options are read."""
    printed = follow(fitting=False)
    first, second, last = printed["check"]
    rows = re.compile(r"(\d+) rows")
    assert int(rows.search(last)[1]) == int(rows.search(first)[1]) + 1
    assert rows.search(second)[1] == rows.search(first)[1]
    assert "outcomes" in printed["priors"][0] and "lift" in printed["priors"][0]
    assert "combat_aircraft" in printed["indicators"][0]
    for step in steps():
        if step[0].endswith("drawdown") and step[1] in FITS:
            told = CliRunner().invoke(app, [step[1], *step[2:], "--help"])
            assert told.exit_code == 0, step


def test_the_row_is_new_and_named_for_what_it_is(desk):
    (text,) = blocks("csv")
    before = LOG.read_text(encoding="utf-8")
    header = next(csv.reader(before.splitlines()))
    (row,) = csv.reader(text.splitlines())
    told = dict(zip(header, row, strict=True))
    assert told["origin"] == "practice_20241231"
    assert told["origin"] not in before
    LOG.write_text(before + text, encoding="utf-8")
    case = load_case(LOG.parent, load_priors())
    (report,) = (r for r in case.reports if r.origin == told["origin"])
    assert report.modelled
    assert (report.lo, report.hi) == (20, None)


def test_the_overlay_is_read(desk):
    (text,) = blocks("yaml")
    OVERLAY.write_text(text, encoding="utf-8")
    priors = load_priors([OVERLAY])
    assert priors.names == ("mine",)
    assert priors.sources["HUR"] == "D4"
    assert priors.outcome_chance["retained"] == 0.26


@pytest.mark.long
def test_the_whole_page(desk):
    """With its fits: four of three hypotheses, of few draws."""
    printed = follow(fitting=True)
    first, mine, with_row = printed["assess"]
    assert all("as of 31 Dec 2024" in text for text in (first, mine, with_row))
    assert len({first, mine, with_row}) == 3
    for name in ("2024-12-31+quick", "2024-12-31+mine+quick"):
        assert (Path("reports/syria-2024") / name / "brief.html").is_file()
    assert "What explains most: outcomes takes away" in printed["compare"][0]
    wondered, without = printed["whatif"]
    assert "Each change alone, largest move first" in wondered
    assert "practice_20241231" in without
