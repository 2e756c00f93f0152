"""Families of evidence: the move from base rate to answer, shared out in log odds, so that it sums.

Shapley values, or the mean of first and last where physical families are many. Each set of physical
families is fitted (`coalitions`); politics and the passage of time are exact on top of each.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import factorial

import numpy as np

from drawdown.answers.assess import Assessment, Progress, fit_each
from drawdown.answers.coalitions import Coalition, Refit, Strength, strengths, subsets
from drawdown.answers.contribute import log_odds
from drawdown.answers.retell import Teller
from drawdown.answers.variants import with_observations
from drawdown.answers.weigh import weigh
from drawdown.inference.fitted import Effort, Fitted
from drawdown.model.politics import Code, political_log_likelihood
from drawdown.outcomes import OUTCOMES

POLITICS, TIME, OTHER = "politics", "passage of time", "other movement"
MONTE_CARLO = "Monte Carlo error"
ROUNDING = 1e-9
MOST_PHYSICAL = 6
"""With politics and time at most eight; the smallest beyond that are one."""


@dataclass(frozen=True)
class Family:
    """What one family of evidence adds to the log odds of each outcome; the families sum.

    Attributes
    ----------
    family : str
    reports : int
        That bear on the answer.
    log_odds : dims (outcome,)
    method : str
        `exact` where nothing was fitted for it, else `refitted`; or the `remainder`.
    """

    family: str
    reports: int
    log_odds: np.ndarray
    method: str


@dataclass(frozen=True)
class Families:
    """The move shared out, and the physical strand without each family.

    Attributes
    ----------
    shares : list of Family
        Physical families in the order of the priors, politics, passage of time. They sum to the log
        odds of the answer less those of the base rates, for each outcome.
    without : dict of Strength
        What the physical reports say without a family, for those that have any.
    """

    shares: list[Family]
    without: dict[str, Strength]


def families(teller: Teller, progress: Progress = lambda _: None) -> Families:
    """Share the move from base rates to answer out over the families of evidence."""
    a = teller.base
    groups = physical_families(a)
    heard = {name: mask for name, mask in groups.items() if mask.any()}
    told = strengths(a, heard, _refit(teller), progress)
    players = _players(a, groups)
    every = len(told) == 2 ** len(heard)
    shares = (shapley if every else first_and_last)(players, _value(a, told))
    method = "refitted" if len(heard) > 1 else "exact"
    zero = np.zeros(len(OUTCOMES))
    out = [
        Family(name, int(mask.sum()), shares.get(name, zero), method if mask.any() else "exact")
        for name, mask in groups.items()
    ]
    said = {id(r) for code in _spoken(a) for r in code.reports}
    out += [
        Family(POLITICS, len(said), shares.get(POLITICS, zero), method),
        Family(TIME, 0, shares.get(TIME, zero), method),
    ]
    rest = log_odds(a.weighed.outcomes) - log_odds(a.question.besides.base_rates)
    rest = rest - np.sum([family.log_odds for family in out], axis=0)
    if np.abs(rest).max() > ROUNDING:
        # without physical reports the fits have nothing to say but their error
        out.append(Family(MONTE_CARLO, 0, rest, "remainder"))
    return Families(out, {name: told[frozenset(heard) - {name}] for name in heard})


def shapley(players: list[str], value: Callable[[Coalition], np.ndarray]) -> dict[str, np.ndarray]:
    """Mean of what each player adds, over all orders in which they may come.

    Parameters
    ----------
    players : list of str
    value : callable
        Of a set of players; an array. Asked once for each set.

    Returns
    -------
    dict of array
        They sum to the value of all less the value of none.
    """
    worth = {s: value(s) for s in subsets(players)}
    n, out = len(players), {}
    for player in players:
        others = [s for s in worth if player not in s]
        weight = [factorial(len(s)) * factorial(n - len(s) - 1) / factorial(n) for s in others]
        added = [worth[s | {player}] - worth[s] for s in others]
        out[player] = np.tensordot(weight, added, axes=1)
    return out


def first_and_last(
    players: list[str], value: Callable[[Coalition], np.ndarray]
) -> dict[str, np.ndarray]:
    """Mean of what each player adds when it comes first and when it comes last.

    That is the Shapley value where players interact in pairs at most. What is left of the whole move
    is shared out in proportion to the size of the means, so that the shares sum.
    """
    none, every = frozenset[str](), frozenset(players)
    means = {
        p: (value(frozenset({p})) - value(none) + value(every) - value(every - {p})) / 2.0
        for p in players
    }
    rest = value(every) - value(none) - np.sum(list(means.values()), axis=0)
    size = np.sum([np.abs(m) for m in means.values()], axis=0)
    return {p: m + rest * np.abs(m) / np.maximum(size, 1e-300) for p, m in means.items()}


def physical_families(a: Assessment) -> dict[str, np.ndarray]:
    """Which observations belong to each physical family; dims (observation,), in the priors' order.

    Families without reports are named too.
    """
    q = a.question
    own = [q.priors.indicators[r.indicator].family for r in q.observations.reports]
    kinds = [i for i in q.priors.indicators.values() if i.tracks in ("remaining", "pace")]
    names = list(dict.fromkeys(i.family for i in kinds))
    if len(names) > MOST_PHYSICAL:
        kept = sorted(names, key=lambda name: -own.count(name))[: MOST_PHYSICAL - 1]
        names = [*(name for name in names if name in kept), OTHER]
        own = [name if name in kept else OTHER for name in own]
    return {name: np.array([n == name for n in own], dtype=bool) for name in names}


def _refit(teller: Teller) -> Refit:
    q = teller.base.question

    def refit(left_out: np.ndarray, effort: Effort) -> dict[str, Fitted]:
        rest = with_observations(q, q.observations.without(left_out))
        fitted = fit_each(rest, OUTCOMES, teller.sampler, effort, teller.base.fits)
        if effort.nearby:
            teller.heard_less(rest, fitted)
        return fitted

    return refit


def _players(a: Assessment, groups: dict[str, np.ndarray]) -> list[str]:
    """Families that have something to say; the others' shares are zero."""
    players = [name for name, mask in groups.items() if mask.any()]
    players += [POLITICS] if _spoken(a) else []
    return [*players, TIME] if a.question.view.day > 0 or _silences(a) else players


