"""Numbers into words: the yardstick of likelihood, the judgements and the headline."""

from collections.abc import Mapping
from typing import Any

from drawdown.answers.material import Material
from drawdown.outcomes import LABELS
from drawdown.report.confidence import confidence
from drawdown.report.numerals import SHOWN, outcome_percents, rounded_percents, short_date
from drawdown.report.record import recorded
from drawdown.report.yardsticks import ICD203, YARDSTICKS, Yardstick

__all__ = ["headline", "judgements", "rounded_percents", "stamp_of", "word_for", "yardstick_of"]

STAMP, DRAFT = "not for citation", "draft"


def stamp_of(summary: Mapping[str, Any]) -> str:
    """What stands across a report whose fit failed its checks, or that was made of few draws."""
    if not summary["diagnostics"].get("passed", False):
        return STAMP
    return DRAFT if summary.get("draft") else ""


def yardstick_of(summary: Mapping[str, Any]) -> Yardstick:
    """The yardstick that a summary names; ICD 203 if it names none."""
    return YARDSTICKS[summary.get("yardstick", ICD203.key)]


def word_for(probability: float, yardstick: Yardstick = ICD203) -> str:
    """Word for a probability: that of the whole percent printed beside it."""
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"not a probability: {probability}")
    return yardstick.word(round(100 * probability))


def judgements(summary: Mapping[str, Any]) -> list[str]:
    """The sentences of all outcomes, most likely first."""
    now = outcome_percents(summary)
    say = yardstick_of(summary).sentence
    return [say(LABELS[o], now[o]) for o in sorted(SHOWN, key=lambda o: -now[o])]


def headline(material: Material) -> str:
    """The answer in four lines of plain text, as `assess` prints it."""
    summary = recorded(material.summary)
    now, before = outcome_percents(summary), outcome_percents(summary, "prior")
    chances = "  ".join(f"{LABELS[outcome]} {now[outcome]} %" for outcome in SHOWN)
    prior = "/".join(str(before[outcome]) for outcome in SHOWN)
    dates = f"as of {short_date(material.as_of)}, on {short_date(material.horizon)}"
    stamp = f"  [{stamp_of(summary)}]" if stamp_of(summary) else ""
    return "\n".join(
        (
            f"{material.name}, {dates}:{stamp}",
            f"  {chances}   (before any report {prior})",
            "  " + " ".join(judgements(summary)),
            f"  {confidence(material).sentence}",
        )
    )
