"""Numbers into words: the yardstick of likelihood, the judgements and the headline."""

from collections.abc import Mapping
from typing import Any

from drawdown.answers.material import Material
from drawdown.outcomes import LABELS
from drawdown.report.confidence import confidence
from drawdown.report.numerals import SHOWN, outcome_percents, rounded_percents, short_date
from drawdown.report.record import recorded

__all__ = ["BANDS", "YARDSTICK", "headline", "judgement", "judgements", "rounded_percents", "word_for"]

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


def word_for(probability: float) -> str:
    """Word of the yardstick for a probability."""
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"not a probability: {probability}")
    return next(word for edge, word in reversed(BANDS) if probability >= edge)


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
    summary = recorded(material.summary)
    now, before = outcome_percents(summary), outcome_percents(summary, "prior")
    chances = "  ".join(f"{LABELS[outcome]} {now[outcome]} %" for outcome in SHOWN)
    prior = "/".join(str(before[outcome]) for outcome in SHOWN)
    dates = f"as of {short_date(material.as_of)}, on {short_date(material.horizon)}"
    stamp = "" if summary["diagnostics"]["passed"] else "  [not for citation]"
    return "\n".join(
        (
            f"{material.name}, {dates}:{stamp}",
            f"  {chances}   (before any report {prior})",
            "  " + " ".join(judgements(summary)),
            f"  {confidence(material).sentence}",
        )
    )
