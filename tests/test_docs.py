"""The pages against the code: every key and column is explained, and the how-to works to the letter."""

import csv
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cases import EVIDENCE
from drawdown.cli import app
from drawdown.files import reports
from drawdown.files.case import load_case
from drawdown.files.fields import Reader
from drawdown.files.mapping import load_mapping
from drawdown.files.priors import load_priors
from test_new import uncommented

DOCS = EVIDENCE.parent / "docs"
REFERENCE = (DOCS / "reference.md").read_text(encoding="utf-8")
HOWTO = (DOCS / "new-theatre.md").read_text(encoding="utf-8")

Keys = tuple[frozenset[str], frozenset[str]]
"""Those that a block must have, and those that it may have."""


def tables(head: str) -> list[list[list[str]]]:
    """Rows of every table of the reference whose first column has this name."""
    found = re.findall(rf"^\| {head} \|.*\n\| --- .*\n((?:\|.*\n)+)", REFERENCE, re.MULTILINE)
    return [[[cell.strip() for cell in line[1:-1].split("|")] for line in t.splitlines()] for t in found]


def told(table: list[list[str]]) -> Keys:
    needed = {row[0].strip("`"): row[1] == "yes" for row in table}
    assert len(needed) == len(table), "a key twice"
    assert all(row[1] in ("", "yes") and row[2] for row in table)
    must = frozenset(key for key, yes in needed.items() if yes)
    return must, frozenset(needed) - must


@pytest.fixture
def asked(monkeypatch) -> set[Keys]:
    """What the readers ask of each block while they read."""
    found: set[Keys] = set()
    read = Reader.fields

    def spy(self, node, required, optional=(), missing_ok=False):
        required = tuple(required)
        found.add((frozenset(required), frozenset(optional)))
        return read(self, node, required, optional, missing_ok)

    monkeypatch.setattr(Reader, "fields", spy)
    return found


def test_the_reference_has_every_key_that_is_read(asked, tmp_path):
    (tmp_path / "mine.yaml").write_text("sources: {HUR: {grade: D4, why: Party to a war with Russia}}\n")
    priors = load_priors([tmp_path / "mine.yaml"])
    folder = tmp_path / "whole"
    assert CliRunner().invoke(app, ["new", str(folder)]).exit_code == 0
    text = (folder / "case.yaml").read_text(encoding="utf-8")
    (folder / "case.yaml").write_text(uncommented(text), encoding="utf-8")
    case = load_case(folder, priors)
    formats = Path(__file__).parent / "data" / "formats"
    for name in ("adsb.yaml", "ais.yaml"):
        mapping = (formats / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(
            mapping.replace("flow: out", "flow: {column: a, names: {b: out}}").replace(
                "flights {date}", "{date} {flow}"
            )
        )
        load_mapping(tmp_path / name, case, priors)
    assert {told(table) for table in tables("key")} == asked


def test_the_reference_has_every_column():
    (table,) = tables("column")
    assert told(table) == (frozenset(reports.REQUIRED), frozenset(reports.OPTIONAL))


def test_the_reference_lists_the_indicators():
    (table,) = tables("indicator")
    shown = [[cell.replace("`", "") for cell in row] for row in table]
    assert shown == [
        [i.name, i.tracks, i.unit, ", ".join(i.stocks)] for i in load_priors().indicators.values()
    ]


def test_the_indicator_of_the_reference_is_whole(tmp_path):
    (block,) = re.findall(r"```yaml\n(indicators:.*?)```", REFERENCE, re.DOTALL)
    (tmp_path / "mine.yaml").write_text(block, encoding="utf-8")
    assert load_priors([tmp_path / "mine.yaml"]).indicators["fuel_trucks"].of == "jets"


def test_the_mappings_of_the_page_are_read(tmp_path):
    priors = load_priors()
    case = load_case(EVIDENCE / "syria-2024", priors)
    page = (DOCS / "importing.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 2
    for n, block in enumerate(blocks):
        (tmp_path / f"{n}.yaml").write_text(block, encoding="utf-8")
        load_mapping(tmp_path / f"{n}.yaml", case, priors)


def commands() -> list[list[str]]:
    """What the how-to types, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", HOWTO, re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


def rows() -> str:
    (block,) = re.findall(r"```csv\n(.*?)```", HOWTO, re.DOTALL)
    return block


def test_the_rows_of_the_how_to_are_those_of_the_log(tmp_path):
    with (EVIDENCE / "syria-2024" / "reports.csv").open(encoding="utf-8", newline="") as file:
        log = {row["x_id"]: row for row in csv.DictReader(file)}
    assert CliRunner().invoke(app, ["new", str(tmp_path / "x")]).exit_code == 0
    header = (tmp_path / "x" / "reports.csv").read_text(encoding="utf-8")
    shown = list(csv.DictReader((header + rows()).splitlines()))
    assert len(shown) == 10
    sites = {"base": "hmeimim", "posts": "inland", "theatre": "theatre"}
    for row in shown:
        theirs = log[row["x_id"]]
        assert {k: v for k, v in row.items() if k != "site"} == {
            k: theirs[k] for k in row if k != "site"
        }
        assert sites[row["site"]] == theirs["site"]


def test_the_how_to_to_the_letter(tmp_path, monkeypatch):
    """Folder, check, ten rows, check, assessment and its report: one real fit."""
    monkeypatch.chdir(tmp_path)
    new, first, second, assess = commands()
    assert CliRunner().invoke(app, new).exit_code == 0
    before = CliRunner().invoke(app, first)
    assert before.exit_code == 0
    assert len(re.findall(r"^  sites\.", before.stdout, re.MULTILINE)) == 9, "as the page says"
    with Path("evidence/practice/reports.csv").open("a", encoding="utf-8", newline="") as file:
        file.write(rows())
    after = CliRunner().invoke(app, second)
    assert after.exit_code == 0
    assert "10 rows, 10 facts (0 reposts folded), 10 can enter the model" in after.stdout
    result = CliRunner().invoke(app, assess)
    assert result.exit_code == 0, result.stderr
    assert "Practice, as of 1 Jan 2025" in result.stdout
    assert Path("reports/practice/latest+quick/brief.md").is_file()
