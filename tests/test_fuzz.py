"""Files that went wrong in ways nobody listed: the project's own problems come out, and nothing else.

A few hundred of them in every run of the tests; `make fuzz` tries ten thousand (`FUZZ=` another number).
"""

import os
import re
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import REFERENCE, SYRIA
from drawdown.answers.assess import ask
from drawdown.errors import InputError
from drawdown.files.case import load_case
from drawdown.files.fields import Reader
from drawdown.files.issued import Line, append, read_issued
from drawdown.files.learning import load_learning
from drawdown.files.priors import DIRECTORY, load_priors, read_tree
from drawdown.files.reference import load_reference
from drawdown.files.run import read_run
from drawdown.files.setting import put, read_setting
from drawdown.model.likelihood import log_density
from mangle import ODD, VALUES, mangled_bytes, mangled_table, mangled_values, places

TESTS = 11
EXAMPLES = -(-int(os.environ.get("FUZZ", "440")) // TESTS)
SECONDS = 5.0
"""For one file of at most some hundred kilobytes, on a machine that does other things too."""
SHORT = 25
"""Rows that are kept of a long table: its end is read as its beginning is."""
REPORT = Path(__file__).parents[1] / "reports" / "syria-2024" / "latest"
OVERLAY = b"""
indicators:
  combat_aircraft:
    visible: {between: [50%, 90%], sure: 80%, why: Judgement}
    spread: {size: 4, why: Judgement}
    look: {chance: 60%, within: 7 days, why: Judgement}
  official_statement_staying:
    silence: {after: 30 days, sure: 20%, why: Judgement}
    present:
      full_exit: {between: [10%, 30%], sure: 80%, why: Judgement}
"""
PRIORS, TREE = load_priors(), read_tree(Reader())
PATHS = [path for path, _, _ in PRIORS.said]


def issued() -> bytes:
    """Three lines as the command writes them."""
    stated = {"full_exit": 0.2, "partial_redeployment": 0.55, "retained": 0.25}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "issued.csv"
        for day in (1, 8, 15):
            when, as_of = datetime(2025, 3, day, tzinfo=UTC), date(2025, 2, day)
            model = None if day == 1 else stated
            append(file, Line(when, "desk", as_of, date(2025, 12, 8), stated, model, "latest", seed="1"))
        return file.read_bytes()


def head(file: Path, rows: int) -> bytes:
    return b"\n".join(file.read_bytes().split(b"\n")[:rows]) + b"\n"


DEFAULTS = (DIRECTORY / "defaults.yaml").read_bytes()
SHIPPED = {
    "case": (SYRIA / "case.yaml").read_bytes(),
    "reports": head(SYRIA / "reports.csv", SHORT),
    "defaults": DEFAULTS,
    "overlay": DEFAULTS.partition(b"\nindicators:")[0] + OVERLAY,
    "learned": (DIRECTORY / "learned.yaml").read_bytes(),
    "learning": (DIRECTORY / "learning.yaml").read_bytes(),
    "cases": (REFERENCE / "cases.csv").read_bytes(),
    "codes": head(REFERENCE / "indicators.csv", 200),
    "issued": issued(),
    "assessment": (REPORT / "assessment.json").read_bytes(),
}
many = settings(
    max_examples=EXAMPLES,
    suppress_health_check=list(HealthCheck),
    # the same files in every run of the tests; new ones in every run of `make fuzz`
    derandomize="FUZZ" not in os.environ,
    database=None,
    print_blob=True,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the shipped files, one of which each example replaces."""
    home = tmp_path_factory.mktemp("fuzz")
    for name, files in (
        ("syria-2024", ("case.yaml", "reports.csv")),
        ("priors", ("defaults.yaml", "learned.yaml")),
        ("reference", ("cases.csv", "indicators.csv")),
    ):
        (home / name).mkdir()
        for file in files:
            restore(home / name / file)
    return home


def restore(file: Path) -> None:
    key = {"indicators": "codes"}.get(file.stem, file.stem)
    file.write_bytes(SHIPPED[key])


def check(file: Path, raw: bytes, read: Callable[[], object]) -> None:
    """Read a file of these bytes: it is read, or refused with places that are in it."""
    file.write_bytes(raw)
    started = time.perf_counter()
    try:
        read()
    except InputError as error:
        assert error.problems
        for problem in error.problems:
            said = str(problem)
            assert "\n" not in said and len(said) <= 2100 and not said.startswith(" "), said
            assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said), said
            assert problem.wrong, said
            # what is missing in one file may be asked for by another that lies beside it
            assert Path(problem.file).parent == file.parent, said
            lines = 1 + len(re.findall(rb"\r\n|\n|\r", Path(problem.file).read_bytes()))
            assert 0 <= problem.line <= lines, said
            assert problem.line or problem.column == 0, said
    finally:
        if file.parent.name in ("syria-2024", "priors", "reference"):
            restore(file)
    assert time.perf_counter() - started < SECONDS


def yaml_of(name: str) -> st.SearchStrategy[bytes]:
    """A shipped YAML file with other bytes, or (twice as often) with other values."""
    raw = SHIPPED[name]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.yaml").write_bytes(raw)
        where = places(Path(folder) / "a.yaml")
    return st.one_of(mangled_bytes(raw), mangled_values(raw, where), mangled_values(raw, where))


def table_of(name: str) -> st.SearchStrategy[bytes]:
    """A shipped CSV file with other bytes, or other cells."""
    return st.one_of(mangled_bytes(SHIPPED[name]), mangled_table(SHIPPED[name]))


def asked(case: Path, priors) -> None:
    """Read a case as far as the density of the model: what passes the reader must have one."""
    q = ask(load_case(case, priors), priors, None, 1)
    middle = np.zeros((1, q.layout.n_parameters))
    for hyper in q.hyper.values():
        found = log_density(middle, hyper, q.observations.arrays, q.layout)
        assert np.isfinite(found).all()


@many
@given(raw=yaml_of("case"))
def test_case(folder, raw):
    home = folder / "syria-2024"
    (home / "reports.csv").unlink(missing_ok=True)
    check(home / "case.yaml", raw, lambda: asked(home, PRIORS))
    restore(home / "reports.csv")


@many
@given(raw=table_of("reports"))
def test_reports(folder, raw):
    home = folder / "syria-2024"
    check(home / "reports.csv", raw, lambda: asked(home, PRIORS))


@many
@given(raw=yaml_of("defaults"))
def test_defaults(folder, raw):
    home = folder / "priors"
    check(home / "defaults.yaml", raw, lambda: load_priors(directory=home, learned=False))


@many
@given(raw=yaml_of("overlay"))
def test_overlay(folder, raw):
    file = folder / "overlay.yaml"
    check(file, raw, lambda: asked(folder / "syria-2024", load_priors([file])))


@many
@given(raw=yaml_of("learned"))
def test_learned(folder, raw):
    home = folder / "priors"
    check(home / "learned.yaml", raw, lambda: load_priors(directory=home))


@many
@given(raw=yaml_of("learning"))
def test_learning(folder, raw):
    file = folder / "learning.yaml"
    check(file, raw, lambda: load_learning(file))


@many
@given(raw=table_of("cases"))
def test_reference_cases(folder, raw):
    home = folder / "reference"
    check(home / "cases.csv", raw, lambda: load_reference(home))


@many
@given(raw=table_of("codes"))
def test_reference_codes(folder, raw):
    home = folder / "reference"
    check(home / "indicators.csv", raw, lambda: load_reference(home))


@many
@given(raw=table_of("issued"))
def test_issued(folder, raw):
    check(folder / "issued.csv", raw, lambda: read_issued(folder / "issued.csv"))


@many
@given(raw=mangled_bytes(SHIPPED["assessment"]))
def test_assessment(folder, raw):
    check(folder / "assessment.json", raw, lambda: read_run(folder, "syria-2024"))


@many
@given(
    path=st.sampled_from(PATHS),
    value=st.one_of(st.sampled_from((*VALUES, *ODD)), st.text(max_size=30)),
)
def test_setting(path, value):
    """A value of the command line has no line, and is named by its path."""
    reader = Reader()
    try:
        put(reader, TREE.root, read_setting(f"{path}={value}"), PATHS)
    except InputError as error:
        reader.problems += error.problems
    for problem in reader.problems:
        assert str(problem).startswith("--set")
        assert "\n" not in str(problem)
