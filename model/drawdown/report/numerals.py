"""Numbers as a reader meets them: whole percents, points, dates, and the order of the outcomes."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import ceil, floor
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


def signed(number: float, digits: int) -> str:
    """A number with its sign and so many decimals; nothing has no sign."""
    text = f"{abs(number):.{digits}f}"
    nothing = not text.strip("0.")
    return text if nothing else f"{MINUS if number < 0 else '+'}{text}"


def scaled(numbers: Sequence[float], digits: int) -> list[str]:
    """Numbers and their sum, each within one unit of the last decimal; what is printed adds up."""
    unit = 10**digits
    exact = [unit * number for number in numbers]
    parts = [floor(round(number, 9)) for number in exact]
    total = round(sum(exact))
    by_remainder = sorted(range(len(exact)), key=lambda n: -round(exact[n] - parts[n], 9))
    for n in by_remainder[: total - sum(parts)]:
        parts[n] += 1
    return [signed(part / unit, digits) for part in [*parts, total]]


def error_points(summary: Mapping[str, Any]) -> int:
    """Monte Carlo error of the least certain outcome, in whole points, rounded up."""
    worst = max(row.get("mcse", 0.0) for row in summary["outcomes"].values())
    return max(1, ceil(round(100 * worst, 6)))


def short_date(day: date) -> str:
    """Write a date as in `8 Dec 2024`, whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def ranges_of(summary: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Smallest and largest chance of each outcome under other judgements, where any were tried."""
    given = (summary.get("sensitivity") or {}).get("range") or {}
    out = {}
    for outcome in SHOWN:
        ends = given.get(outcome)
        if isinstance(ends, Mapping):
            ends = (ends["smallest"], ends["largest"])
        if ends:
            out[outcome] = (float(ends[0]), float(ends[1]))
    return out


def day_of(text: Any) -> date:
    """The date that a summary holds, as text or as a date."""
    return text if isinstance(text, date) else date.fromisoformat(str(text))


def chance_percents(chances: Mapping[str, float]) -> dict[str, int]:
    """Whole percents of three chances, in the order shown, adding up to 100."""
    return rounded_percents({outcome: chances[outcome] for outcome in SHOWN})


def outcome_percents(summary: Mapping[str, Any], key: str = "probability") -> dict[str, int]:
    """Whole percents of the outcomes, in the order shown; `key` is `probability` or `prior`."""
    return chance_percents({outcome: summary["outcomes"][outcome][key] for outcome in SHOWN})
