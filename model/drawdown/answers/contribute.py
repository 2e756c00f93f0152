"""What carries the answer: each site and indicator left out, reweighted where that holds."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from drawdown.answers.assess import Assessment, Progress, fit_hypothesis, log_marginal
from drawdown.answers.simulate import simulate
from drawdown.answers.weigh import tabulate, weigh
from drawdown.inference.reweight import Reweighted, reweight
from drawdown.inference.sample import Sampler
from drawdown.model.likelihood import State, log_chances_at, natural, pattern_terms
from drawdown.model.observations import Observations
from drawdown.model.politics import political_log_likelihood
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator

NOT_COMPUTED = "not computed"
MOST_REFITS = 2
"""Each costs a fit of every hypothesis; what is left is named, not guessed."""


@dataclass(frozen=True)
class Contribution:
    """The answer less the answer without some reports, alone given the rest; does not sum.

    Attributes
    ----------
    site, indicator : str
    reports : int
    delta : dims (outcome,)
        Change of the probability that the reports make.
    method : str
        `reweighted`, `refitted`, `exact`, or `not computed` where reweighting does not hold and
        the run had no time to fit again.
    khat : float or None
    """

    site: str
    indicator: str
    reports: int
    delta: np.ndarray
    method: str
    khat: float | None


@dataclass(frozen=True)
class _Sample:
    """Draws of one hypothesis with their log chances, computed once."""

    state: State
    log_chance: np.ndarray
    log_weight: np.ndarray


def contributions(
    a: Assessment, sampler: Sampler, *, refit: bool = True, progress: Progress = lambda _: None
) -> list[Contribution]:
    """Leave out each site and indicator in turn, and each political indicator.

    Parameters
    ----------
    refit : bool
        Fit again where reweighting does not hold, the largest first.

    Returns
    -------
    list of Contribution
        Largest change of any outcome first.
    """
    q = a.question
    samples = {h: _sample(a, h) for h in OUTCOMES}
    keys = sorted({(r.site, r.indicator) for r in q.observations.reports})
    base = _answer_without(a, q.observations, samples)[0]
    out, beyond = [], []
    for site, indicator in keys:
        rows = np.array([(r.site, r.indicator) == (site, indicator) for r in q.observations.reports])
        rest = q.observations.without(rows)
        answer, parts = _answer_without(a, rest, samples)
        khat = max(part.khat for part in parts)
        found = Contribution(site, indicator, int(rows.sum()), base - answer, "reweighted", khat)
        if all(part.holds for part in parts):
            out.append(found)
        else:
            beyond.append((found, rest))
    # weights that do not hold still tell roughly where a refit is worth its minute
    beyond.sort(key=lambda pair: -np.abs(pair[0].delta).max())
    for i, (found, rest) in enumerate(beyond):
        if refit and i < MOST_REFITS:
            progress(f"Fitting again without {found.indicator} at {found.site}")
            delta = a.weighed.outcomes - _refitted(a, rest, sampler)
            out.append(replace(found, delta=delta, method="refitted"))
        else:
            out.append(replace(found, delta=np.zeros(len(OUTCOMES)), method=NOT_COMPUTED))
    out += _politics(a)
    return sorted(out, key=lambda c: (-np.abs(c.delta).max(), c.site, c.indicator))


def _sample(a: Assessment, h: str) -> _Sample:
    q, flat = a.question, a.fits[h].draws.flat
    state = natural(flat, q.hyper[h], q.layout)
    obs = q.observations.arrays
    chance = log_chances_at(flat, q.hyper[h], obs, q.layout)
    weight = logsumexp(pattern_terms(state, q.hyper[h], obs, chance), axis=1)
    return _Sample(state, chance, weight)


def _answer_without(
    a: Assessment, rest: Observations, samples: dict[str, _Sample]
) -> tuple[np.ndarray, list[Reweighted]]:
    q, parts, outcomes = a.question, [], []
    for h in OUTCOMES:
        s = samples[h]
        terms = pattern_terms(s.state, q.hyper[h], rest.arrays, s.log_chance)
        parts.append(reweight(logsumexp(terms, axis=1) - s.log_weight))
        # the same numbers for every selection, so that only the reports differ
        rng = stage_generator(q.seed, "left out", h)
        future = simulate(s.state, q.hyper[h], rest.arrays, q.late, q.view.day, rng, s.log_chance)
        outcomes.append(future.stands(q.horizon))
    table = tabulate(outcomes, [part.weights for part in parts])
    log_z = a.log_z + np.array([part.log_ratio for part in parts])
    return weigh(log_z, table.chance, a.prior_table.chance, q.besides).outcomes, parts


def _refitted(a: Assessment, rest: Observations, sampler: Sampler) -> np.ndarray:
    q = a.question
    # half the draws: the error of a difference of some points need not be that of the answer
    fits = {h: fit_hypothesis(q, rest, h, sampler, quick=True) for h in OUTCOMES}
    table = tabulate([fits[h].outcome for h in OUTCOMES])
    log_z = log_marginal(fits, a.prior_runs)
    return weigh(log_z, table.chance, a.prior_table.chance, q.besides).outcomes


def _politics(a: Assessment) -> list[Contribution]:
    """Each known code left out; exact, since the political strand is a sum."""
    q, out = a.question, []
    for code in q.codes:
        if not code.known:
            continue
        rest = tuple(c for c in q.codes if c is not code)
        log = political_log_likelihood(rest, q.priors, q.view.day)
        besides = q.besides.saying(np.array([log[o] for o in OUTCOMES]))
        answer = weigh(a.log_z, a.table.chance, a.prior_table.chance, besides)
        delta = a.weighed.outcomes - answer.outcomes
        reports = len(code.reports)
        out.append(Contribution("theatre", code.indicator, reports, delta, "exact", None))
    return out