def _spoken(a: Assessment) -> tuple[Code, ...]:
    """Codes that a report or a fact of the case stands behind."""
    context = a.question.view.context
    return tuple(c for c in a.question.codes if c.known and (c.reports or c.indicator in context))


def _silences(a: Assessment) -> tuple[Code, ...]:
    """Codes that nothing stands behind but the days gone without a word."""
    spoken = _spoken(a)
    return tuple(c for c in a.question.codes if c.known and c not in spoken)


def _value(a: Assessment, told: dict[Coalition, Strength]) -> Callable[[Coalition], np.ndarray]:
    """Log odds of the outcomes given a set of families; dims (outcome,).

    Without the passage of time it is the day of the trigger: late events may happen from then on,
    no silence has lasted, and the codes are as fresh as those that were learned from.
    """
    q, spoken, silences = a.question, _spoken(a), _silences(a)
    nothing = told[frozenset()]

    def value(s: Coalition) -> np.ndarray:
        if not s:
            return log_odds(q.besides.base_rates)
        codes = (spoken if POLITICS in s else ()) + (silences if TIME in s else ())
        log = political_log_likelihood(codes, q.priors, q.view.day if TIME in s else 0)
        # a year from the trigger may have more late events than the base rates allow for
        besides = replace(q.besides, reach=np.inf).saying(np.array([log[o] for o in OUTCOMES]))
        strength = told[s - {POLITICS, TIME}]
        table = strength.now if TIME in s else strength.then
        before = nothing.now if TIME in s else nothing.then
        return log_odds(weigh(strength.log_z, table.chance, before.chance, besides).outcomes)

    return value
