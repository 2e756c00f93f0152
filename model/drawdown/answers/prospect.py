"""One look that could be made next: in words, with its chance and with what it would say."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from drawdown.answers.assess import Question
from drawdown.answers.imagined import Imagined
from drawdown.answers.information import Branch, Joint
from drawdown.answers.rumours import Rumour
from drawdown.files.indicator import Look
from drawdown.files.reports import THEATRE
from drawdown.files.sentences import say_site
from drawdown.outcomes import OUTCOMES

UNSAID = Look(0.5, 7.0)
"""Chance of a look where the priors say none."""


@dataclass(frozen=True)
class Prospect:
    """One look that could be made next.

    Attributes
    ----------
    site, indicator, label : str
    what : str
        What is looked at, where, and over how many days.
    told, not_told : str
        Both sides of the split that says most, in words.
    chance : float
        Of getting the look in time.
    joint : Joint
        Of outcome and answer.
    seen, not_seen : Branch
        Both sides of that split.
    source : Imagined or Rumour
    """

    site: str
    indicator: str
    label: str
    what: str
    told: str
    not_told: str
    chance: float
    joint: Joint
    seen: Branch
    not_seen: Branch
    source: Imagined | Rumour

    @property
    def worth(self) -> float:
        """Expected information of trying to get the look, in bits."""
        return self.chance * self.joint.information


def of_count(q: Question, source: Imagined, edges: np.ndarray, joint: Joint, within: float) -> Prospect:
    """A look at what stands or moves.

    Parameters
    ----------
    edges : dims (answer,)
        Lowest count of each answer.
    within : float
        Days in which the look is to be got.
    """
    report, indicator = source.report, q.priors.indicators[source.report.indicator]
    days = (report.until - report.date).days + 1
    over = f", over {days} days" if days > 1 else ""
    at = int(edges[joint.best_split])
    told, not_told = _count_words(at, indicator.unit) if source.counted else ("yes", "no")
    seen, not_seen = joint.branches()
    return Prospect(
        site=report.site,
        indicator=indicator.name,
        label=indicator.label,
        what=f"{indicator.label}, {say_site(report.site, q.case)}{over}",
        told=told,
        not_told=not_told,
        chance=chance_within(indicator.look, within),
        joint=joint,
        seen=seen,
        not_seen=not_seen,
        source=source,
    )


def of_word(q: Question, source: Rumour, joint: Joint, within: float) -> Prospect:
    """A report on the politics; the sides are its two answers."""
    indicator = q.priors.indicators[source.now.indicator]
    seen, not_seen = joint.branches()
    return Prospect(
        site=THEATRE,
        indicator=indicator.name,
        label=indicator.label,
        what=indicator.label,
        told="yes",
        not_told="no",
        chance=chance_within(indicator.look, within),
        joint=joint,
        seen=seen,
        not_seen=not_seen,
        source=source,
    )


def chance_within(look: Look | None, within: float) -> float:
    """Chance of at least one usable look in so many days, looks coming at a steady rate."""
    said = look or UNSAID
    return float(1.0 - (1.0 - said.chance) ** (within / said.within_days))


def as_json(prospect: Prospect, within: float) -> dict[str, Any]:
    """One row of `looks` in `assessment.json`."""
    p = prospect
    return {
        "site": p.site,
        "indicator": p.indicator,
        "label": p.label,
        "look": p.what,
        "what": f"{p.what}: {p.told}",
        "chance": p.chance,
        "within_days": within,
        "information_bits": p.joint.information,
        "worth_bits": p.worth,
        "expected_move": _by_outcome(p.joint.move),
        "if_seen": _side(p.what, p.told, p.seen),
        "if_not": _side(p.what, p.not_told, p.not_seen),
    }


def _side(what: str, words: str, branch: Branch) -> dict[str, Any]:
    return {
        "what": f"{what}: {words}",
        "answer": words,
        "probability": branch.chance,
        "outcomes": _by_outcome(branch.outcomes),
    }


def _by_outcome(values: np.ndarray) -> dict[str, float]:
    return dict(zip(OUTCOMES, map(float, values), strict=True))


def _count_words(at: int, unit: str) -> tuple[str, str]:
    """Say "so many or more" and its opposite; a unit of several words needs to be said."""
    of = f" ({unit})" if " " in unit else ""
    if at == 1:
        return "any", "none"
    return f"{at} or more{of}", "1 or none" + of if at == 2 else f"{at - 1} or fewer{of}"
