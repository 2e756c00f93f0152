"""Fixtures of every test: a small case, and the shipped priors."""

import csv
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

# two workers share two cores; must come before the first import of NumPy
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from drawdown.files.case import Case, load_case
from drawdown.files.priors import Priors, load_priors

# a busy machine is no defect: time is measured by benchmarks
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

CASE = """\
name: A small case
force: Blue
host: Green
trigger: 2024-12-08
horizon: 2025-12-08
sites:
  base:
    name: The base
    kind: major
    share: {between: [50%, 80%], sure: 80%, why: Most of the force; judgement}
    stock:
      jets: {between: [15, 35], unit: aircraft, leaves: air, why: Judgement}
      equipment: {between: [1, 6], unit: thousand t, leaves: air, why: Judgement}
    routine:
      transport_flights: {between: [0.1, 2], unit: per day, why: Judgement}
  posts:
    name: The posts
    kind: outpost
    share: {between: [10%, 40%], sure: 80%, why: The rest; judgement}
    fate: {kept: 10%, thinned: 20%, closed: 70%, why: Cut off by the trigger}
    stock:
      posts: {between: [50, 110], unit: posts, leaves: road, why: Judgement}
blocked:
  - {site: base, leaves: air, from: 2025-01-05, to: 2025-01-21, published: 2025-01-13, why: No clearance}
context:
  regime_change_in_host: {observed: yes, published: 2024-12-08, why: The trigger}
resolved:
  outcome: partial_redeployment
  known: 2026-02-04
  why: Judgement
"""
ROW = {
    "date": "2024-12-13",
    "site": "base",
    "indicator": "combat_aircraft",
    "observed": ">=15",
    "collector": "Maxar",
    "url": "https://example.org/a",
}
COLUMNS = (
    *("date", "until", "published", "site", "indicator", "observed", "flow", "scope", "origin"),
    *("collector", "grade", "publisher", "note", "url", "x_id"),
)


def write_reports(folder: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write reports.csv; columns that a row does not name are blank."""
    with (folder / "reports.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="session")
def priors() -> Priors:
    """The shipped priors."""
    return load_priors()


@pytest.fixture
def tiny_case(tmp_path: Path) -> Path:
    """Folder of a small valid case with two sites and no reports."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "case.yaml").write_text(CASE, encoding="utf-8")
    return folder


@pytest.fixture
def make_case(tiny_case: Path, priors: Priors) -> Callable[..., Case]:
    """Load the small case with reports; rows are mappings of columns."""

    def make(rows: Iterable[Mapping[str, str]] = ()) -> Case:
        write_reports(tiny_case, rows)
        return load_case(tiny_case, priors)

    return make


@pytest.fixture
def intent_case(make_case: Callable[..., Case]) -> Callable[..., Case]:
    """The same, for reports on the politics."""
    return make_case


@pytest.fixture(scope="module")
def sampler(tmp_path_factory):
    """A sampler of the small case of `small`."""
    # most tests fit nothing, and `small` takes the case from here
    from drawdown.answers.assess import compile_sampler
    from small import ROWS, small_question

    return compile_sampler(small_question(tmp_path_factory.mktemp("compile"), ROWS))
