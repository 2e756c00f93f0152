"""The benchmark's own parts: its made-up cases are cases, and each table has a place on the page."""

import importlib
import importlib.util
import sys
from pathlib import Path

import pytest

from drawdown.answers.assess import ask
from drawdown.files.case import load_case
from drawdown.files.priors import load_priors

BENCH = Path(__file__).parent / "bench"
PRIORS = load_priors()


@pytest.fixture
def bench(monkeypatch):
    """Import a module of the benchmark."""
    monkeypatch.syspath_prepend(str(BENCH))
    monkeypatch.chdir(BENCH.parents[1])
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == BENCH:
            del sys.modules[name]


@pytest.mark.parametrize(("reports", "days"), [(100, 350), (999, 350), (300, 700)])
def test_every_made_up_report_counts(bench, tmp_path, reports, days):
    case = load_case(bench("made").with_reports(tmp_path / "made", reports, days), PRIORS)
    q = ask(case, PRIORS, None, 1)
    assert len(q.observations.reports) == reports
    assert len({origin for origin, _ in q.observations.groups}) == -(-reports // 2)
    assert 0.9 * days < q.view.day <= days + 1


@pytest.mark.parametrize("sites", [4, 8, 64])
def test_made_up_sites(bench, tmp_path, sites):
    case = load_case(bench("made").with_sites(tmp_path / "made", sites), PRIORS)
    q = ask(case, PRIORS, None, 1)
    assert len(q.layout.sites) == sites
    assert {site for _, site in q.observations.groups} == set(q.layout.sites)


def test_each_part_has_a_module_and_one_place_on_the_page(bench, tmp_path):
    main = _load()
    text = main.PAGE.read_text(encoding="utf-8")
    for part, module in main.PARTS.items():
        assert text.count(f"<!-- bench {part} -->") == text.count(f"<!-- end {part} -->") == 1
        assert callable(bench(module).table)
    copy = tmp_path / "page.md"
    copy.write_text(text, encoding="utf-8")
    main.write("c", "| a table \\1 |", copy)
    new = copy.read_text(encoding="utf-8")
    begin, end = "<!-- bench c -->\n", "\n<!-- end c -->"
    assert new.partition(begin)[2].partition(end)[0] == "| a table \\1 |"
    assert new.partition(begin)[0] == text.partition(begin)[0]
    assert new.partition(end)[2] == text.partition(end)[2]


def _load():
    spec = importlib.util.spec_from_file_location("bench_main", BENCH / "__main__.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
