"""The political strand: indicators coded from the log, and what their codes say of each outcome.

The chance of an indicator under an outcome has log odds a + shared * eta: `a` is a judgement or was
learned, `eta` is a standard-normal factor of the case that makes its indicators dependent. Both are
integrated by Gauss-Hermite quadrature, so the strand has no Monte Carlo error.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from drawdown.files.priors import Indicator, Priors
from drawdown.files.reports import Report
from drawdown.files.view import View
from drawdown.model.episodes import normal_nodes
from drawdown.outcomes import OUTCOMES

NODES = 41
LANDMARK_DAY = 27.0
"""Median day on which the codes of the reference class were taken."""
DRIFT_FROM_DAY = 40
DRIFT_VARIANCE = 0.25
"""Variance in log odds added for each doubling of time since the landmark."""
CONTEXT_SURE = 0.98
"""A fact that defines the case is known but for a slip of the coder."""


@dataclass(frozen=True)
class Code:
    """How one indicator was coded.

    Attributes
    ----------
    indicator : str
    said : tuple of float
        Chance of all that was said (or of the silence) if the indicator is absent and if it is
        present; (1, 1) if nothing is known.
    reports : tuple of Report
        The rows behind the code.
    why : str
    """

    indicator: str
    said: tuple[float, float]
    reports: tuple[Report, ...]
    why: str

    @property
    def known(self) -> bool:
        """Whether anything bears on the code."""
        return self.said[0] != self.said[1]

    @property
    def chance_present(self) -> float:
        """Chance of presence on even odds."""
        return self.said[1] / sum(self.said)

    @property
    def state(self) -> str:
        """`present`, `absent`, `mixed` or `unknown`."""
        if not self.known:
            return "unknown"
        chance = self.chance_present
        return "present" if chance >= 0.75 else "absent" if chance <= 0.25 else "mixed"


def code_indicators(view: View, priors: Priors) -> tuple[Code, ...]:
    """Code every political indicator as of the date of the view.

    The rules: a report counts if the scope it gives counts; where an indicator tells the scope of
    another apart, a report of that one with a scope is a vote on it; a `yes` supersedes every earlier
    `no`, since the question is whether it has happened by now; each collector has one vote, weighed by
    the chance that it is right; silence counts as a weak `no` after the days that the indicator's
    `silence` says, until somebody speaks. An earlier `no` and silence are put aside as far as those who
    speak are believed: a rumour that nobody can grade does not undo them.
    """
    return tuple(
        _code(view, priors, name, indicator)
        for name, indicator in priors.indicators.items()
        if indicator.tracks == "intent"
    )


def _code(view: View, priors: Priors, name: str, indicator: Indicator) -> Code:
    rows = [r for r in view.reports if r.indicator == name and r.modelled]
    rows = [r for r in rows if not r.scope or indicator.scopes.get(r.scope, True)]
    told = _by_scope(view, indicator)
    yes = [r for r in rows if r.observed == "yes"] + [r for r, full in told if full]
    first = min((r.date for r in yes), default=None)
    no = [r for r in rows if r.observed == "no"] + [r for r, full in told if not full]
    later = [r for r in no if first is None or r.date > first]
    again = {r.collector for r in later}
    earlier = [r for r in no if r not in later and r.collector not in again]
    absent, present = 1.0, 1.0
    fact = view.context.get(name)
    if fact is not None:
        sure = CONTEXT_SURE if fact.observed == "yes" else 1.0 - CONTEXT_SURE
        absent, present = 1.0 - sure, sure
    for_yes, for_no = one_vote_each(yes, priors), one_vote_each(later, priors)
    for votes, aside in (
        ([(1.0 + right) / 2.0 for right in for_yes], 0.0),
        ([(1.0 - right) / 2.0 for right in for_no], 0.0),
        ([(1.0 - right) / 2.0 for right in one_vote_each(earlier, priors)], _believed(for_yes)),
    ):
        for vote in votes:
            present *= aside + (1.0 - aside) * vote
            absent *= aside + (1.0 - aside) * (1.0 - vote)
    used = tuple(sorted(yes + later + earlier, key=lambda r: (r.date, r.origin)))
    silence = indicator.silence
    quiet = silence is not None and view.day >= silence.after_days
    if used and fact is None and silence is not None and quiet:
        aside = _believed(for_yes + for_no)
        present *= aside + (1.0 - aside) * (1.0 - silence.sure)
        absent *= aside + (1.0 - aside) * silence.sure
    if used or fact is not None:
        why = fact.why if fact is not None else _voices(len({r.collector for r in used}))
        return Code(name, (absent, present), used, why)
    if silence is not None and quiet:
        why = f"no report in {view.day} days"
        return Code(name, (silence.sure, 1.0 - silence.sure), (), why)
    return Code(name, (1.0, 1.0), (), "no report, and silence says nothing yet")


def _voices(number: int) -> str:
    return f"{number} collector{'' if number == 1 else 's'}"


def _believed(votes: list[float]) -> float:
    """Chance that at least one of some votes is right."""
    return 1.0 - float(np.prod([1.0 - right for right in votes]))


def _by_scope(view: View, indicator: Indicator) -> list[tuple[Report, bool]]:
    """Reports of another indicator whose scope is a vote on this one, and which way."""
    if indicator.scope_of is None:
        return []
    other, scope = indicator.scope_of
    said = [r for r in view.reports if r.indicator == other and r.modelled and r.observed == "yes"]
    return [(r, r.scope == scope) for r in said if r.scope]


def one_vote_each(reports: list[Report], priors: Priors) -> list[float]:
    """Chance of being right of each collector's best report."""
    best: dict[str, float] = {}
    for report in reports:
        right = priors.chance_right(report.collector, report.grade)
        best[report.collector] = max(right, best.get(report.collector, 0.0))
    return [best[name] for name in sorted(best)]


def chance_present(indicator: Indicator, outcome: str, factor: np.ndarray, day: int) -> np.ndarray:
    """Chance of an indicator under an outcome at values of the case's factor; dims as `factor`."""
    judgement = indicator.present[outcome]
    drift = 0.0
    if day > DRIFT_FROM_DAY:
        drift = DRIFT_VARIANCE * np.log2(day / LANDMARK_DAY)
    nodes, weights = normal_nodes(NODES)
    effect = judgement.mu + np.sqrt(judgement.sd**2 + drift) * nodes
    chance: np.ndarray = expit(effect + indicator.shared * factor[:, None]) @ weights
    return chance


def political_log_likelihood(codes: tuple[Code, ...], priors: Priors, day: int) -> dict[str, float]:
    """Log likelihood of the codes under each outcome."""
    known = [code for code in codes if code.known]
    nodes, weights = normal_nodes(NODES)
    out = {}
    for outcome in OUTCOMES:
        total = np.log(weights)
        for code in known:
            chance = chance_present(priors.indicators[code.indicator], outcome, nodes, day)
            total = total + np.log(chance * code.said[1] + (1.0 - chance) * code.said[0])
        out[outcome] = float(logsumexp(total))
    return out
