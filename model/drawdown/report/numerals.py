"""Numbers as a reader meets them: whole percents, points, dates, and the order of the outcomes."""

from collections.abc import Mapping
from datetime import date
from math import ceil
from typing import Any

from drawdown.outcomes import OUTCOMES

SHOWN = tuple(reversed(OUTCOMES))
"""Outcomes in the order in which pages list them: most withdrawal first."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUS = "\N{MINUS SIGN}"


def rounded_percents(chances: Mapping[str, float], whole: int = 100) -> dict[str, int]:
    """Whole parts that add up to `whole`, by largest remainder.

    Parameters
    ----------
    chances : mapping
        Numbers that are not negative; they are scaled to sum to one. Ties go to the earlier key.
    whole : int
        What the parts add up to.
    """
    total = sum(chances.values())
    exact = {key: whole * value / total for key, value in chances.items()}
    parts = {key: int(value) for key, value in exact.items()}
    # Rounding the remainder keeps a tie a tie whatever the last bit of the division says.
    by_remainder = sorted(exact, key=lambda key: -round(exact[key] - parts[key], 9))
    for key in by_remainder[: whole - sum(parts.values())]:
        parts[key] += 1
    return parts


def percent(probability: float) -> str:
    """One probability by itself, never rounded to certainty."""
    if 0.0 < probability < 0.005:
        return "<1 %"
    if 0.995 <= probability < 1.0:
        return ">99 %"
    return f"{round(100 * probability)} %"


def points(difference: float) -> str:
    """A signed move in whole percentage points."""
    whole = round(100 * difference)
    return "0" if whole == 0 else f"+{whole}" if whole > 0 else f"{MINUS}{-whole}"


def error_points(summary: Mapping[str, Any]) -> int:
    """Monte Carlo error of the least certain outcome, in whole points, rounded up."""
    worst = max(row.get("mcse", 0.0) for row in summary["outcomes"].values())
    return max(1, ceil(round(100 * worst, 6)))


def short_date(day: date) -> str:
    """Write a date as in `8 Dec 2024`, whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def outcome_percents(summary: Mapping[str, Any], key: str = "probability") -> dict[str, int]:
    """Whole percents of the outcomes, in the order shown; `key` is `probability` or `prior`."""
    return rounded_percents({outcome: summary["outcomes"][outcome][key] for outcome in SHOWN})
