"""The command line on good and bad input: all errors at once, exit codes, and a quick start."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conftest import ROW, write_reports
from drawdown.cli import app

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
SLOW = ("pymc", "pytensor", "nutpie", "arviz", "pandas", "matplotlib", "scipy", "numba")


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_golden_errors(monkeypatch):
    """Every problem of a broken folder, in order and word for word."""
    monkeypatch.chdir(GOLDEN)
    result = run("check", "broken")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (GOLDEN / "broken.txt").read_text(encoding="utf-8")


def test_problems_of_overlays_and_case_together(monkeypatch, tmp_path):
    monkeypatch.chdir(GOLDEN)
    (tmp_path / "bad.yaml").write_text("reserve: {share: 5%}\n")
    result = run("check", "broken", "--priors", tmp_path / "bad.yaml")
    assert result.exit_code == 2
    assert "bad.yaml:1:1" in result.stderr
    assert "broken/reports.csv:2:1" in result.stderr


def test_check_reads_back(tiny_case):
    rows = [
        ROW,
        ROW | {"publisher": "A repost"},
        ROW | {"collector": "Planet"},
        ROW | {"indicator": "expert_view", "observed": "yes"},
    ]
    write_reports(tiny_case, rows)
    result = run("check", tiny_case)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout == (GOLDEN / "check.txt").read_text(encoding="utf-8")


def test_check_shows_text_as_text(tiny_case):
    """Brackets in a collector's name are not styles of the terminal."""
    write_reports(tiny_case, [ROW | {"collector": "[red]Maxar[/red] :smile:"}])
    assert "[red]Maxar[/red] :smile:" in run("check", tiny_case).stdout


def test_priors_lists_every_judgement(priors):
    result = run("priors")
    assert result.exit_code == 0
    for path, _, _ in priors.said:
        assert path in result.stdout.replace("\n", "")


def test_stale_learned_chances_are_told(tiny_case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("check", "tiny").stderr == ""
    folder = tmp_path / "evidence" / "reference-class"
    folder.mkdir(parents=True)
    for name in ("cases.csv", "indicators.csv"):
        (folder / name).write_text("case\n")
    result = run("check", "tiny")
    assert result.exit_code == 0
    assert "learned.yaml was made from other files" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["assess", "tiny", "--as-of", "2024-13-01"],
        ["assess", "tiny", "--as-of", "12/13/2024"],
        ["assess", "tiny", "--seed", "x"],
        ["assess", "tiny", "--priors", "nobody"],
        ["assess", "nowhere"],
        ["check"],
        ["chekc", "tiny"],
        ["priors", "--figure", "x"],
    ],
)
def test_bad_options_exit_2(tiny_case, monkeypatch, arguments):
    monkeypatch.chdir(tiny_case.parent)
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("arguments", [["--help"], ["new", "fresh"], ["check", "tiny"], ["priors"]])
def test_quick_commands_import_nothing_slow(tiny_case, arguments):
    code = (
        "import sys\nfrom drawdown.cli import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print('slow:', [name for name in {SLOW} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=tiny_case.parent,
        env={"PYTHONPATH": str(HERE.parent / "model"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "slow: []"


def test_public_names():
    import drawdown

    assert drawdown.__version__
    assert callable(drawdown.load_case)
    assert callable(drawdown.load_priors)
    with pytest.raises(AttributeError):
        drawdown.nothing  # noqa: B018
