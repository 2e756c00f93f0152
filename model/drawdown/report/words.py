"""Numbers into words: the yardstick of likelihood, whole percents, dates and the headline."""

from collections.abc import Mapping
from datetime import date
from math import ceil
from typing import Any

from drawdown.answers.material import Material
from drawdown.outcomes import LABELS, OUTCOMES

YARDSTICK = "ICD 203 (2015)"
BANDS = (
    (0.00, "almost no chance"),
    (0.05, "very unlikely"),
    (0.20, "unlikely"),
    (0.45, "roughly even"),
    (0.55, "likely"),
    (0.80, "very likely"),
    (0.95, "almost certain"),
)
"""Lower edge of each band, inclusive, and its word."""
SHOWN = tuple(reversed(OUTCOMES))
"""Outcomes in the order in which pages list them: most withdrawal first."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUS = "\N{MINUS SIGN}"


def word_for(probability: float) -> str:
    """Word of the yardstick for a probability."""
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"not a probability: {probability}")
    return next(word for edge, word in reversed(BANDS) if probability >= edge)


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


def judgement(outcome: str, whole_percent: int) -> str:
    """One sentence, word and number together; the word is that of the number printed."""
    label = LABELS[outcome]
    word = word_for(whole_percent / 100)
    if word == "almost no chance":
        return f"There is almost no chance of a {label} ({whole_percent} %)."
    if word == "roughly even":
        return f"The chance of a {label} is roughly even ({whole_percent} %)."
    return f"A {label} is {word} ({whole_percent} %)."


def judgements(summary: Mapping[str, Any]) -> list[str]:
    """The sentences of all outcomes, most likely first."""
    now = outcome_percents(summary)
    return [judgement(outcome, now[outcome]) for outcome in sorted(SHOWN, key=lambda o: -now[o])]


def headline(material: Material) -> str:
    """The answer in four lines of plain text, as `assess` prints it."""
    from drawdown.report.confidence import confidence
    from drawdown.report.record import recorded

    summary = recorded(material.summary)
    now, before = outcome_percents(summary), outcome_percents(summary, "prior")
    chances = "  ".join(f"{LABELS[outcome]} {now[outcome]} %" for outcome in SHOWN)
    prior = "/".join(str(before[outcome]) for outcome in SHOWN)
    stamp = "" if summary["diagnostics"]["passed"] else "  [not for citation]"
    return "\n".join(
        (
            f"{material.name}, as of {short_date(material.as_of)}, on {short_date(material.horizon)}:{stamp}",
            f"  {chances}   (before any report {prior})",
            "  " + " ".join(judgements(summary)),
            f"  {confidence(material).sentence}",
        )
    )
