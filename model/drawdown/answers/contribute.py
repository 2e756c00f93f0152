"""What carries the answer: origins, and sites by indicator, each left out, alone given the rest."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from drawdown.answers.assess import Progress, Question
from drawdown.answers.retell import Answer, Teller
from drawdown.answers.screening import foremost
from drawdown.answers.variants import with_codes, without_reports
from drawdown.files.reports import Report
from drawdown.outcomes import OUTCOMES

NOT_COMPUTED = "not computed"
MOST_ORIGINS = 150
"""Left out one by one; of more, those that a screening by few draws puts first."""
MOST_REFITS = 4
"""Each costs a fit of every hypothesis; what is left is named, not guessed."""


@dataclass(frozen=True)
class Contribution:
    """The answer less the answer without some reports, alone given the rest; does not sum.

    Attributes
    ----------
    origin : str
        The look or utterance that is left out; blank where a site and indicator are.
    site, indicator : str
        Of all its reports; blank where they differ.
    reports : int
    delta : dims (outcome,)
        Change of the probability that the reports make.
    log_odds : dims (outcome,)
        The same change in log odds.
    method : str
        `reweighted`, `refitted`, `exact`, or `not computed` where reweighting does not hold and
        the run had no time to fit again.
    khat : float or None
    """

    origin: str
    site: str
    indicator: str
    reports: int
    delta: np.ndarray
    log_odds: np.ndarray
    method: str
    khat: float | None


def by_origin(
    teller: Teller,
    *,
    refit: bool = True,
    among: Collection[str] | None = None,
    progress: Progress = lambda _: None,
) -> list[Contribution]:
    """Leave out each origin whose reports bear on the answer.

    Parameters
    ----------
    teller : Teller
    refit : bool
        Whether to fit again where weights do not hold.
    among : collection of str, optional
        Leave out only these.

    Returns
    -------
    list of Contribution
        Largest change of any outcome first; `not computed` for origins that the screening put last.
    """
    q = teller.base.question
    groups: dict[str, list[Report]] = {}
    for report in bearing(q):
        if among is None or report.origin in among:
            groups.setdefault(report.origin, []).append(report)
    asked = [
        _Asked(origin, _one({r.site for r in rows}), _one({r.indicator for r in rows}), len(rows))
        for origin, rows in sorted(groups.items())
    ]
    first = set(foremost(teller.base, [a.origin for a in asked], MOST_ORIGINS))
    rest = [(a, without_reports(q, groups[a.origin])) for a in asked if a.origin in first]
    out = _left_out(teller, rest, refit, progress)
    nothing = np.zeros(len(OUTCOMES))
    return out + [
        Contribution(**vars(a), delta=nothing, log_odds=nothing, method=NOT_COMPUTED, khat=None)
        for a in asked
        if a.origin not in first
    ]


def by_indicator(
    teller: Teller, *, refit: bool = True, progress: Progress = lambda _: None
) -> list[Contribution]:
    """Leave out each site and indicator in turn, and each political code.

    Returns
    -------
    list of Contribution
        Largest change of any outcome first.
    """
    q = teller.base.question
    groups: dict[tuple[str, str], list[Report]] = {}
    for report in q.observations.reports:
        groups.setdefault((report.site, report.indicator), []).append(report)
    asked = [
        (_Asked("", site, indicator, len(rows)), without_reports(q, rows))
        for (site, indicator), rows in sorted(groups.items())
    ]
    for code in q.codes:
        if code.known:
            rest = with_codes(q, tuple(c for c in q.codes if c is not code))
            asked.append((_Asked("", "theatre", code.indicator, len(code.reports)), rest))
    return _left_out(teller, asked, refit, progress)


def bearing(q: Question) -> list[Report]:
    """Reports that enter the answer: physical looks, and the rows behind political codes."""
    coded = {id(r): r for code in q.codes if code.known for r in code.reports}
    return [*q.observations.reports, *coded.values()]


@dataclass(frozen=True)
class _Asked:
    origin: str
    site: str
    indicator: str
    reports: int


def _one(names: set[str]) -> str:
    return names.pop() if len(names) == 1 else ""


def _left_out(
    teller: Teller, asked: list[tuple[_Asked, Question]], refit: bool, progress: Progress
) -> list[Contribution]:
    base = teller.base.weighed.outcomes
    out, beyond = [], []
    for group, rest in asked:
        answer = teller.reweighted(rest)
        if not teller.holds(answer):
            # draws of the fit without the whole family reach further
            answer = teller.pooled(rest) or answer
        if teller.holds(answer):
            out.append(_contribution(group, base, answer))
        else:
            beyond.append((group, rest, answer))
    # weights that do not hold still tell roughly where a refit is worth its seconds
    beyond.sort(key=lambda found: -np.abs(base - found[2].outcomes).max())
    for i, (group, rest, answer) in enumerate(beyond):
        if refit and i < MOST_REFITS:
            progress(f"Fitting again without {group.origin or f'{group.indicator} at {group.site}'}")
            found = replace(teller.refitted(rest), khat=answer.khat)
            out.append(_contribution(group, base, found))
        else:
            nothing = np.zeros(len(OUTCOMES))
            why = _contribution(group, base, answer)
            out.append(replace(why, delta=nothing, log_odds=nothing, method=NOT_COMPUTED))
    return sorted(out, key=lambda c: (-np.abs(c.delta).max(), c.origin, c.site, c.indicator))


def _contribution(group: _Asked, base: np.ndarray, answer: Answer) -> Contribution:
    return Contribution(
        **vars(group),
        delta=base - answer.outcomes,
        log_odds=log_odds(base) - log_odds(answer.outcomes),
        method=answer.method,
        khat=None if answer.method == "exact" else answer.khat,
    )


def log_odds(p: np.ndarray) -> np.ndarray:
    """Log odds of probabilities."""
    out: np.ndarray = np.log(p) - np.log1p(-p)
    return out
