"""The list of a case's assessments, and the table for forecast hubs."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from drawdown.outcomes import OUTCOMES
from drawdown.report.hub import COLUMNS, LEVELS, hub_csv
from drawdown.report.record import recorded
from drawdown.report.render import list_reports, write_report
from test_report_pages import Page
from test_report_synthetic import AS_OF, TRIGGER, full_material, full_summary


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def table() -> list[dict[str, str]]:
    return rows_of(hub_csv(recorded(full_summary()), TRIGGER, ["sceptic"]))


def test_the_table_is_that_of_a_hub(table):
    assert tuple(table[0]) == COLUMNS
    assert {row["model_id"] for row in table} == {"drawdown-sceptic"}
    assert {row["output_type"] for row in table} == {"pmf", "cdf", "quantile"}
    keys = [(row["target"], row["output_type"], row["output_type_id"]) for row in table]
    assert len(set(keys)) == len(keys)


def test_the_mass_is_over_the_ordered_outcomes_and_that_of_the_json(table):
    mass = [row for row in table if row["output_type"] == "pmf"]
    assert [row["output_type_id"] for row in mass] == list(OUTCOMES)
    written = recorded(full_summary())["outcomes"]
    for row in mass:
        assert float(row["value"]) == pytest.approx(written[row["output_type_id"]]["probability"])
    assert sum(float(row["value"]) for row in mass) == pytest.approx(1, abs=1e-6)


def test_dates_are_conditional_on_nothing(table):
    curve = [row for row in table if row["target"] == "full exit by date"]
    assert len(curve) == len(full_summary()["exit_by"])
    values = [float(row["value"]) for row in curve]
    assert values == sorted(values) and values[-1] < 0.25
    found = [row for row in table if row["target"].endswith("to full exit")]
    # the curve ends under 25 %: the median of the date is beyond the horizon, and has no row
    assert [float(row["output_type_id"]) for row in found] == [0.05]
    day = float(found[0]["value"])
    first = (AS_OF - TRIGGER).days
    assert first < day < first + 30
    low, high = values[0], values[1]
    assert low + (high - low) * (day - first) / 30 == pytest.approx(0.05, abs=1e-3)
    assert {row["target"] for row in table} >= {"north given up by date", "port given up by date"}


def test_no_cdf_falls_when_a_force_returns():
    summary = recorded(full_summary())
    summary["exit_by"][-1]["probability"] = 0.1
    rows = rows_of(hub_csv(summary, TRIGGER, []))
    values = [float(row["value"]) for row in rows if row["target"] == "full exit by date"]
    assert values == sorted(values)
    assert values[-1] == values[-2] == pytest.approx(summary["exit_by"][-2]["probability"])


def test_quantiles_of_a_certain_exit_are_in_order():
    summary = recorded(full_summary())
    summary["exit_by"] = [
        {"date": (AS_OF + timedelta(days=10 * n)).isoformat(), "probability": n / 10} for n in range(11)
    ]
    rows = rows_of(hub_csv(summary, TRIGGER, []))
    days = [float(r["value"]) for r in rows if r["target"].endswith("to full exit")]
    assert days == [(AS_OF - TRIGGER).days + 100 * level for level in LEVELS]
    assert rows[0]["model_id"] == "drawdown-defaults"


def dated(material, days: int, passed: bool = True):
    """The same assessment on another day."""
    as_of = AS_OF + timedelta(days=days)
    summary = material.summary | {"as_of": as_of.isoformat()}
    summary["diagnostics"] = summary["diagnostics"] | {"passed": passed}
    return replace(material, as_of=as_of, summary=summary)


def test_assessments_are_listed_over_time(tmp_path):
    material = full_material()
    write_report(dated(material, 0), tmp_path / "2024-12-31", priors_yaml="")
    write_report(dated(material, 7), tmp_path / "latest", priors_yaml="")
    write_report(dated(material, 0, passed=False), tmp_path / "2024-12-31+failed", priors_yaml="")
    other = tmp_path / "other"
    write_report(dated(material, 3), other, priors_yaml="")
    written = json.loads((other / "assessment.json").read_text()) | {"case": "another"}
    (other / "assessment.json").write_text(json.dumps(written))
    (tmp_path / "empty").mkdir()
    (tmp_path / "issued.csv").write_text("issued\n")
    name = "<script>alert(1)</script> & co"
    path = list_reports(tmp_path, "synthetic", name)
    once = path.read_bytes()
    page = Page(once.decode())
    assert [row[0] for row in page.rows[1:]] == [
        "7 Jan 2025",
        "31 Dec 2024",
        "31 Dec 2024not for citation",
    ]
    assert all(row[1:4] == ["24 %", "54 %", "22 %"] for row in page.rows[1:])
    assert not [tag for tag, _ in page.elements if tag in ("script", "img", "co")]
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert links[:3] == ["latest/brief.html", "latest/brief.md", "latest/assessment.json"]
    assert all((tmp_path / link.replace("%2B", "+")).is_file() for link in links)
    assert list_reports(tmp_path, "synthetic", name).read_bytes() == once
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_case_without_assessments_says_so(tmp_path):
    assert "No assessment yet" in list_reports(tmp_path, "synthetic", "A case").read_text()
