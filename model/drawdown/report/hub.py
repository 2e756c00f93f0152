"""The answer as a table that forecast hubs read: one row a number."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from drawdown.outcomes import OUTCOMES
from drawdown.report.numerals import day_of

COLUMNS = ("model_id", "target", "output_type", "output_type_id", "value")
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
Row = tuple[str, str, str, str]
"""Target, type, id of the value, value."""


def hub_csv(summary: Mapping[str, Any], trigger: date, overlays: list[str]) -> str:
    """Text of `hub.csv`.

    Parameters
    ----------
    summary : mapping
        As recorded in `assessment.json`.
    trigger : date
        Day 0 of the days in quantiles.
    overlays : list of str
        Part of the name of the model.
    """
    model = "drawdown-" + ("_".join(overlays) or "defaults")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((model, *row) for row in _rows(summary, trigger))
    return text.getvalue()


def _rows(summary: Mapping[str, Any], trigger: date) -> list[Row]:
    """Outcomes in their order, then dates of a full exit and of each major base given up."""
    target = f"outcome on {summary['horizon']}"
    out: list[Row] = [
        (target, "pmf", outcome, _number(summary["outcomes"][outcome]["probability"]))
        for outcome in OUTCOMES
    ]
    curves = {"full exit": summary.get("exit_by") or []}
    for slug, site in summary["sites"].items():
        if site.get("kind") == "major":
            curves[f"{slug} given up"] = site.get("given_up_by") or []
    for name, chances in curves.items():
        curve = _rising(chances)
        out += [(f"{name} by date", "cdf", str(r["date"]), _number(r["probability"])) for r in curve]
        out += _quantiles(name, curve, trigger)
    return out


def _rising(curve: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The highest chance so far: a force that returns lowers the chance of a date, and no cdf falls."""
    out, top = [], 0.0
    for row in curve:
        top = max(top, row["probability"])
        out.append({"date": row["date"], "probability": top})
    return out


def _quantiles(name: str, curve: list[dict[str, Any]], trigger: date) -> list[Row]:
    """Days from the trigger at which the chance reaches each level; a level never reached has no row."""
    days = [(day_of(row["date"]) - trigger).days for row in curve]
    chances = [row["probability"] for row in curve]
    out: list[Row] = []
    for level in LEVELS:
        after = next((n for n, chance in enumerate(chances) if chance >= level), None)
        # what was reached before the first date has no day that is known
        if after is None or after == 0:
            continue
        low, high = chances[after - 1], chances[after]
        day = days[after - 1] + (days[after] - days[after - 1]) * (level - low) / (high - low)
        target = f"days from {trigger.isoformat()} to {name}"
        out.append((target, "quantile", _number(level), _number(round(day, 1))))
    return out


def _number(value: float) -> str:
    return f"{value:.6g}"
