"""Political reports that nobody has made yet: what a yes and a no would each say of the outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

import numpy as np

from drawdown.answers.assess import Question
from drawdown.files.reports import THEATRE, Report, unmade
from drawdown.model.politics import Code, code_indicators, political_log_likelihood
from drawdown.outcomes import OUTCOMES

ANSWERS = ("no", "yes")


@dataclass(frozen=True)
class Rumour:
    """A report on one political indicator by a collector who has said nothing so far.

    Attributes
    ----------
    now : Code
        The code without it.
    codes : (Code, Code)
        The code after a no, and after a yes, by the rules of coding.
    share : (float, float)
        The mixture of both codes that is the code of today, so that what a report may do adds up to
        what is known without it. Where votes multiply each share is one; where a report puts
        silence or an earlier no aside, it is what those amount to.
    """

    now: Code
    codes: tuple[Code, Code]
    share: tuple[float, float]


def rumours(q: Question, grade: str) -> list[Rumour]:
    """Every political report that could be made next.

    Left out is a fact by which the case is defined. Left out too is an indicator whose code of today
    is surer than a report could make it, as where a long silence is surer than the word of a poor
    source: the rules put the silence aside all the same, and no chance of a yes squares with that.
    """
    if q.view.as_of >= q.case.horizon:
        return []
    found = []
    for code in q.codes:
        if code.indicator in q.view.context:
            continue
        after = tuple(_after(q, code.indicator, answer, grade) for answer in ANSWERS)
        share = _mixture(_said(code), [_said(c) for c in after])
        if share is not None:
            found.append(Rumour(code, (after[0], after[1]), share))
    return found


def answer_chances(q: Question, asked: Sequence[Rumour]) -> np.ndarray:
    """Chance of each combination of answers under each outcome, given today's codes.

    Exact, since the likelihood of the codes is linear in each of them; dims (outcome, combination),
    the last rumour's answer turning fastest.
    """
    now = _log_likelihood(q, {})
    out = []
    for answers in product(range(len(ANSWERS)), repeat=len(asked)):
        after = {r.now.indicator: r.codes[n] for r, n in zip(asked, answers, strict=True)}
        share = np.prod([r.share[n] for r, n in zip(asked, answers, strict=True)])
        out.append(share * np.exp(_log_likelihood(q, after) - now))
    return np.stack(out, axis=1)


def report_of(q: Question, name: str, answer: str, grade: str) -> Report:
    """The report, made the day after the date."""
    day = q.view.as_of + timedelta(days=1)
    return unmade(THEATRE, name, answer, day, day, origin=f"{THEATRE}/{name}", grade=grade)


def _after(q: Question, name: str, answer: str, grade: str) -> Code:
    reports = (*q.view.reports, report_of(q, name, answer, grade))
    codes = code_indicators(replace(q.view, reports=reports), q.priors)
    return next(code for code in codes if code.indicator == name)


def _said(code: Code) -> np.ndarray:
    """What a code has said if absent and if present, as the likelihood takes it."""
    return np.array(code.said if code.known else (1.0, 1.0))


def _mixture(now: np.ndarray, after: list[np.ndarray]) -> tuple[float, float] | None:
    """Shares of the two later codes that add up to the code of today; None if one is negative."""
    apart = np.stack(after, axis=1)
    if abs(np.linalg.det(apart)) < 1e-12:
        return None
    no, yes = np.linalg.solve(apart, now)
    return (float(no), float(yes)) if min(no, yes) >= 0.0 else None


def _log_likelihood(q: Question, after: dict[str, Code]) -> np.ndarray:
    """Log likelihood of today's codes, some of them replaced; dims (outcome,)."""
    codes = tuple(after.get(code.indicator, code) for code in q.codes)
    log = political_log_likelihood(codes, q.priors, q.view.day)
    return np.array([log[o] for o in OUTCOMES])
