"""The probabilities that a person states on the command line."""

import re

from drawdown.errors import Problem, did_you_mean
from drawdown.outcomes import OUTCOMES

STATED = tuple(reversed(OUTCOMES))
"""Outcomes in the order in which pages list them: most withdrawal first."""
SHORT = {"full": "full_exit", "partial": "partial_redeployment", "retained": "retained"}
SAY = "`full=20%,partial=55%,retained=25%`"
NUMBER = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(%?)")
SLACK = 0.005
"""How far from 100 % what a person says may add up to, before it is refused."""


def read_said(text: str, problems: list[Problem]) -> dict[str, float]:
    """Read the probabilities that a person states, as percents or fractions.

    Parameters
    ----------
    text : str
        All three outcomes, by short or full names, such as `full=20%,partial=0.55,retained=25%`.
    problems : list of Problem
        Grows by what is wrong.

    Returns
    -------
    dict
        Outcome to probability with six decimals, adding up to one; of no use if there are problems.
    """
    found: dict[str, float] = {}
    before = len(problems)
    for part in text.split(","):
        key, sign, value = (piece.strip() for piece in part.partition("="))
        outcome = SHORT.get(key, key)
        number = NUMBER.fullmatch(value)
        if outcome not in OUTCOMES or not sign:
            hint = did_you_mean(key, (*SHORT, *OUTCOMES))
            problems.append(_said_wrong(f"`{part.strip()[:40]}`", SAY, hint))
        elif outcome in found:
            problems.append(_said_wrong(f"`{outcome}` is said twice", "each outcome once"))
        elif number is None or float(number[1]) > (100 if number[2] else 1):
            hint = f"`{key}={value}%`" if NUMBER.fullmatch(f"{value}%") and float(value) <= 100 else ""
            expected = "a percentage from 0% to 100% or a fraction from 0 to 1"
            problems.append(_said_wrong(f"`{key}={value[:40]}`", expected, hint))
            found[outcome] = 0.0
        else:
            found[outcome] = float(number[1]) / (100 if number[2] else 1)
    if len(problems) == before:
        if missing := [outcome for outcome in STATED if outcome not in found]:
            problems.append(
                _said_wrong(f"nothing said of {' and '.join(missing)}", "all three outcomes")
            )
        elif abs(sum(found.values()) - 1) > SLACK + 1e-9:
            wrong = f"the three add up to {100 * sum(found.values()):.4g} %"
            problems.append(_said_wrong(wrong, "100 %, give or take half a point"))
    return _rounded(found) if len(problems) == before else {}


def _said_wrong(wrong: str, expected: str, hint: str = "") -> Problem:
    return Problem("--say", 0, 0, wrong, expected, hint)


def _rounded(chances: dict[str, float]) -> dict[str, float]:
    """Scale to a sum of one with six decimals; what rounding leaves over goes to the largest."""
    unit, total = 10**6, sum(chances.values())
    parts = {o: round(unit * chances[o] / total) for o in STATED}
    parts[max(STATED, key=lambda o: parts[o])] += unit - sum(parts.values())
    return {o: part / unit for o, part in parts.items()}
