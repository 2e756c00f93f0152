"""The primitive of every explanation: the same draws under another question.

Reweighted where Pareto-smoothed weights hold, fitted again where they do not; every answer says
which. Draws already reweighted are never reweighted again: a teller starts from a fit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import logsumexp

from drawdown.answers.assess import (
    Assessment,
    Question,
    assess,
    compile_sampler,
    foresee,
    prior_run,
)
from drawdown.answers.prior import PriorRun
from drawdown.answers.weigh import Table, Weighed, monte_carlo_error, tabulate, weigh
from drawdown.inference.reweight import MAX_KHAT, MIN_ESS, Reweighted, reweight
from drawdown.inference.sample import Sampler
from drawdown.model.hyper import Arrays
from drawdown.model.likelihood import State, log_chances_at, natural, pattern_terms
from drawdown.model.transport import carried
from drawdown.outcomes import OUTCOMES
from drawdown.seeds import stage_generator

STRUCTURE = ("gone_mu", "gone_sd", "together", "log_fate", "pattern_sign", "pattern_log")
"""Prior values that decide where a site ends; weights look well behaved there and are not
(docs/reweighting.md), so that a change of them is always fitted again."""


@dataclass(frozen=True)
class Answer:
    """The outcomes under a question, and how they were got.

    Attributes
    ----------
    question : Question
    weighed : Weighed
    log_z : dims (hypothesis,)
    table : Table
    method : str
        `exact` (nothing that was sampled changed), `reweighted` or `refitted`.
    khat : float
        Largest over the hypotheses; minus infinity where no weight was needed.
    ess : float
        Fewest effective draws of a hypothesis.
    mcse : dims (outcome,)
    """

    question: Question
    weighed: Weighed
    log_z: np.ndarray
    table: Table
    method: str
    khat: float
    ess: float
    mcse: np.ndarray

    @property
    def outcomes(self) -> np.ndarray:
        """Probability of each outcome, with the reserve; dims (outcome,)."""
        return self.weighed.outcomes


@dataclass(frozen=True)
class _Told:
    """Draws of one hypothesis under one question."""

    state: State
    log_chance: np.ndarray
    log_weight: np.ndarray


class Teller:
    """Answers other questions from the draws of one assessment.

    Parameters
    ----------
    a : Assessment
    sampler : callable, optional
        Gives a compiled sampler when the first refit asks for one.
    """

    def __init__(self, a: Assessment, sampler: Callable[[], Sampler] | None = None):
        self.base = a
        self._compile = sampler or (lambda: compile_sampler(a.question))
        self._runs: dict[str, tuple[Question, PriorRun]] = {}
        self._told = {h: self._tell(a.question, h, a.fits[h].draws.flat) for h in OUTCOMES}

    @cached_property
    def sampler(self) -> Sampler:
        """A sampler, compiled when first asked for."""
        return self._compile()

    def answer(self, q: Question, *, quick: bool = False) -> Answer:
        """Answer a question: from the draws where their weights hold, else by a refit."""
        told = self.reweighted(q)
        return told if self.holds(told) else self.refitted(q, quick=quick)

    def holds(self, told: Answer) -> bool:
        """Whether a reweighted answer is within the limits."""
        weighs = told.khat <= MAX_KHAT and told.ess >= MIN_ESS
        return weighs and not self._restructured(told.question)

    def refitted(self, q: Question, *, quick: bool = False) -> Answer:
        """Answer by fitting every hypothesis again."""
        same_shape = q.layout == self.base.question.layout
        sampler = self.sampler if same_shape else compile_sampler(q)
        a = assess(q, quick=quick, sampler=sampler)
        return Answer(q, a.weighed, a.log_z, a.table, "refitted", -np.inf, np.inf, a.mcse)

    def reweighted(self, q: Question) -> Answer:
        """Answer from the draws alone, whatever their weights are worth."""
        parts, outcomes, runs = [], [], {}
        for h in OUTCOMES:
            part, outcome = self._reweighted(q, h)
            parts.append(part)
            outcomes.append(outcome)
            runs[h] = self._prior_run(q, h)
        table = tabulate(outcomes, [part.weights for part in parts])
        prior = tabulate([runs[h].outcome for h in OUTCOMES], [runs[h].weights for h in OUTCOMES])
        a = self.base
        log_z = np.array(
            [
                a.fits[h].evidence.log + part.log_ratio - runs[h].log_region
                for h, part in zip(OUTCOMES, parts, strict=True)
            ]
        )
        se = [np.hypot(a.fits[h].evidence.se, p.se) for h, p in zip(OUTCOMES, parts, strict=True)]
        rng = stage_generator(q.seed, "monte carlo error")
        khat = max(part.khat for part in parts)
        return Answer(
            question=q,
            weighed=weigh(log_z, table.chance, prior.chance, q.besides),
            log_z=log_z,
            table=table,
            method="exact" if khat == -np.inf else "reweighted",
            khat=khat,
            ess=min(part.ess for part in parts),
            mcse=monte_carlo_error(log_z, np.array(se), table, prior, q.besides, rng),
        )

    def ratio(self, q: Question) -> np.ndarray:
        """Log of the marginal likelihood of each hypothesis under a question over the base's.

        Unsmoothed, and without the prior's region; dims (hypothesis,).
        """
        return np.array([self._weights(q, h)[0].log_ratio for h in OUTCOMES])

    def _reweighted(self, q: Question, h: str) -> tuple[Reweighted, np.ndarray]:
        part, told = self._weights(q, h)
        if told is None:
            return part, self.base.fits[h].outcome
        future = foresee(q, h, told.state, told.log_chance)
        return part, future.stands(q.horizon)

    def _weights(self, q: Question, h: str) -> tuple[Reweighted, _Told | None]:
        """Weights of the draws of one hypothesis; no draws where their futures are the base's."""
        base, own, z = self.base.question, self._told[h], self.base.fits[h].draws.flat
        if same_priors(q, base, h):
            if same_reports(q, base):
                even = reweight(np.zeros(len(z)))
                return even, None if same_late(q, base) else own
            told = self._retold(q, h, own)
            return reweight(told.log_weight - own.log_weight), told
        found = []
        for there, shift in carried(z, base.hyper[h], q.hyper[h], q.layout):
            told = self._tell(q, h, there)
            found.append((reweight(told.log_weight + shift - own.log_weight), told))
        return max(found, key=lambda pair: pair[0].ess)

    def _tell(self, q: Question, h: str, z: np.ndarray) -> _Told:
        state = natural(z, q.hyper[h], q.layout)
        chance = log_chances_at(z, q.hyper[h], q.observations.arrays, q.layout)
        return _weighed(q, h, state, chance)

    def _retold(self, q: Question, h: str, own: _Told) -> _Told:
        """The same draws given other reports; known chances are kept where only groups changed."""
        base = self.base.question
        if q.observations.reports is base.observations.reports and (
            q.observations.low is base.observations.low
        ):
            return _weighed(q, h, own.state, own.log_chance)
        chance = log_chances_at(
            self.base.fits[h].draws.flat, q.hyper[h], q.observations.arrays, q.layout
        )
        return _weighed(q, h, own.state, chance)

    def _prior_run(self, q: Question, h: str) -> PriorRun:
        base = self.base.question
        if same_priors(q, base, h) and same_late(q, base):
            return self.base.prior_runs[h]
        # one question after another is asked of the same day and judgements
        last, run = self._runs.get(h, (None, None))
        if last is None or run is None or not (same_priors(q, last, h) and same_late(q, last)):
            run = prior_run(q, h)
            self._runs[h] = q, run
        return run

    def _restructured(self, q: Question) -> bool:
        base = self.base.question
        return any(
            not np.array_equal(q.hyper[h][name], base.hyper[h][name])
            for h in OUTCOMES
            for name in STRUCTURE
        )


def _weighed(q: Question, h: str, state: State, chance: np.ndarray) -> _Told:
    terms = pattern_terms(state, q.hyper[h], q.observations.arrays, chance)
    return _Told(state, chance, logsumexp(terms, axis=1))


def same_priors(q: Question, other: Question, h: str) -> bool:
    """Whether two questions have the same prior values of a hypothesis."""
    return _same(q.hyper[h], other.hyper[h])


def same_reports(q: Question, other: Question) -> bool:
    """Whether the physical reports of two questions are the same numbers."""
    ours, theirs = q.observations.arrays, other.observations.arrays
    return ours is theirs or _same(ours, theirs)


def same_late(q: Question, other: Question) -> bool:
    """Whether the same may still happen after the date, and until the same horizon."""
    one, two = q.late, other.late
    hazards = (one.starts, one.returns) == (two.starts, two.returns)
    days = (q.view.day, q.horizon) == (other.view.day, other.horizon)
    return hazards and days and np.array_equal(one.closes, two.closes)


def _same(one: Arrays, other: Arrays) -> bool:
    return one is other or all(np.array_equal(one[name], other[name]) for name in one)
